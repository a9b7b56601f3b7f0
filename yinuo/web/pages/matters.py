"""All matters in one list, and the page of a plain matter (enquiry, suggestion, praise)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yinuo.conversations.commands import queue_reply
from yinuo.conversations.models import Channel
from yinuo.conversations.queries import held_for
from yinuo.identity.queries import staff_choices
from yinuo.identity.queries import units as all_units
from yinuo.kernel.actor import current_actor
from yinuo.kernel.errors import Missing
from yinuo.matters import commands, plain, queries
from yinuo.matters.models import Matter
from yinuo.promises.models import Promise
from yinuo.web.forms.base import act, submit
from yinuo.web.forms.holding import refill, say
from yinuo.web.forms.matters import AssignForm, FinishForm, NoteForm, ReopenForm, ReplyForm, TaskForm
from yinuo.web.listing import Column, Filter, Listing, Sort
from yinuo.web.pages.holds import after_saying
from yinuo.web.pages.matter_story import asked, older, part, story
from yinuo.web.reads.answering import About
from yinuo.web.reads.ways import way
from yinuo.web.render import go, render
from yinuo.web.routes import page
from yinuo.web.shell import address

TRADE_PAGES = {"complaint": "complaint"}


def listing(request: HttpRequest) -> HttpResponse:
    """Every kind of matter. Two statements."""
    found = Listing(
        request,
        lambda: Matter.objects.select_related("customer", "owner").defer("search"),
        plan="matters",
        placeholder=_("单号、标题、客户、电话后四位"),
        search=queries.narrowed,
        sorts=(Sort("new", _("最新"), "-opened_at"), Sort("new-", _("最早"), "opened_at")),
        filters=(
            Filter(
                "open",
                _("状态"),
                (("1", _("未办结")), ("0", _("已办结"))),
                lambda rows, v: rows.filter(open=v == "1"),
                default="1",
            ),
            Filter("kind", _("类型"), Matter.Kind.choices, lambda rows, v: rows.filter(kind=v)),
            Filter(
                "whose",
                _("归属"),
                (("me", _("我的")), ("none", _("没人负责"))),
                lambda rows, v: rows.filter(owner_id=current_actor().staff_key if v == "me" else None),
            ),
        ),
        columns=(
            Column(_("事项")),
            Column(_("类型")),
            Column(_("客户")),
            Column(_("负责人"), wide=True),
            Column(_("登记"), sort="new", cls="nowrap"),
        ),
        empty=_("还没有事项。从收件箱的会话里可以登记。"),
    )
    kinds = [kind for kind in Matter.Kind.values if found.chosen.get("kind") in (kind, None)]
    return render(request, "matters/list.jinja", {"section": "matters", "listing": found, "kinds": kinds})


def matter(request: HttpRequest, pk: int) -> HttpResponse:
    """A plain matter; a trade's matter has its own page."""
    row = _matter(pk)
    if row.kind in TRADE_PAGES:
        return go(request, TRADE_PAGES[row.kind], pk)
    return render(request, "matters/matter.jinja", _context(request, row))


def live(request: HttpRequest, pk: int) -> HttpResponse:
    """Head, story, tasks and promises, for the open page to fetch again in one request when something happens."""
    return render(request, "matters/live.jinja", _context(request, _matter(pk)))


def earlier(request: HttpRequest, pk: int) -> HttpResponse:
    """Older entries of the story, beneath those that are there; without scripts on a page of their own."""
    row, found = _matter(pk), older(request, pk)
    context = {"section": "matters", "title": row.title, "back": ("matter", pk), "where": "matter_story"}
    return render(
        request, "matters/older.jinja", {**context, "entries": story(found.entries, {}), "story": found}, part="older"
    )


def _matter(pk: int) -> Any:
    row = Matter.objects.select_related("customer", "owner", "unit", "conversation__identity").filter(pk=pk).first()
    if row is None:
        raise Missing(_("没有这个事项，或您无权查看"))
    return row


def _context(request: HttpRequest, row: Any) -> dict[str, Any]:
    held = held_for(matter_id=row.pk)
    shown = part(request, queries.timeline(row.pk, limit=asked(request)))
    return {
        "section": "matters",
        "matter": row,
        "held": held,
        "entries": story(shown.entries, {}, held),
        "story": shown,
        "way": way(About(matter=row)) if _answers(row) else None,
        "tasks": queries.tasks_of(matter_id=row.pk),
        "promises": list(Promise.objects.filter(matter_id=row.pk).order_by("-outstanding", "due_at")[:20]),
        "form": _reply_form(request),
        "promise_new": address("promise_new"),
    }


