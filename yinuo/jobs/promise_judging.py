"""A complaint was judged (anew): what its standards ask may be different now. Wired in `reactions.py`."""

from datetime import datetime

from django.db.models import Max

from yinuo.complaints.models import Complaint
from yinuo.complaints.rules.conditions import for_standards
from yinuo.complaints.states import Stage, step_of
from yinuo.conversations.models import Interaction
from yinuo.jobs.promise_reactions import as_promises
from yinuo.kernel.actor import Actor
from yinuo.kernel.work import Event
from yinuo.matters.models import TimelineEntry
from yinuo.promises import commands

BEGUN_AGAIN = ("reopen", "overturn")


@as_promises
def judged_anew(event: Event, at: datetime, by: Actor) -> None:
    """Kind, severity or complexity changed: standards for other cases let go, those for this one take hold."""
    held, number = event.data["held"], event.data["matter_id"]
    row = Complaint.unscoped.select_related("matter").defer("search", "matter__search").get(pk=number)
    if held != for_standards(row):
        commands.reconsider_promises(
            trigger="complaint.received", matter_id=number, before=held, after=for_standards(row),
            since=_began(row), done=_done(row), by=by, at=at,
        )  # fmt: skip


def _began(row: Complaint) -> datetime:
    """When this round of the case began: the first when the complaint was received, however late it was registered."""
    rounds = TimelineEntry.unscoped.filter(matter=row.pk, kind="stage", data__move__in=BEGUN_AGAIN)
    last: datetime | None = rounds.aggregate(last=Max("at"))["last"] if row.reopened else None
    return last or row.received_at


def _done(row: Complaint) -> dict[str, datetime]:
    """What has happened already of all that fulfils promises about a complaint, each with the last time it did."""
    said = Interaction.unscoped.filter(conversation=row.matter.conversation_id, direction="out", author__isnull=False)
    in_thread = said.exclude(channel="note").aggregate(last=Max("at"))["last"]
    told = step_of(row.stage) >= step_of(Stage.OFFERED)
    times = {
        "reply": max(filter(None, (in_thread, row.last_reply_at)), default=None),
        "complaint.acknowledged": row.acknowledged_at,
        "complaint.decided": row.stage_since if told else None,
    }
    return {name: when for name, when in times.items() if when}
