"""One promise: how its time came about, its story, and what may be done about it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yinuo.calendars.spans import Span
from yinuo.calendars.wording import span_text
from yinuo.kernel import clock
from yinuo.kernel.actor import current_actor
from yinuo.kernel.errors import Missing
from yinuo.promises import commands, queries
from yinuo.promises.models import Promise, PromiseChange
from yinuo.promises.rules.standard import Sense
from yinuo.promises.states import may
from yinuo.promises.wording import cost_text
from yinuo.web.forms import promises as forms
from yinuo.web.forms.base import PageForm, act, submit
from yinuo.web.render import go, render
from yinuo.web.routes import page


@dataclass(frozen=True)
class Verb:
    """Something a person may do to a promise: a button, a form, a command."""

    label: Any
    icon: str
    form: Callable[[Any], type[PageForm]]
    command: Callable[..., Any]
    done: Any
    fits: Callable[[Any], bool]


VERBS = {
    "renew": Verb(
        gettext_lazy("登记阶段答复"),
        "message",
        lambda p: forms.RenewForm,
        commands.renew_promise,
        gettext_lazy("已登记，下一次时限已重新起算"),
        lambda p: p.outstanding and p.spec.renews,
    ),
    "keep": Verb(
        gettext_lazy("登记履行"),
        "check",
        lambda p: forms.KeepForm,
        commands.keep_promise,
        gettext_lazy("已登记履行"),
        lambda p: p.outstanding and p.spec.sense is Sense.DEADLINE,
    ),
    "follow-up": Verb(
        gettext_lazy("登记这次，约下一次"),
        "check",
        lambda p: forms.FollowUpForm,
        commands.follow_up,
        gettext_lazy("已登记"),
        lambda p: p.outstanding and p.spec.sense is Sense.MINIMUM_GAP,
    ),
    "extend": Verb(
        gettext_lazy("申请延期"),
        "calendar-event",
        forms.extend_form,
        commands.request_extension,
        gettext_lazy("已提交审批；同意并告知客户后，新时限才生效"),
        lambda p: may("extend", p.state) and (p.span_seconds is None or p.spec.longest > p.amount),
    ),
    "pause": Verb(
        gettext_lazy("等待客户，暂停计时"),
        "player-pause",
        lambda p: forms.PauseForm,
        commands.pause_promise,
        gettext_lazy("已暂停；客户有回音时自动恢复"),
        lambda p: may("pause", p.state) and p.spec.pauses,
    ),
    "waive": Verb(
        gettext_lazy("申请豁免"),
        "ban",
        lambda p: forms.ReasonForm,
        commands.request_waiver,
        gettext_lazy("已提交审批"),
        lambda p: p.outstanding,
    ),
}


@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Three statements, and one for the calendar's words."""
    found = queries.promise(pk)
    if found is None:
        raise Missing(_("没有这项承诺，或您无权查看"))
    promise = found["promise"]
    handles = current_actor().may("promise.handle")
    asked = next((c for c in found["changes"] if c.state in ("pending", "approved")), None)
    cost = queries.cost_so_far(promise, clock.now())
    context = {
        "section": "promises",
        **found,
        "asked": asked,
        "verbs": [
            (name, verb)
            for name, verb in VERBS.items()
            if handles and verb.fits(promise) and not (asked and name in ("extend", "waive"))
        ],
        "may_resume": handles and promise.state == "paused",
        "may_make_good": handles
        and found["compensation"] is not None
        and found["compensation"].state != "settled"
        and (found["compensation"].kind != "compensation" or found["compensation"].to_pay_by_hand),
        "warn_at": promise.made_at if promise.warned else promise.due_at,
        "left": span_text(_left(promise)) if promise.state == "paused" else "",
        "target": span_text(Span.of(promise.clock, promise.amount)) if promise.span_seconds is not None else "",
        "cost_now": cost_text(cost) if cost and not found["compensation"] else "",
    }
    return render(request, "promises/show.jinja", context)


