"""Words that wait to go out: shown where they belong and in a list of one's own; taken back, or given another time."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yinuo.conversations import holding, queries
from yinuo.conversations.models import Conversation, HeldMessage
from yinuo.kernel import clock
from yinuo.kernel.actor import current_actor
from yinuo.kernel.errors import Missing
from yinuo.matters.models import Matter
from yinuo.web.formats import moment
from yinuo.web.forms.base import act
from yinuo.web.forms.holding import Said, chosen
from yinuo.web.listing import Column, Filter, Listing, Sort
from yinuo.web.render import go, render
from yinuo.web.routes import SIGNED_IN, page

Kind, State = HeldMessage.Kind, HeldMessage.State
TONES = {"waiting": "soon", "asked": "paused", "sent": "ok", "recalled": "kept", "returned": "late"}


def after_saying(request: HttpRequest, said: Said, here: str, done: str) -> HttpResponse:
    """Back to the page it was said on; for a few seconds the toast offers to take it back."""
    row = said.held
    if row is None:
        return go(request, here, toast=done)
    if row.kind == Kind.ASKED:
        return go(request, here, toast=_("已请主管同意，同意后自动发出"))
    if row.kind == Kind.LATER:
        return go(request, here, toast=_("将于 %(when)s 发出") % {"when": moment(row.due_at)})
    left = max(1, round((row.due_at - clock.now()) / timedelta(seconds=1)))
    undo = {"href": reverse("hold_recall", args=[row.pk]), "seconds": left}
    return go(request, here, toast=_("%(n)d 秒后发出") % {"n": left}, undo=undo)


@require_GET
def waiting(request: HttpRequest) -> HttpResponse:
    """What waits in one case or conversation."""
    rows: list[Any] = []
    matter, talk = _number(request.GET.get("matter", "")), _number(request.GET.get("conversation", ""))
    if matter and Matter.objects.filter(pk=matter).exists():
        rows = queries.held_for(matter_id=matter)
    elif talk and Conversation.objects.filter(pk=talk).exists():
        rows = queries.held_for(conversation_id=talk)
    return render(request, "holds/waiting.jinja", {"rows": rows}, part="rows")


def _number(given: str) -> int:
    return int(given) if given.isdecimal() and len(given) < 18 else 0


@require_GET
def outbox(request: HttpRequest) -> HttpResponse:
    """One's own words that wait, and what became of the others. Two statements."""
    found = Listing(
        request,
        queries.held_by(current_actor().staff_key),
        sorts=(Sort("new", _("最新"), "-pk"), Sort("new-", _("最早"), "pk")),
        filters=(Filter("state", _("状态"), State.choices, lambda rows, v: rows.filter(state=v)),),
        columns=(
            Column(_("内容")),
            Column(_("状态")),
            Column(_("时间")),
            Column(""),
        ),
        empty=_("没有待发的消息。写好答复后选“稍后发送”，会出现在这里。"),
    )
    return render(request, "holds/outbox.jinja", {"section": "day", "listing": found, "tones": TONES}, part="rows")


@require_POST
def recall(request: HttpRequest, pk: int) -> HttpResponse:
    """Back into the editor it came from."""
    act(request, holding.recall, hold_id=pk)
    row = HeldMessage.objects.filter(pk=pk).first()
    if row is None:
        raise Missing(_("没有这条待发的消息，或它不是您的"))
    back = row.page or reverse("outbox")
    return go(request, f"{back}?recalled={pk}", toast=_("已撤回，没有发出；内容在编辑框里"))


@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    when = chosen("", request.POST.get("send_at", ""), clock.now())
    act(request, holding.change_time, hold_id=pk, send_at=when)
    return go(request, "outbox", toast=_("将于 %(when)s 发出") % {"when": moment(when)})


routes = [
    page("outbox/", outbox, needs=SIGNED_IN, name="outbox"),
    page("holds/", waiting, needs=("matter.read", "conversation.read"), name="holds"),
    page("holds/<int:pk>/recall/", recall, needs=SIGNED_IN, name="hold_recall"),
    page("holds/<int:pk>/time/", change, needs=SIGNED_IN, name="hold_change"),
]
