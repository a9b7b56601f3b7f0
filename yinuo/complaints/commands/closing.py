"""The ends of a complaint: close, reject with courtesy, withdraw; and opening it again."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from yinuo.approvals.commands import request_approval
from yinuo.approvals.models import Approval
from yinuo.complaints.commands.dropping import drop_offers, lock_approvals
from yinuo.complaints.commands.moving import check_move, entry, handled_by, locked, make_move, save, topics
from yinuo.complaints.commands.talking import require_text, require_via, tell_or_owe
from yinuo.complaints.models import Complaint
from yinuo.complaints.states import MOVES
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Denied
from yinuo.kernel.events import emit
from yinuo.kernel.text import clean_text
from yinuo.promises.commands import bring_up_to_date
from yinuo.wording.commands import check_wording

REJECTION = "complaints.complaint"


@command("complaint.close", needs="complaint.handle")
def close(
    *, complaint_id: int, outcome: str, lesson: str = "", in_library: bool = False, thanks: str = "", via: str = "",
    expected_version: int | None = None, by: Actor, at: datetime,
) -> Complaint:  # fmt: skip
    """终止. Refused with the list of what is missing. `thanks` is said to the customer; `in_library` puts the case
    into the case library with its `lesson`.
    """
    row = locked(complaint_id, expected_version)
    bring_up_to_date(matter_id=row.pk, by=by, at=at)
    row.outcome = require_text(outcome, "outcome", _("请写明处理结果"))
    row.lesson, row.in_library = clean_text(lesson, 5000), in_library
    words = clean_text(thanks, 5000)
    make_move(row, "close", by=by, at=at, public=True, data={"outcome": row.outcome[:200]})
    if words:
        _say(row, words, _("结案告知"), via, "thanks", by, at)
    return row


def _say(row: Complaint, words: str, what: str, via: str, field: str, by: Actor, at: datetime) -> None:
    if said := tell_or_owe(row, words, what, via=via, field=field, by=by, at=at):
        entry(row, "replied", what, interaction=said, public=True, by=by, at=at)


@command("complaint.reject", needs="complaint.handle")
def reject(
    *, complaint_id: int, explanation: str, understood: bool = False, understood_how: str = "", decision: str = "",
    via: str = "", expected_version: int | None = None, by: Actor, at: datetime,
) -> Complaint:  # fmt: skip
    """不予受理, with courtesy: the `explanation` goes to the customer with the evidence. It needs the customer's
    understanding (`understood`, and `understood_how`: the customer's words), or a supervisor's `decision`. Asked by
    someone who may not decide, it goes to approval (kind "rejection") and the stage stays until decided.
    """
    lock_approvals(complaint_id)
    row = locked(complaint_id, expected_version)
    words = require_text(explanation, "explanation", _("请写明给客户的解释"))
    check_wording(words, kind="complaint", field="explanation", by=by, at=at)
    require_via(via, "told")
    handled_by(row, by)
    if understood:
        row.understood = True
        row.outcome = require_text(understood_how, "understood_how", _("请记录客户是怎样表示理解的"), 2000)
        heard = via == "" and not row.reaches_by_itself  # they understand what was explained to them
        return _rejected(row, words, "told" if heard else via, by, at)
    if by.may("complaint.supervise") and clean_text(decision, 2000):
        row.supervisor_decision = row.outcome = clean_text(decision, 2000)
        return _rejected(row, words, via, by, at)
    # everything but the decision itself must already be true
    row.supervisor_decision = "asked"
    check_move(row, MOVES["reject"], by)
    row.supervisor_decision = ""
    save(row)
    approval = request_approval(
        kind="rejection", subject_type=REJECTION, subject_id=row.pk, matter_id=row.pk, reason=words,
        title=_("不予受理 %(number)s %(title)s") % {"number": row.matter.number, "title": row.matter.title},
        payload={"explanation": words, "basis": row.basis, "via": "" if via == "told" else via}, by=by, at=at,
    )  # fmt: skip
    entry(row, "rejection_asked", _("请主管决定是否不予受理"), by=by, at=at, data={"approval": approval.pk})
    record(row, {"approval": approval.pk}, matter_id=row.pk)
    return row


def _rejected(row: Complaint, words: str, via: str, by: Actor, at: datetime, *, trusted: bool = False) -> Complaint:
    make_move(row, "reject", by=by, at=at, public=True, trusted=trusted, data={"understood": row.understood})
    drop_offers(row, at)
    _say(row, words, _("不予受理的说明"), via, "explanation", by, at)
    return row


@command("complaint.apply_rejection_decision", internal=True)
def apply_rejection_decision(
    *, approval_id: int, decision: str, comment: str = "", by: Actor, at: datetime
) -> Complaint:
    """The reaction to `approval.decided` of kind "rejection"."""
    approval = Approval.unscoped.get(pk=approval_id)
    system = Actor.system("approvals")
    row = (
        Complaint.unscoped.select_related("matter__customer", "matter__conversation")
        .select_for_update(no_key=True, of=("matter", "self"))
        .defer("search")
        .get(pk=approval.subject_id)
    )
    if decision == "withdrawn":
        record(row, {"decision": decision}, matter_id=row.pk)
        return row
    if decision != "approved" or row.stage not in MOVES["reject"].frm:
        entry(row, "rejection_refused", _("主管不同意不予受理：%(why)s") % {"why": comment[:200]}, by=system, at=at)
        record(row, {"decision": decision}, matter_id=row.pk)
        return row
    row.supervisor_decision = row.outcome = comment or _("主管同意不予受理")
    return _rejected(row, approval.payload["explanation"], approval.payload.get("via", ""), system, at, trusted=True)


@command("complaint.withdraw", needs="complaint.handle")
def withdraw(
    *, complaint_id: int, reason: str, expected_version: int | None = None, by: Actor, at: datetime
) -> Complaint:
    """撤诉: the customer told us so; `reason` holds the customer's words."""
    lock_approvals(complaint_id)
    return _withdraw(locked(complaint_id, expected_version), reason, by, at)


@command("complaint.withdraw_own", needs="portal.use")
def withdraw_own(*, complaint_id: int, reason: str = "", by: Actor, at: datetime) -> Complaint:
    """The customer takes the complaint back on the portal."""
    lock_approvals(complaint_id)
    return _withdraw(locked(complaint_id), reason or _("客户在网上撤诉"), by, at)


def _withdraw(row: Complaint, reason: str, by: Actor, at: datetime) -> Complaint:
    why = require_text(reason, "reason", _("请写明撤诉的原因"), 2000)
    row.outcome = why
    make_move(row, "withdraw", by=by, at=at, public=True, text=_("撤诉：%(why)s") % {"why": why[:200]})
    drop_offers(row, at)
    return row


@command("complaint.reopen", needs="complaint.handle")
def reopen(
    *, complaint_id: int, reason: str, expected_version: int | None = None, by: Actor, at: datetime
) -> Complaint:
    """Open a closed, rejected or withdrawn complaint again; it goes to 调查 and starts a new round."""
    return again(locked(complaint_id, expected_version), "reopen", reason, by, at)


@command("complaint.reopen_own", needs="portal.use")
def reopen_own(*, complaint_id: int, reason: str, by: Actor, at: datetime) -> Complaint:
    """The customer says it is not solved."""
    return again(locked(complaint_id), "reopen", reason, by, at)


def again(row: Complaint, name: str, reason: str, by: Actor, at: datetime) -> Complaint:
    why = require_text(reason, "reason", _("请写明重新打开的原因"), 2000)
    if by.kind == "customer" and row.pk not in by.matter_ids:
        raise Denied(_("您没有进行此操作的权限"))
    row.reopened += 1
    row.satisfaction, row.understood, row.supervisor_decision = None, False, ""
    make_move(
        row, name, by=by, at=at, public=True, text=_("重新处理：%(why)s") % {"why": why[:200]}, data={"reason": why}
    )
    emit("complaint.reopened", topics=topics(row), matter_id=row.pk, reopened=row.reopened)
    return row
