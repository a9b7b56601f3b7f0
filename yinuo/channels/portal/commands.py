"""What customers do through the portal. Each command sees at most the case its actor holds."""

import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, BinaryIO

from django.conf import settings
from django.db.models import Sum
from django.utils.translation import gettext as _

from yinuo.channels.portal.arrival import thread_of_case
from yinuo.channels.portal.links import code_of
from yinuo.channels.portal.models import SentCode
from yinuo.channels.portal.rules import MAX_CONTENT, MAX_FILES, SENT_CODE_DIGITS, SENT_CODE_LIFE, SENT_CODE_TRIES
from yinuo.channels.portal.senders import SENDERS, ways
from yinuo.conversations.commands import add_interaction, store_attachment, unclaimed
from yinuo.conversations.models import Attachment
from yinuo.customers.commands import verify_identity
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid
from yinuo.kernel.events import emit
from yinuo.kernel.text import clean_text
from yinuo.matters.commands import add_entry, attach_interaction, locked_matter, set_state, topics_of
from yinuo.matters.models import Matter
from yinuo.matters.plain import OPEN, PLAIN

FORM = "portal-"
#: Files of strangers waiting for their form, all together: nobody fills the disk with what is never sent.
MAX_WAITING = 5 * 1024**3


@command("portal.upload", needs="portal.use")
def upload(*, file: bytes | BinaryIO, name: str, upload_key: str, by: Actor, at: datetime) -> Attachment:
    """One file, waiting under the form's key until the form is sent. At most nine wait."""
    require_form_key(upload_key)
    if len(unclaimed(upload_key, staff_id=None)) >= MAX_FILES:
        raise Invalid(_("最多上传 %(n)d 个文件") % {"n": MAX_FILES}, code="too_many_files")
    everybodys = Attachment.unscoped.filter(interaction=None, uploaded_by=None).aggregate(total=Sum("size"))["total"]
    if (everybodys or 0) > MAX_WAITING:
        raise Invalid(
            _("现在上传的人太多，暂时收不了附件。请先提交文字，稍后在进展页面补充照片"), code="too_much_waiting"
        )
    stored: Attachment = store_attachment(file=file, name=name, upload_key=upload_key, by=by, at=at)
    return stored


@command("portal.discard_upload", needs="portal.use")
def discard_upload(*, attachment_id: int, upload_key: str, by: Actor, at: datetime) -> int:
    """Take back a file before the form is sent."""
    require_form_key(upload_key)
    gone, _each = Attachment.unscoped.filter(
        pk=attachment_id, upload_key=upload_key, interaction=None, uploaded_by=None
    ).delete()
    record("conversations.attachment", {"discarded": attachment_id, "rows": gone})
    return int(gone)


def require_form_key(upload_key: str) -> None:
    """Only keys the portal handed out: nobody reaches a colleague's waiting files from outside."""
    if not upload_key.startswith(FORM) or len(upload_key) < 20:
        raise Invalid(_("这一页已过期，请刷新后重试"))


@command("portal.add_information", needs="portal.use")
def add_information(*, matter_id: int, text: str, upload_key: str, by: Actor, at: datetime) -> dict[str, Any]:
    """The customer adds words or photos to a case, open or closed."""
    matter = locked_matter(matter_id)
    words = clean_text(text, MAX_CONTENT)
    files = _waiting(upload_key)
    if not words and not files:
        raise Invalid(_("请写几句，或选一张照片"), fields={"text": _("请写几句，或选一张照片")})
    interaction = add_interaction(
        conversation=thread_of_case(matter, by, at), direction="in", kind="information", author_name=by.name,
        text=words or _("（补充了 %(n)d 个文件）") % {"n": len(files)}, by=by, at=at,
        upload_key=upload_key if files else "",
    )  # fmt: skip
    attach_interaction(matter=matter, interaction=interaction, public=True, kind="information", by=by, at=at)
    if not matter.open and matter.kind in PLAIN:
        set_state(matter=matter, state=OPEN, open=True, by=by, at=at)  # the customer is not done with it
    emit("portal.information_added", topics=topics_of(matter), matter_id=matter.pk, interaction_id=interaction.pk)
    return {"interaction": interaction.pk}


