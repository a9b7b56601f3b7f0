"""An outside body has the case: it goes there, its number becomes known, its result comes back."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _

from yinuo.complaints.commands.dropping import drop_offers, lock_approvals
from yinuo.complaints.commands.moving import entry, locked, make_move, save
from yinuo.complaints.commands.talking import require_text
from yinuo.complaints.models import ExternalEscalation
from yinuo.complaints.rules.registration import parse_date
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.clock import CST
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Refused
from yinuo.kernel.text import clean_line, clean_text


@command("complaint.escalate_out", needs="complaint.supervise")
def escalate_out(
    *, complaint_id: int, body: str, reference: str = "", reason: str = "", answer_by: date | str | None = None,
    expected_version: int | None = None, by: Actor, at: datetime,
) -> ExternalEscalation:  # fmt: skip
    """An outside body (regulator, consumer association, court) has the case."""
    lock_approvals(complaint_id)
    row = locked(complaint_id, expected_version)
    name, number = clean_line(body, 120), clean_line(reference, 80)
    due, sentence = parse_date(answer_by)
    wrong = {"answer_by": sentence} if sentence else {}
    if due and due < at.astimezone(CST).date():
        wrong["answer_by"] = _("答复日期已经过去")
    if not name:
        wrong["body"] = _("请填写受理机构")
    if wrong:
        raise Invalid(_("请补充外部升级的信息"), fields=wrong)
    make_move(row, "escalate_out", by=by, at=at, public=True, data={"body": name, "reference": number},
              text=_("转由%(body)s处理，编号 %(reference)s") % {"body": name, "reference": number or "—"})  # fmt: skip
    drop_offers(row, at)
    made = ExternalEscalation.unscoped.create(
        complaint=row, body=name, reference=number, reason=clean_text(reason, 5000), answer_by=due, at=at,
        by_id=by.staff_id,
    )  # fmt: skip
    record(made, {"body": name, "reference": number}, matter_id=row.pk)
    return made


@command("complaint.set_external_reference", needs="complaint.supervise")
def set_external_reference(
    *, complaint_id: int, reference: str, expected_version: int | None = None, by: Actor, at: datetime
) -> ExternalEscalation:
    """The number under which the outside body has the case; it often comes days after the case went there."""
    row = locked(complaint_id, expected_version)
    found = ExternalEscalation.unscoped.filter(complaint=row).order_by("-pk").first()
    if found is None:
        raise Refused(_("这件投诉没有转过外部机构"))
    number, before = require_text(clean_line(reference, 80), "reference", _("请填写受理编号"), 80), found.reference
    found.reference = number
    found.save(update_fields=["reference"])
    save(row)
    said = _("%(body)s的受理编号：%(reference)s") % {"body": found.body, "reference": number}
    entry(row, "external_reference", said, by=by, at=at, public=True, data={"before": before})
    record(found, {"reference": number, "before": before}, matter_id=row.pk)
    return found


@command("complaint.record_external_result", needs="complaint.supervise")
def record_external_result(
    *, complaint_id: int, result: str, closes: bool, reference: str = "", expected_version: int | None = None,
    by: Actor, at: datetime,
) -> ExternalEscalation:  # fmt: skip
    """What the outside body decided: the case closes with it, or comes back to us."""
    row = locked(complaint_id, expected_version)
    running = ExternalEscalation.unscoped.filter(complaint=row, result_at=None).first()
    if running is None:
        raise Refused(_("没有进行中的外部升级"))
    running.result = require_text(result, "result", _("请写明外部机构的处理结果"))
    running.result_at, running.reference = at, clean_line(reference, 80) or running.reference
    running.save()
    row.outcome = running.result
    if not closes:
        row.reopened += 1
    make_move(row, "close_external" if closes else "take_back", by=by, at=at, public=True)
    return running