def _answers(row: Any) -> bool:
    """Whether its page has an editor for this person."""
    able = row.open and current_actor().may("conversation.reply")
    return bool(able and row.conversation and row.conversation.channel != Channel.NOTE)


def _reply_form(request: HttpRequest) -> ReplyForm:
    form = ReplyForm.of(request)
    form.later = True
    refill(request, form)
    return form


def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer the customer on the channel of the matter's conversation."""
    row = _matter(pk)
    form = ReplyForm.of(request)
    if row.conversation_id is None or row.conversation.channel == "note":
        return note(request, pk)
    form.later = True
    here = reverse("matter", args=[pk])
    said = say(
        request, form, queue_reply, "conversation.reply", page=here, matter_id=pk, conversation_id=row.conversation_id
    )
    if said:
        return after_saying(request, said, here, _("回复已记下"))
    return _small(request, row, form, _("回复客户"), draft=f"matter-reply:{pk}")


def note(request: HttpRequest, pk: int) -> HttpResponse:
    form = NoteForm.of(request)
    if submit(request, form, commands.add_note, matter_id=pk):
        return go(request, "matter", pk, toast=_("已记下"))
    return _small(request, _matter(pk), form, _("内部记录"), draft=f"matter-note:{pk}")


def task(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask a department or a colleague."""
    form = TaskForm.of(request)
    form.offer("unit_id", [("", _("不派给部门")), *((u.pk, u.name) for u in all_units())])
    form.offer("assignee_id", [("", _("部门内谁都可以")), *((s.pk, s.name) for s in staff_choices())])
    if submit(request, form, commands.create_task, matter_id=pk):
        return go(request, "matter", pk, toast=_("任务已派出"))
    return _small(request, _matter(pk), form, _("派任务"))


def assign(request: HttpRequest, pk: int) -> HttpResponse:
    row = _matter(pk)
    form = AssignForm.of(request, {"owner_id": row.owner_id}, version=row.version)
    form.offer("owner_id", [(s.pk, f"{s.name}  {s.unit.name}") for s in staff_choices()])
    if submit(request, form, commands.assign_matter, stale=True, matter_id=pk):
        return go(request, "matter", pk, toast=_("负责人已改"))
    return _small(request, row, form, _("换负责人"))


@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    version = request.POST.get("version", "")
    act(
        request,
        commands.assign_matter,
        matter_id=pk,
        owner_id=current_actor().staff_id,
        expected_version=int(version) if version.isdecimal() else 0,
    )
    return go(request, "matter", pk, toast=_("已领到您名下"))


def finish(request: HttpRequest, pk: int) -> HttpResponse:
    row = _matter(pk)
    form = FinishForm.of(request, version=row.version)
    if submit(request, form, plain.finish_matter, stale=True, matter_id=pk):
        return go(request, "matter", pk, toast=_("事项已办结"))
    return _small(request, row, form, _("办结"), draft=f"matter-finish:{pk}")


def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    form = ReopenForm.of(request)
    if submit(request, form, plain.reopen_matter, matter_id=pk):
        return go(request, "matter", pk, toast=_("已重新办理"))
    return _small(request, _matter(pk), form, _("重新办理"))


def _small(request: HttpRequest, row: Any, form: Any, title: str, draft: str = "") -> HttpResponse:
    context = {"section": "matters", "matter": row, "form": form, "title": title, "draft": draft}
    return render(request, "matters/small.jinja", context, part="small")


routes = [
    page("matters/", listing, needs="matter.read", name="matters"),
    page("matters/<int:pk>/", matter, needs="matter.read", name="matter"),
    page("matters/<int:pk>/live/", live, needs="matter.read", name="matter_live"),
    page("matters/<int:pk>/story/", earlier, needs="matter.read", name="matter_story"),
    page("matters/<int:pk>/reply/", reply, needs="conversation.reply", name="matter_reply"),
    page("matters/<int:pk>/note/", note, needs="matter.handle", name="matter_note"),
    page("matters/<int:pk>/task/", task, needs="task.create", name="matter_task"),
    page("matters/<int:pk>/assign/", assign, needs="matter.handle", name="matter_assign"),
    page("matters/<int:pk>/take/", take, needs="matter.handle", name="matter_take"),
    page("matters/<int:pk>/finish/", finish, needs="matter.handle", name="matter_finish"),
    page("matters/<int:pk>/reopen/", reopen, needs="matter.handle", name="matter_reopen"),
]