def _left(promise: Any) -> Span:
    return Span(promise.clock_kind, timedelta(seconds=promise.remaining_seconds or 0))


@require_http_methods(["GET", "POST"])
def verb(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """The form of one verb, on a page of its own or in the drawer."""
    promise = _promise(pk)
    found = VERBS.get(name)
    if found is None:
        raise Missing(_("没有这项操作"))
    form = found.form(promise).of(request, _initial(promise, name), version=promise.version)
    if name == "extend" and promise.span_seconds is not None:
        _explain_extension(form, promise)
    if sent := submit(request, form, found.command, stale=True, promise_id=pk):
        then = getattr(sent.result, "pk", pk) if name == "follow-up" else pk  # the next one, if it was planned
        return go(request, "promise", then, toast=str(found.done))
    return _small(request, promise, form, str(found.label))


def _initial(promise: Any, name: str) -> dict[str, Any]:
    if name == "extend" and promise.span_seconds is not None:
        return {"amount": next((a for a in promise.spec.extend_to if a > promise.amount), promise.amount)}
    return {}


def _explain_extension(form: PageForm, promise: Any) -> None:
    now = span_text(Span.of(promise.clock, promise.amount))
    most = span_text(Span.of(promise.clock, _initial(promise, "extend")["amount"]))
    form.fields["amount"].help_text = _("现在共 %(now)s，这次最多延长到共 %(most)s") % {"now": now, "most": most}


@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    act(request, commands.resume_promise, promise_id=pk)
    return go(request, "promise", pk, toast=_("已恢复计时"))


@require_http_methods(["GET", "POST"])
def tell(request: HttpRequest, pk: int) -> HttpResponse:
    """An approved extension holds once the customer has been told."""
    change = PromiseChange.objects.select_related("promise").filter(pk=pk).first()
    if change is None:
        raise Missing(_("没有这份申请，或您无权查看"))
    form = forms.TellForm.of(request)
    if sent := submit(request, form, commands.tell_extension, change_id=pk):
        lapsed = getattr(sent.result, "state", "") == PromiseChange.State.LAPSED
        toast = _("延期未生效，原因见这项承诺的记录") if lapsed else _("新时限已生效")
        return go(request, "promise", change.promise_id, toast=toast)
    return _small(request, change.promise, form, _("登记已告知客户"))


@require_http_methods(["GET", "POST"])
def make_good(request: HttpRequest, pk: int) -> HttpResponse:
    promise = _promise(pk)
    form = forms.MakeGoodForm.of(request)
    if request.method == "GET" and not queries.apologies_beside(promise).exists():
        del form.fields["others"]
    if submit(request, form, commands.make_good, promise_id=pk):
        if promise.matter and promise.matter.kind == "complaint":
            return go(request, "complaint", promise.matter_id, toast=_("已登记"))
        return go(request, "promise", pk, toast=_("已登记"))
    return _small(request, promise, form, _("登记致歉、补偿或支付"))


def _promise(pk: int) -> Any:
    found = Promise.objects.select_related("standard", "customer", "matter").filter(pk=pk).first()
    if found is None:
        raise Missing(_("没有这项承诺，或您无权查看"))
    return found


def _small(request: HttpRequest, promise: Any, form: PageForm, title: str) -> HttpResponse:
    context = {"section": "promises", "promise": promise, "form": form, "title": title}
    return render(request, "promises/small.jinja", context, part="small")


routes = [
    page("promises/<int:pk>/", show, needs="promise.read", name="promise"),
    page("promises/<int:pk>/resume/", resume, needs="promise.handle", name="promise_resume"),
    page("promises/<int:pk>/make-good/", make_good, needs="promise.handle", name="promise_make_good"),
    page("promises/changes/<int:pk>/tell/", tell, needs="promise.handle", name="promise_tell"),
    page("promises/<int:pk>/<slug:name>/", verb, needs="promise.handle", name="promise_verb"),
]
