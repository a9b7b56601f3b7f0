"""What is done to the rows one picked: one dialog for all, each row by its own command, and what became of each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from yinuo.complaints.commands import acknowledge
from yinuo.identity.queries import away, staff_choices
from yinuo.kernel import clock
from yinuo.kernel.actor import current_actor
from yinuo.kernel.errors import AlreadyDone, Invalid, Refused, YinuoError
from yinuo.kernel.tokens import sign, unsign
from yinuo.matters.commands import assign_matter, assign_task, complete_task
from yinuo.promises import commands as promises
from yinuo.promises.rules.snoozing import Wish
from yinuo.web.forms import bulk as forms
from yinuo.web.forms.base import PageForm, accepted
from yinuo.web.reads.picked import Picked, along, picked, whose
from yinuo.web.render import go, is_fragment, render, say
from yinuo.web.routes import page

UNDO_FOR = timedelta(minutes=15)
NOBODY = "none"


@dataclass(frozen=True)
class Verb:
    """`run` does it to one row; `undo` says what the way back needs to know of each row before it is done, by key, if
    there is a way back.
    """

    name: str
    title: Any
    form: type[PageForm]
    run: Callable[..., Any]
    done: Any
    needs: str
    about: Any = ""
    undo: Callable[[list[Picked]], dict[str, list[Any]]] | None = None


@dataclass(frozen=True)
class Outcome:
    row: Picked
    said: str = ""

    @property
    def ok(self) -> bool:
        return not self.said


def _snooze(row: Picked, once: str, **given: Any) -> None:
    if row.kind == "p":
        promises.snooze_promise(promise_id=row.pk, **given, once=once)
    elif row.kind == "t":
        promises.snooze_task(task_id=row.pk, **given, once=once)
    else:
        raise Refused(_("只能搁置承诺和任务"))


def _unsnooze(row: Picked, once: str) -> None:
    if row.kind == "t":
        promises.unsnooze_task(task_id=row.pk, once=once)
    else:
        promises.unsnooze_promise(promise_id=row.pk, once=once)


def _assign(row: Picked, once: str, *, to: int | None, reason: str) -> None:
    if row.kind == "p":
        promises.assign_promise(promise_id=row.pk, owner_id=to, reason=reason, expected_version=row.version, once=once)
    elif row.kind == "t":
        assign_task(task_id=row.pk, assignee_id=to, reason=reason, expected_version=row.version, once=once)
    else:
        assign_matter(matter_id=row.pk, owner_id=to, reason=reason, expected_version=row.version, once=once)


def _take_back(row: Picked, once: str, *, known: list[Any]) -> None:
    goes, owner_id, free_thread, others = known
    promises.take_back(
        kind=row.kind, row_id=row.pk, goes=goes, owner_id=owner_id, others=others, free_thread=bool(free_thread),
        expected_version=row.version, once=once,
    )  # fmt: skip


def _acknowledge(row: Picked, once: str) -> None:
    if not row.complaint:
        raise Refused(_("只有投诉要登记告知"))
    acknowledge(complaint_id=row.matter_id, once=once)


def _complete(row: Picked, once: str, *, result: str) -> None:
    if not row.task_id:
        raise Refused(_("这一行不是任务，请单独办理"))
    version = row.version if row.kind == "t" else None
    complete_task(task_id=row.task_id, result=result, expected_version=version, once=once)


VERBS = {
    verb.name: verb
    for verb in (
        Verb(
            "snooze", gettext_lazy("搁置"), forms.SnoozeForm, _snooze, gettext_lazy("已搁置 %(n)s 件"),
            "promise.handle", about=gettext_lazy("期限不变，到时间自己回来；最晚到系统提醒的时候。"),
            undo=lambda rows: {row.key: [] for row in rows},
        ),
        Verb(
            "assign", gettext_lazy("转给同事"), forms.HandForm, _assign, gettext_lazy("已转 %(n)s 件"), "matter.assign",
            undo=whose,
        ),
        Verb(
            "acknowledge", gettext_lazy("告知客户"), forms.ToldForm, _acknowledge,
            gettext_lazy("已登记告知 %(n)s 件"), "complaint.handle",
            about=gettext_lazy(
                "登记这些客户已经知道编号、由谁办理、何时再答复（电话里说过，或回执里写着）。不会另发消息；没人负责的归您办理。"
            ),
        ),
        Verb(
            "complete", gettext_lazy("完成任务"), forms.DoneForm, _complete, gettext_lazy("已完成 %(n)s 个任务"),
            "task.complete", about=gettext_lazy("付款类任务要凭证，请逐个办理。"),
        ),
    )
}  # fmt: skip


def _view(verb: Verb) -> Callable[..., HttpResponse]:
    @require_http_methods(["GET", "POST"])
    def act(request: HttpRequest) -> HttpResponse:
        rows = picked((request.POST if request.method == "POST" else request.GET).getlist("k"))
        if not rows and request.method == "GET" and not is_fragment(request):
            return go(request, "day", toast=_("请先选中要办的行"), tone="info")
        if not rows:
            raise Invalid(_("请先选中要办的行"))
        form = verb.form.of(request, _starts(request, verb))
        if isinstance(form, forms.HandForm):
            form.offer("to", _people())
        if request.method == "POST" and form.is_valid():
            before = verb.undo(rows) if verb.undo else {}
            outcomes = [attempt(verb.run, row, f"{form.once_key}:{row.key}", form.values()) for row in rows]
            accepted(request)
            return _answer(request, verb, outcomes, before)
        context = {"section": "day", "verb": verb, "form": form, "rows": rows}
        context["along"] = along(rows) if verb.name == "assign" else {}
        return render(request, "bulk/form.jinja", context, part="panel")

    return act


def _starts(request: HttpRequest, verb: Verb) -> dict[str, Any]:
    return {"to": request.GET.get("to", "")} if verb.name == "assign" else {"wish": Wish.LATEST}


def _people() -> list[tuple[str, str]]:
    """Everybody work can be given to; who is away today is said."""
    gone = set(away(clock.now()).values_list("staff_id", flat=True))
    found = [("", _("请选择")), (NOBODY, _("没人负责"))]
    for s in staff_choices():
        found.append((str(s.pk), f"{s.name}  {s.unit.name}" + (_("（今天不在岗）") if s.pk in gone else "")))
    return found


def attempt(run: Callable[..., Any], row: Picked, once: str, given: dict[str, Any]) -> Outcome:
    """One row: done, done already by the first of two clicks, or the sentence why not."""
    try:
        run(row, once, **given)
    except AlreadyDone:
        return Outcome(row)
    except YinuoError as wrong:
        return Outcome(row, next(iter((wrong.fields or {}).values()), "") or wrong.message)
    return Outcome(row)


def _answer(
    request: HttpRequest, verb: Verb, outcomes: list[Outcome], before: dict[str, list[Any]]
) -> HttpResponse:  # fmt: skip
    good = [o for o in outcomes if o.ok]
    token = ""
    if before and good:
        back = [[row.seen, *before[row.key]] for row in picked(o.row.key for o in good)]  # in the version it has now
        token = sign("bulk.undo", [current_actor().staff_id, verb.name, back], clock.now() + UNDO_FOR)
    said = str(verb.done) % {"n": len(good)}
    if len(good) < len(outcomes):
        context = {"section": "day", "verb": verb, "outcomes": outcomes, "good": len(good), "token": token}
        return render(request, "bulk/result.jinja", context, part="panel", trigger={"changed": {}})
    if not is_fragment(request):
        return go(request, "day", toast=said)
    if not token:
        return say(said, done={})
    return say("", done={}, undo={"text": said, "href": reverse("bulk_undo"), "token": token})


@require_POST
def unsnooze(request: HttpRequest) -> HttpResponse:
    """Take rows up again before their time."""
    once = request.POST.get("once") or ""
    outcomes = [attempt(_unsnooze, row, once and f"{once}:{row.key}", {}) for row in picked(request.POST.getlist("k"))]
    return _back(request, outcomes, _("已取消搁置 %(n)s 件"), then="day")


@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Put back what was just done, as far as nobody has changed it since."""
    staff_id, name, back = unsign("bulk.undo", request.POST.get("token", ""))
    if staff_id != current_actor().staff_id:
        raise Refused(_("只能撤销自己刚做的"))
    once = f"undo:{request.POST['token'][-40:]}"
    before = {seen: known for seen, *known in back}
    rows = picked(before)
    if name == "snooze":
        outcomes = [attempt(_unsnooze, row, f"{once}:{row.key}", {}) for row in rows]
    else:
        outcomes = [attempt(_take_back, row, f"{once}:{row.key}", {"known": before[row.seen]}) for row in rows]
    return _back(request, outcomes, _("已撤销 %(n)s 件"), then="day")


def _back(request: HttpRequest, outcomes: list[Outcome], pattern: str, *, then: str) -> HttpResponse:
    bad = [o for o in outcomes if not o.ok]
    said = pattern % {"n": len(outcomes) - len(bad)}
    if bad:
        said += "；" + _("%(n)s 件未成功：%(why)s") % {"n": len(bad), "why": bad[0].said}
    if is_fragment(request):
        return say(said, tone="danger" if bad else "success", changed={})
    return go(request, then, toast=said, tone="danger" if bad else "success")


routes = [
    *(page(f"bulk/{v.name}/", _view(v), needs=v.needs, name=f"bulk_{v.name}") for v in VERBS.values()),
    page("bulk/unsnooze/", unsnooze, needs=("promise.handle", "task.complete"), name="bulk_unsnooze"),
    page("bulk/undo/", undo, needs=("promise.handle", "matter.assign"), name="bulk_undo"),
]
