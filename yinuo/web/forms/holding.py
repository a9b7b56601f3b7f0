"""Forms whose words go out later: after seconds for second thoughts, at a chosen time, or once a supervisor agrees."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from yinuo.calendars.queries import calendar_for
from yinuo.conversations.holding import place
from yinuo.conversations.models import HeldMessage
from yinuo.kernel import clock
from yinuo.kernel.actor import current_actor
from yinuo.kernel.clock import CST, of_our_time
from yinuo.kernel.errors import AlreadyDone, Invalid, YinuoError
from yinuo.promises.models import Promise
from yinuo.web.forms.base import PageForm, let_it_pass, submit

Kind = HeldMessage.Kind
#: A promise due so soon is kept by sending at once: nobody's second thoughts may break it.
NEAR = timedelta(seconds=90)


@dataclass(frozen=True)
class Said:
    """What became of an answer: `held` is the row that waits, None when it has gone out."""

    held: Any = None
    result: Any = None


def say(
    request: HttpRequest, form: PageForm, command: Callable[..., Any], name: str, *, page: str,
    matter_id: int | None = None, conversation_id: int | None = None, **fixed: Any,
) -> Said | None:  # fmt: skip
    """Send an answer, now or later, as the form asks; None means: show the form again."""
    if request.method != "POST" or not form.is_valid() or form.unseen():
        return None
    asked = request.POST.get("wording") == "ask"
    if conversation_id:
        fixed["conversation_id"] = conversation_id
    try:
        due, kind = (clock.now(), Kind.ASKED) if asked else _due(request, matter_id, conversation_id)
        if due is None:
            sent = submit(request, form, command, **fixed)
            return Said(result=sent.result) if sent else None
        if request.POST.get("wording") == "pass":
            let_it_pass(form)
        values = {**form.values(), **fixed}
        held = place(
            command=name, values=values, text=values["text"], kind=kind, due_at=due,
            reason=request.POST.get("wording_reason", ""), matter_id=matter_id, conversation_id=conversation_id,
            page=page, draft_key=request.POST.get("draft_key", ""), once=form.once_key,
        )  # fmt: skip
    except AlreadyDone as done:
        return Said(held=HeldMessage.objects.filter(pk=done.result).first())
    except YinuoError as wrong:
        form.refuse(wrong)
        form.blocked = form.blocked or asked
        return None
    form.forget_draft()
    return Said(held=held)


def _due(request: HttpRequest, matter_id: int | None, conversation_id: int | None) -> tuple[datetime | None, Kind]:
    """When it is to go out; None: now."""
    now = clock.now()
    if request.POST.get("when") == "later":
        return chosen(request.POST.get("later", ""), request.POST.get("send_at", ""), now), Kind.LATER
    if not settings.SEND_HOLD_SECONDS:
        return None, Kind.UNDO
    about = {"matter_id": matter_id} if matter_id else {"conversation_id": conversation_id}
    if Promise.objects.filter(**about, outstanding=True, due_at__gt=now, due_at__lte=now + NEAR).exists():
        return None, Kind.UNDO
    return now + timedelta(seconds=settings.SEND_HOLD_SECONDS), Kind.UNDO


def chosen(choice: str, own: str, now: datetime) -> datetime:
    """The moment a choice means; `own` is a local time."""
    calendar = calendar_for(current_actor().unit_id).assuming_plain_weeks()
    today = now.astimezone(CST).date()
    if choice == "closing":
        found = calendar.close_of(today) - timedelta(minutes=15)
        if found <= now:
            sentence = _("今天已经下班，请选别的时间")
            raise Invalid(sentence, fields={"send_at": sentence})
        return found
    if choice == "morning":
        day = next(d for n in range(1, 400) if calendar.is_working(d := today + timedelta(days=n)))
        minutes = calendar.hours(day)[0][0]
        return datetime(day.year, day.month, day.day, minutes // 60, minutes % 60, tzinfo=CST)
    try:
        given = parse_datetime(own[:40])
    except ValueError:
        given = None
    if given is None or not of_our_time(given):
        sentence = _("请填写发送的时间")
        raise Invalid(sentence, fields={"send_at": sentence})
    return given.replace(tzinfo=CST) if given.tzinfo is None else given


def refill(request: HttpRequest, form: PageForm) -> None:
    """Words taken back stand in the form again, with their fields and files."""
    number = request.GET.get("recalled", "")
    if form.is_bound or not number.isdecimal() or len(number) > 17:
        return
    states = (HeldMessage.State.RECALLED, HeldMessage.State.RETURNED)
    row = HeldMessage.objects.filter(
        pk=int(number), author_id=current_actor().staff_key, state__in=states
    ).first()  # fmt: skip
    if row is None or "text" not in form.fields:
        return
    form.initial = {**form.initial, **{k: v for k, v in row.values.items() if k in form.fields}}
    form.refilled = True
    if row.upload_key:
        form.upload_key = row.upload_key


__all__ = ["Said", "chosen", "refill", "say"]
