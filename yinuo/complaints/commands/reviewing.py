"""Review 复核: somebody who did not handle the case looks again."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from yinuo.complaints.commands.closing import again
from yinuo.complaints.commands.moving import entry, locked, require_stage, save, topics
from yinuo.complaints.commands.talking import require_text, tell_or_owe
from yinuo.complaints.models import Complaint, Review
from yinuo.complaints.rules.choices import ReviewState
from yinuo.complaints.rules.people import may_review
from yinuo.complaints.states import MOVES, Stage
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Missing, Refused
from yinuo.kernel.events import emit

#: From the first judgement on there is something to look at again.
REVIEWABLE = frozenset(Stage) - {Stage.RECEIVED, Stage.ACKNOWLEDGED, Stage.MERGED, Stage.WITHDRAWN}


@command("complaint.request_review", needs="complaint.handle")
def request_review(
    *, complaint_id: int, reason: str, asked_by: str = "", expected_version: int | None = None, by: Actor, at: datetime
) -> Review:
    """Asked by one of us, or by the customer through us (`asked_by`: who)."""
    return _request(locked(complaint_id, expected_version), reason, asked_by or by.name, by, at)


@command("complaint.request_own_review", needs="portal.use")
def request_own_review(*, complaint_id: int, reason: str, by: Actor, at: datetime) -> Review:
    """The customer asks that somebody else looks again."""
    return _request(locked(complaint_id), reason, by.name, by, at)


def _request(row: Complaint, reason: str, asked_by: str, by: Actor, at: datetime) -> Review:
    require_stage(row, *REVIEWABLE)
    why = require_text(reason, "reason", _("请写明申请复核的理由"))
    if Review.unscoped.filter(complaint=row, state=ReviewState.PENDING).exists():
        raise Refused(_("已有一份复核申请在处理"), code="pending")
    made: Review = Review.unscoped.create(complaint=row, asked_by=asked_by[:80], reason=why, at=at, by_id=by.staff_id)
    save(row)
    # The line is one the customer may read: their own reason belongs there, a colleague's does not.
    said = _("申请复核：%(why)s") % {"why": why[:200]} if by.kind == "customer" else _("申请复核")
    entry(row, "review_requested", said, by=by, at=at, public=True, data={"review": made.pk, "reason": why})
    emit("complaint.review_requested", topics=topics(row), matter_id=row.pk, review_id=made.pk)
    record(made, {}, matter_id=row.pk)
    return made


@command("complaint.decide_review", needs="complaint.review")
def decide_review(
    *,
    review_id: int,
    overturned: bool,
    decision: str,
    tell_customer: bool = True,
    via: str = "",
    by: Actor,
    at: datetime,
) -> Review:
    """维持 or 改判, by a person who did not handle the case. 改判 of an ended case opens it again at 调查."""
    found = Review.objects.filter(pk=review_id).first()
    if found is None:
        raise Missing(_("没有这份复核申请，或您无权查看"))
    row = locked(found.complaint_id)
    found.refresh_from_db()
    if found.state != ReviewState.PENDING:
        raise Refused(_("这份复核已经有决定"), code="decided")
    handlers = [*row.handler_ids, *([row.matter.owner_id] if row.matter.owner_id else [])]
    if not may_review(by.staff_id, handlers):
        raise Refused(_("复核须由未经办此件投诉的人进行"), code="handled_it")
    found.decision = require_text(decision, "decision", _("请写明复核意见"))
    found.state = ReviewState.OVERTURNED if overturned else ReviewState.UPHELD
    found.reviewer_id, found.decided_at = by.staff_id, at
    found.save()
    if overturned and row.stage in MOVES["overturn"].frm:
        again(row, "overturn", found.decision, by, at)
    else:
        save(row)
    result = _("复核结果：%(state)s") % {"state": found.get_state_display()}
    said = tell_or_owe(row, found.decision, result, via=via, field="decision", by=by, at=at) if tell_customer else None
    entry(row, "review_decided", result, by=by, at=at,
          public=tell_customer, interaction=said, data={"review": found.pk})  # fmt: skip
    emit("complaint.review_decided", topics=topics(row), matter_id=row.pk, review_id=found.pk, overturned=overturned)
    record(found, {"state": found.state}, matter_id=row.pk)
    return found
