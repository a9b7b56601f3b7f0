"""The settlement agreement: offered behind a signed link, confirmed with name and signature, or refused."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from django.utils.translation import gettext as _
from PIL import Image

from yinuo.complaints.commands.escalating import involve_above
from yinuo.complaints.commands.executing import dispatch
from yinuo.complaints.commands.moving import entry, handled_by, locked, make_move, require_stage, save, topics
from yinuo.complaints.commands.talking import require_text
from yinuo.complaints.models import Agreement, Complaint, Proposal, ProposalItem
from yinuo.complaints.rules.agreement import (
    MOST_VALID_DAYS,
    VALID_DAYS,
    agreement_text,
    fingerprint,
    unapproved_amounts,
)
from yinuo.complaints.rules.choices import AgreementState, ProposalState
from yinuo.complaints.states import Stage
from yinuo.conversations.rules import sniff
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.blobs import store
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Refused
from yinuo.kernel.events import emit
from yinuo.kernel.models import Blob
from yinuo.kernel.text import clean_line, clean_text
from yinuo.matters.commands import note_on
from yinuo.wording.commands import check_wording

MOST_SIGNATURE_BYTES = 400_000
#: Refused this often, the two sides are deadlocked and somebody higher takes part.
DEADLOCK = 2


@command("complaint.offer_agreement", needs="complaint.handle")
def offer_agreement(
    *, complaint_id: int, text: str = "", valid_days: int = VALID_DAYS, via: str = "email",
    expected_version: int | None = None, by: Actor, at: datetime,
) -> Agreement:  # fmt: skip
    """A version of the exact text for the customer to confirm; without `text` it is composed from the approved
    proposal. Event `complaint.agreement_offered`: a reaction e-mails the signed link when `via` is "email" and there is
    an address; with "link" whoever offers it hands it over.
    """
    row = locked(complaint_id, expected_version)
    require_stage(row, Stage.OFFERED)
    if not 1 <= valid_days <= MOST_VALID_DAYS:
        raise Invalid(_("有效期在 1 到 30 天之间"), fields={"valid_days": _("有效期在 1 到 30 天之间")})
    if via not in ("link", "email"):
        raise Invalid(_("请选择怎样送达"), fields={"via": _("只能是 link 或 email")})
    proposal = Proposal.unscoped.get(complaint=row, state=ProposalState.APPROVED)
    agreed = _agreed(row, proposal)
    given = clean_text(text, 20_000)
    check_wording(given, by=by, at=at)  # an agreement says by when it is carried out: of no kind
    body = given or agreement_text(number=row.matter.number, **agreed)
    if foreign := unapproved_amounts(body, **agreed):
        sentence = _("协议里的金额没有经过审批：%(sums)s。请按审批同意的方案填写，或收回方案重新提交。") % {
            "sums": "、".join(foreign)
        }
        raise Refused(sentence, code="beyond_proposal", fields={"text": sentence})
    earlier = Agreement.unscoped.filter(complaint=row)
    earlier.filter(state=AgreementState.OFFERED).update(state=AgreementState.SUPERSEDED)
    made = Agreement.unscoped.create(
        complaint=row, proposal=proposal, version=earlier.count() + 1, text=body, sha256=fingerprint(body), at=at,
        by_id=by.staff_id, expires_at=at + timedelta(days=valid_days),
    )  # fmt: skip
    handled_by(row, by)
    save(row)
    entry(row, "agreement_offered", _("处理协议第 %(n)d 版已提供给客户") % {"n": made.version}, by=by, at=at,
          public=True, data={"agreement": made.pk, "sha256": made.sha256})  # fmt: skip
    emit("complaint.agreement_offered", topics=topics(row), matter_id=row.pk, agreement_id=made.pk, via=via)
    record(row, {"agreement": made.pk, "version": made.version, "sha256": made.sha256}, matter_id=row.pk)
    return made


def _agreed(row: Complaint, proposal: Proposal) -> dict[str, Any]:
    """What the text of the agreement is composed from."""
    items = ProposalItem.unscoped.filter(proposal=proposal).order_by("position").values_list("kind", "detail", "amount")
    about = {"customer": row.matter.customer.name, "about": row.matter.title}
    return {**about, "items": list(items), "whole": proposal.total}


@command("complaint.confirm_agreement", needs="portal.use")
def confirm_agreement(
    *, agreement_id: int, sha256: str, name: str, signature: str = "", typed: bool = False, user_agent: str = "",
    by: Actor, at: datetime,
) -> Agreement:  # fmt: skip
    """The customer agrees: `sha256` of the text that was shown, full name, and the drawn signature as a PNG data URL.
    `typed` takes the typed name for the signature, for a browser that cannot draw; the evidence says so.
    Kept as evidence: time, address, browser, hash and image. The tasks go out to the departments at once.
    """
    made, row = _offered(agreement_id, at)
    signer = clean_line(name, 80)
    wrong = {} if signer else {"name": _("请填写您的姓名")}
    if sha256 != made.sha256:
        raise Refused(_("您看到的协议已有新的版本，请刷新后重新确认"), code="text_changed")
    image = None
    if signature or not typed:
        try:
            image = _signature(signature)
        except Invalid as problem:
            wrong["signature"] = problem.message
    if wrong:
        raise Invalid(_("还差一步就能确认"), fields=wrong)
    evidence = {**_evidence(made, by, at, user_agent), "signed": "drawn" if image else "typed_name"}
    return _confirm(made, row, how="link", signer=signer, image=image, evidence=evidence, by=by, at=at)


@command("complaint.refuse_agreement", needs="portal.use")
def refuse_agreement(*, agreement_id: int, reason: str, user_agent: str = "", by: Actor, at: datetime) -> Agreement:
    """The customer does not agree and says why."""
    made, row = _offered(agreement_id, at)
    return _refuse(made, row, reason, "link", _evidence(made, by, at, user_agent), by, at)


@command("complaint.record_agreement_answer", needs="complaint.handle")
def record_agreement_answer(
    *, agreement_id: int, accepted: bool, how: str, signer: str = "", note: str = "", upload_key: str = "",
    expected_version: int | None = None, by: Actor, at: datetime,
) -> Agreement:  # fmt: skip
    """The customer answered in a recorded call or on paper; the recording or scan comes under `upload_key`."""
    made, row = _offered(agreement_id, at, expected_version)
    if how not in ("recorded_call", "paper"):
        raise Invalid(_("请选择确认方式"), fields={"how": _("请选择确认方式")})
    handled_by(row, by)
    text = require_text(note, "note", _("请写明确认的经过，例如录音编号"), 2000)
    if not accepted:
        return _refuse(made, row, text, how, _evidence(made, by, at, ""), by, at)
    proof = note_on(matter=row.matter, text=text, upload_key=upload_key, by=by, at=at)
    person = clean_line(signer, 80) or row.complainant
    evidence = {**_evidence(made, by, at, ""), "note": text, "interaction": proof.pk}
    return _confirm(made, row, how=how, signer=person, image=None, evidence=evidence, by=by, at=at)


def _offered(agreement_id: int, at: datetime, expected_version: int | None = None) -> tuple[Agreement, Complaint]:
    made = Agreement.objects.filter(pk=agreement_id).first()
    if made is None:
        raise Missing(_("没有这份协议，或您无权查看"))
    row = locked(made.complaint_id, expected_version)
    made.refresh_from_db()
    if made.state == AgreementState.CONFIRMED:
        raise Refused(_("这份协议已经确认过了"), code="already_confirmed")
    if made.state != AgreementState.OFFERED:
        raise Refused(_("这份协议已被新的版本取代，或已有答复"), code="superseded")
    if made.expires_at < at:
        raise Refused(_("这份协议已过有效期，请联系我们重新发送"), code="expired")
    return made, row


def _evidence(made: Agreement, by: Actor, at: datetime, user_agent: str) -> dict[str, Any]:
    return {
        "at": at.isoformat(), "ip": by.ip, "user_agent": clean_line(user_agent[:300], 300), "sha256": made.sha256,
        "actor": by.kind, "actor_name": by.name, "request_id": by.request_id, "version": made.version,
    }  # fmt: skip


def _confirm(
    made: Agreement, row: Complaint, *, how: str, signer: str, image: Blob | None, evidence: dict[str, Any], by: Actor,
    at: datetime,
) -> Agreement:  # fmt: skip
    proposal = Proposal.unscoped.get(pk=made.proposal_id)
    row.agreed_total = proposal.total
    make_move(row, "confirm_agreement", by=by, at=at, public=True, data={"agreement": made.pk, "how": how},
              text=_("%(name)s确认处理协议第 %(n)d 版") % {"name": signer, "n": made.version})  # fmt: skip
    made.state, made.answered_at, made.how, made.signer, made.signature = (
        AgreementState.CONFIRMED,
        at,
        how,
        signer,
        image,
    )
    made.evidence = evidence
    made.save()
    proposal.state = ProposalState.AGREED
    proposal.save(update_fields=["state"])
    dispatch(row, at)
    emit("complaint.agreed", topics=topics(row), matter_id=row.pk, agreement_id=made.pk)
    record(made, {"how": how, "sha256": made.sha256}, matter_id=row.pk)
    return made


def _refuse(
    made: Agreement, row: Complaint, reason: str, how: str, evidence: dict[str, Any], by: Actor, at: datetime
) -> Agreement:
    why = require_text(reason, "reason", _("请告诉我们不同意的原因"), 2000)
    row.refusals += 1
    make_move(row, "refuse_agreement", by=by, at=at, public=True, text=_("客户不同意：%(why)s") % {"why": why[:200]},
              data={"agreement": made.pk, "reason": why})  # fmt: skip
    made.state, made.answered_at, made.how, made.refuse_reason = AgreementState.REFUSED, at, how, why
    made.evidence = evidence
    made.save()
    Proposal.unscoped.filter(pk=made.proposal_id).update(state=ProposalState.REFUSED)
    if row.refusals >= DEADLOCK:
        involve_above(row, _("双方相持不下：客户已 %(n)d 次不同意") % {"n": row.refusals}, at)
    emit("complaint.refused", topics=topics(row), matter_id=row.pk, agreement_id=made.pk, refusals=row.refusals)
    record(made, {"how": how, "refusals": row.refusals}, matter_id=row.pk)
    return made


def _signature(data_url: str) -> Blob:
    """The drawn image, checked to be one and not empty, and kept."""
    sentence = _("请在框内签名")
    head, _comma, body = (data_url or "").partition(",")
    if not head.startswith("data:image/png;base64") or not body or len(body) > MOST_SIGNATURE_BYTES * 4 // 3 + 8:
        raise Invalid(sentence)
    try:
        raw = base64.b64decode(body, validate=True)
        seen = sniff(raw, "signature.png")
        if not seen.is_image:
            raise Invalid(sentence)
        with Image.open(BytesIO(seen.data)) as image:
            if min(image.size) < 10 or max(image.size) > 4000 or not _has_strokes(image):
                raise Invalid(sentence)
    except (binascii.Error, ValueError, OSError):
        raise Invalid(sentence) from None
    return store(seen.data, seen.media_type)


def _has_strokes(image: Image.Image) -> bool:
    """An untouched canvas is one colour everywhere."""
    return any(low != high for low, high in image.convert("RGBA").getextrema())  # type: ignore[misc]