def _waiting(upload_key: str) -> Sequence[Attachment]:
    if not upload_key:
        return ()
    require_form_key(upload_key)
    return unclaimed(upload_key, staff_id=None)


@command("portal.send_code", needs="portal.use")
def send_code(*, matter_id: int, by: Actor, at: datetime) -> bool:
    """Send a code to the address left with the case, by the first way that reaches. False: there is none."""
    matter = Matter.objects.select_related("conversation__identity", "complaint").get(pk=matter_id)
    code = "".join(secrets.choice("0123456789") for _digit in range(SENT_CODE_DIGITS))
    text = _(
        "您的验证码是 %(code)s，10 分钟内有效，用于查看事项 %(number)s。\n"
        "如果不是您本人在查询，请不要理会这封邮件，也不要把验证码告诉任何人，包括我们的工作人员。"
    ) % {"code": code, "number": matter.number}
    system = Actor.system("portal")
    for way in ways():
        sent = SENDERS[way](matter, _("查询验证码（%(number)s）") % {"number": matter.number}, text, code, system, at)
        if sent:
            row = SentCode.unscoped.create(
                matter=matter, way=way, interaction=sent, digest=_digest(matter.pk, code), sent_at=at,
                expires_at=at + SENT_CODE_LIFE,
            )  # fmt: skip
            record(row, {"way": way}, matter_id=matter.pk)
            return True
    record(matter, {"code": "no address"}, matter_id=matter.pk)
    return False


@command("portal.redeem_code", needs="portal.use")
def redeem_code(*, matter_id: int, code: str, by: Actor, at: datetime) -> bool:
    """Whether this is the code last sent, still good and not used. Proves the address it went to."""
    row = (
        SentCode.objects.filter(matter_id=matter_id, used_at=None, expires_at__gt=at)
        .select_for_update(no_key=True, of=("self",))
        .select_related("interaction__conversation__identity").order_by("-sent_at", "-pk").first()
    )  # fmt: skip
    if row is None or row.tries >= SENT_CODE_TRIES:
        record("portal.sentcode", {"matched": False}, matter_id=matter_id)
        return False
    row.tries += 1
    good = hmac.compare_digest(row.digest, _digest(matter_id, code))
    row.used_at = at if good else None
    row.save(update_fields=["tries", "used_at"])
    record(row, {"matched": good}, matter_id=matter_id)
    if good:
        _prove_address(row, matter_id, at)
    return good


@command("portal.reveal_code", needs="matter.handle", keeps=False)
def reveal_code(*, matter_id: int, by: Actor, at: datetime) -> dict[str, Any]:
    """A customer who lost the query code asks by phone; the colleague who checked who it is tells it. It is kept who
    looked: with the code one can act as the customer.
    """
    matter = locked_matter(matter_id)
    add_entry(matter=matter, kind="code", text=_("查看了客户查询码"), by=by, at=at)
    record(matter, {"code": "shown"}, matter_id=matter.pk)
    return {"secret": code_of(matter.pk)}


def _prove_address(row: SentCode, matter_id: int, at: datetime) -> None:
    """The code reached this address. If it is another customer's verified one, a person decides about merging."""
    identity = row.interaction.conversation.identity if row.interaction else None
    if identity is None or identity.verified_at is not None:
        return
    system = Actor.system("portal")
    proved = verify_identity(identity_id=identity.pk, how="portal_code", by=system, at=at)
    if proved.verified_at is None:
        words = _("来信人已用验证码证明邮箱，该邮箱属于另一位已核实的客户，请核对后合并")
        if identity.kind == "phone":
            words = _("来信人已用验证码证明手机号，该手机号属于另一位已核实的客户，请核对后合并")
        add_entry(
            matter=Matter.unscoped.get(pk=matter_id), kind="identity", by=system, at=at, text=words
        )  # fmt: skip


def _digest(matter_id: int, code: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), f"portal.code.{matter_id}.{code}".encode(), sha256).hexdigest()
