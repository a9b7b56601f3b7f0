"""Days agreed on: a leader's reception, the check whether it happened again. Wired in `reactions.py`."""

from datetime import datetime

from django.utils.translation import gettext as _

from yinuo.calendars.wording import moment_text
from yinuo.jobs.promise_reactions import as_promises
from yinuo.kernel.actor import Actor
from yinuo.kernel.clock import CST
from yinuo.kernel.work import Event
from yinuo.promises import commands


@as_promises
def reception_booked(event: Event, at: datetime, by: Actor) -> None:
    """The leader is reminded on the day, and the result is owed after it. Booking again moves that."""
    data, row = event.data, f"reception:{event.data['reception_id']}"
    starts_at = datetime.fromisoformat(data["starts_at"]).astimezone(CST)
    why, number = _("改约"), data["matter_id"]
    commands.release_promises(matter_id=number, only=("reception_day",), row=row, reason=why, by=by, at=at)
    facts = {"about": row, "owner_id": data["leader_id"], "day": str(starts_at.date()), "what": moment_text(starts_at)}
    commands.make_promises(trigger="reception.booked", matter_id=number, facts=facts, by=by, at=at)


@as_promises
def correction_planned(event: Event, at: datetime, by: Actor) -> None:
    """The check whether it happened again is owed by its date, by whoever answers for the measure; and where something
    had happened again, the new measure that was owed is there now.
    """
    facts = {name: event.data[name] for name in ("owner_id", "check_on", "what")}
    facts["about"] = f"corrective:{event.data['corrective_id']}"
    number = event.data["matter_id"]
    commands.meet_promises(happening="correction.planned", matter_id=number, by=by, at=at)
    commands.make_promises(trigger="correction.planned", matter_id=number, facts=facts, by=by, at=at)


@as_promises
def recurrence_checked(event: Event, at: datetime, by: Actor) -> None:
    """Checked. What did not help is followed by a new measure, owed by the same person."""
    row, number = f"corrective:{event.data['corrective_id']}", event.data["matter_id"]
    commands.meet_promises(happening="recurrence.checked", matter_id=number, row=row, by=by, at=at)
    if event.data["recurrence"] == "recurred":
        facts = {"about": row, "owner_id": event.data["owner_id"], "what": event.data["what"]}
        commands.make_promises(trigger="correction.recurred", matter_id=number, facts=facts, by=by, at=at)


@as_promises
def reception_over(event: Event, at: datetime, by: Actor) -> None:
    """The customer did not come, or wants it no longer: the time we were to find is not owed any more."""
    number = event.data["matter_id"]
    commands.release_promises(
        matter_id=number, only=("reception", "reception_day"), reason=_("接待已取消或客户未到"), by=by, at=at
    )
