"""Merging duplicates 并案: one complaint goes on, the customer is told once, nothing is lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from yinuo.complaints.commands.dropping import drop_offers, lock_approvals
from yinuo.complaints.commands.moving import entry, locked, make_move, require_stage, save, topics
from yinuo.complaints.commands.talking import require_text, tell_or_owe
from yinuo.complaints.models import Complaint, LeaderReception
from yinuo.complaints.rules.choices import ReceptionState
from yinuo.complaints.states import OURS
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Refused
from yinuo.kernel.events import emit
from yinuo.matters.commands import add_entry
from yinuo.matters.models import Task, TimelineEntry
from yinuo.promises.commands import carry_promises

MOST = 20
RUNNING = (ReceptionState.REQUESTED, ReceptionState.BOOKED)


@command("complaint.merge", needs="complaint.supervise")
def merge_complaints(
    *, complaint_ids: Sequence[int], into_id: int, reason: str, via: str = "", expected_version: int | None = None,
    by: Actor, at: datetime,
) -> Complaint:  # fmt: skip
    """Merge the duplicates `complaint_ids` of one customer into `into_id`. Their interactions appear on its timeline,
    their open tasks move to it, and one message tells the customer about all of them (on a channel that carries none,
    whoever handles it is asked to).
    """
    why = require_text(reason, "reason", _("请写明并案的原因"), 500)
    ids = sorted({int(i) for i in complaint_ids} - {into_id})
    if not ids or len(ids) > MOST:
        raise Invalid(_("请选择要并入的投诉（最多 20 件）"), fields={"complaint_ids": _("请选择要并入的投诉")})
    # approvals before complaints, as a decision locks them, and each kind in one order: no ring of waiters
    lock_approvals(*ids, into_id)
    rows = {pk: locked(pk) for pk in sorted([*ids, into_id])}
    into = rows.pop(into_id)
    if expected_version is not None:
        into = locked(into_id, expected_version)
    require_stage(into, *OURS)
    for row in rows.values():
        if row.matter.customer_id != into.matter.customer_id:
            raise Refused(_("只能合并同一位客户的投诉：%(number)s 属于另一位客户") % {"number": row.matter.number})
    for row in rows.values():
        _absorb(row, into, why, by, at)
    numbers = "、".join(r.matter.number for r in rows.values())
    words = _("您反映的 %(numbers)s 与 %(into)s 是同一件事，我们合并在 %(into)s 一起办理，您提供的材料都已保留。") % {
        "numbers": numbers, "into": into.matter.number
    }  # fmt: skip
    said = tell_or_owe(into, words, _("并入 %(numbers)s") % {"numbers": numbers}, via=via, by=by, at=at)
    save(into)
    entry(into, "merged_in", _("并入 %(numbers)s") % {"numbers": numbers}, interaction=said,
          public=True, by=by, at=at, data={"merged": ids, "reason": why})  # fmt: skip
    emit(
        "complaint.merged",
        topics=topics(into),
        matter_id=into.pk,
        merged_ids=ids,
        interaction_id=said.pk if said else None,
    )
    record(into, {"merged": ids}, matter_id=into.pk)
    return into


def _absorb(row: Complaint, into: Complaint, why: str, by: Actor, at: datetime) -> None:
    row.merged_into = into
    into.handler_ids = list(dict.fromkeys([*into.handler_ids, *row.handler_ids]))  # nor do they call back about it
    make_move(row, "merge", by=by, at=at, public=True, data={"into": into.pk, "reason": why},
              text=_("并入 %(number)s") % {"number": into.matter.number})  # fmt: skip
    drop_offers(row, at)
    _carry_over(row, into, by, at)
    seen = TimelineEntry.unscoped.filter(matter_id=row.pk, interaction__isnull=False).select_related("interaction")
    for old in seen.order_by("at", "pk"):
        add_entry(
            matter=into.matter, kind="merged_interaction", interaction=old.interaction, public=old.public, by=by,
            at=old.at,
            text=_("来自 %(number)s") % {"number": row.matter.number},
        )  # fmt: skip


def _carry_over(row: Complaint, into: Complaint, by: Actor, at: datetime) -> None:
    """What was asked of departments, what somebody told the customer they would do, and the leader's reception go on
    in `into`; what the standards made of the second case is released with it.
    """
    tasks = list(Task.unscoped.filter(matter_id=row.pk, state="open").values_list("pk", flat=True))
    Task.unscoped.filter(pk__in=tasks).update(matter=into.matter)
    asked = LeaderReception.unscoped.filter(complaint=into, state__in=RUNNING).exists()
    waiting = LeaderReception.unscoped.filter(complaint=row)
    if asked:  # one reception is asked for already; an appointment that was made stands
        said = _("已并入 %(number)s 一起接待") % {"number": into.matter.number}
        waiting.filter(state=ReceptionState.REQUESTED).update(state=ReceptionState.CANCELED, result=said)
    going = waiting.filter(state__in=RUNNING).update(complaint=into)
    carried = ("personal", "reception", "reception_day") if going else ("personal",)
    carry_promises(matter_id=row.pk, into_id=into.pk, task_ids=tasks, obligations=carried, by=by, at=at)
