"""Reading back what we understood, and the customer's yes or correction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yinuo.complaints.commands.moving import entry, handled_by, locked, require_open, save, topics
from yinuo.complaints.commands.talking import require_text
from yinuo.complaints.models import Complaint, Restatement
from yinuo.complaints.rules.choices import RestatementState
from yinuo.complaints.rules.registration import FIELDS, restatement_text
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Refused
from yinuo.kernel.events import emit
from yinuo.kernel.text import clean_text
from yinuo.wording.commands import check_wording

#: email: the signed link goes out by e-mail; link: whoever restates hands it over; phone and visit: read aloud.
WAYS = ("link", "email", "phone", "visit")


@command("complaint.restate", needs="complaint.handle")
def restate(
    *, complaint_id: int, via: str, text: str = "", expected_version: int | None = None, by: Actor, at: datetime
) -> Restatement:
    """Read the registration back. Without `text` it is composed from the registered fields. A new version replaces
    an unanswered one. Event `complaint.restated`: a reaction sends the signed link when `via` is "email".
    """
    row = locked(complaint_id, expected_version)
    require_open(row)
    if via not in WAYS:
        raise Invalid(_("请选择复述方式"), fields={"via": _("请选择复述方式")})
    given = clean_text(text, 20_000)
    check_wording(given, by=by, at=at)  # the customer's own demands are in it: of no kind
    body = given or restatement_text({name: getattr(row, name) for name in FIELDS})
    earlier = Restatement.unscoped.filter(complaint=row)
    earlier.filter(state=RestatementState.PENDING).update(state=RestatementState.SUPERSEDED)
    made = Restatement.unscoped.create(
        complaint=row, version=earlier.count() + 1, text=body, via=via, at=at, by_id=by.staff_id
    )
    row.restatement = RestatementState.PENDING
    handled_by(row, by)
    save(row)
    entry(
        row, "restated", _("向客户复述登记内容"), by=by, at=at, public=True, data={"restatement": made.pk, "via": via}
    )
    emit("complaint.restated", topics=topics(row), matter_id=row.pk, restatement_id=made.pk, via=via)
    record(row, {"restatement": made.pk, "via": via}, matter_id=row.pk)
    return made


@command("complaint.confirm_restatement", needs="portal.use")
def confirm_restatement(*, restatement_id: int, user_agent: str = "", by: Actor, at: datetime) -> Restatement:
    """The customer says it is right (through the signed link)."""
    return _answer(restatement_id, RestatementState.CONFIRMED, "", user_agent, by, at)


@command("complaint.correct_restatement", needs="portal.use")
def correct_restatement(
    *, restatement_id: int, correction: str, user_agent: str = "", by: Actor, at: datetime
) -> Restatement:
    """The customer says what is wrong; the handler corrects the registration and restates."""
    text = require_text(correction, "correction", _("请告诉我们哪里不对"))
    return _answer(restatement_id, RestatementState.CORRECTED, text, user_agent, by, at)


@command("complaint.record_restatement_answer", needs="complaint.handle")
def record_restatement_answer(
    *, restatement_id: int, confirmed: bool, correction: str = "", by: Actor, at: datetime
) -> Restatement:
    """What the customer answered on the phone or in person."""
    if confirmed:
        return _answer(restatement_id, RestatementState.CONFIRMED, "", "", by, at)
    text = require_text(correction, "correction", _("请记录客户要求更正的内容"))
    return _answer(restatement_id, RestatementState.CORRECTED, text, "", by, at)


def _answer(
    restatement_id: int, state: RestatementState, text: str, user_agent: str, by: Actor, at: datetime
) -> Restatement:
    made = Restatement.objects.filter(pk=restatement_id).first()
    if made is None:
        raise Missing(_("没有这份复述，或您无权查看"))
    row = locked(made.complaint_id)
    made.refresh_from_db()
    if made.state == state and made.answer == text:
        record(row, {"restatement": made.pk, "again": True}, matter_id=row.pk)
        return made
    if made.state != RestatementState.PENDING:
        raise Refused(_("这份复述已有答复或已被新的版本取代"), code="answered")
    evidence: dict[str, Any] = {"by": by.kind, "name": by.name, "ip": by.ip, "user_agent": user_agent[:300]}
    made.state, made.answer, made.answered_at, made.evidence = state, text, at, evidence
    made.save()
    row.restatement = state
    save(row)
    _announce(row, made, text, by, at)
    return made


def _announce(row: Complaint, made: Restatement, text: str, by: Actor, at: datetime) -> None:
    confirmed = made.state == RestatementState.CONFIRMED
    said = _("客户确认登记内容无误") if confirmed else _("客户要求更正：%(text)s") % {"text": text[:200]}
    entry(
        row, "restatement_answered", said, by=by, at=at, public=True, data={"restatement": made.pk, "correction": text}
    )
    emit(
        "complaint.restatement_answered", topics=topics(row), matter_id=row.pk, restatement_id=made.pk,
        confirmed=confirmed,
    )  # fmt: skip
    record(row, {"restatement": made.pk, "state": made.state}, matter_id=row.pk)
