"""Writes about plain matters (enquiry, suggestion, praise) and about contacts an agent registers by hand."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from yinuo.conversations.commands import add_interaction, open_conversation
from yinuo.conversations.models import Channel, Conversation, Interaction
from yinuo.customers.commands import add_identity, resolve_customer, verified_elsewhere
from yinuo.customers.models import Customer
from yinuo.customers.queries import identities_of, standing
from yinuo.customers.rules import normal_identity
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Refused
from yinuo.kernel.events import emit
from yinuo.kernel.text import clean_line, clean_text
from yinuo.matters.commands import add_entries, add_entry, locked_matter, open_matter, set_state, topics_of
from yinuo.matters.commands.locking import matters_told_in as matters_told_in
from yinuo.matters.models import Matter

PLAIN = (Matter.Kind.ENQUIRY, Matter.Kind.SUGGESTION, Matter.Kind.PRAISE)
BY_HAND = (Channel.PHONE, Channel.VISIT, Channel.LETTER, Channel.NOTE)
OPEN, CLOSED = "open", "closed"


@command("matter.raise", needs="matter.open")
def raise_matter(*, conversation_id: int, kind: str, title: str, by: Actor, at: datetime) -> Matter:
    """Open a plain matter from a conversation; what was said so far begins its story."""
    if kind not in PLAIN:
        raise Invalid(_("请选择事项类型"), fields={"kind": _("请选择咨询、建议或表扬")})
    heading = clean_line(title, 200)
    if not heading:
        raise Invalid(_("请写一句话概括"), fields={"title": _("请写一句话概括这件事")})
    conversation = Conversation.objects.select_related("customer").filter(pk=conversation_id).first()
    if conversation is None:
        raise Missing(_("没有这个会话，或您无权查看"))
    said = list(Interaction.unscoped.filter(conversation=conversation).order_by("at", "pk")[:200])
    matter = open_matter(
        kind=kind, title=heading, customer=conversation.customer, state=OPEN, conversation=conversation,
        owner_id=conversation.owner_id or by.staff_id, unit_id=conversation.unit_id,
        search_text="\n".join(i.text for i in said), by=by, at=at,
    )  # fmt: skip
    add_entry(
        matter=matter, kind="opened", text=_("由会话登记为%(kind)s") % {"kind": matter.get_kind_display()}, by=by, at=at
    )
    if said:
        add_entries(
            rows=[{"matter": matter, "kind": "interaction", "interaction": i, "public": False} for i in said],
            by=by,
            at=at,
        )
    return matter


@command("matter.finish", needs="matter.handle")
def finish_matter(*, matter_id: int, result: str, expected_version: int, by: Actor, at: datetime) -> Matter:
    """Close a plain matter with what came of it."""
    matter = _plain(matter_id, expected_version)
    text = clean_text(result, 5000)
    if not text:
        raise Invalid(_("请写明办理结果"), fields={"result": _("请写明办理结果，客户问起时看得懂")})
    if not matter.open:
        raise Refused(_("这件事项已经办结"))
    if matter.tasks(manager="unscoped").filter(state="open").exists():
        raise Refused(_("还有没完成的任务，不能办结"), fields={"result": _("请先完成或取消未完成的任务")})
    set_state(matter=matter, state=CLOSED, open=False, by=by, at=at)
    add_entry(matter=matter, kind="closed", text=text, by=by, at=at)
    emit("matter.closed", topics=topics_of(matter), matter_id=matter.pk, kind=matter.kind)
    return matter


@command("matter.reopen", needs="matter.handle")
def reopen_matter(*, matter_id: int, reason: str, by: Actor, at: datetime) -> Matter:
    """Take a closed plain matter up again."""
    matter = _plain(matter_id, None)
    why = clean_line(reason, 300)
    if not why:
        raise Invalid(_("请说明重新办理的原因"), fields={"reason": _("请说明重新办理的原因")})
    if matter.open:
        raise Refused(_("这件事项还没有办结"))
    set_state(matter=matter, state=OPEN, open=True, by=by, at=at)
    add_entry(matter=matter, kind="reopened", text=why, by=by, at=at)
    emit("matter.reopened", topics=topics_of(matter), matter_id=matter.pk, kind=matter.kind)
    return matter


def _plain(matter_id: int, expected_version: int | None) -> Matter:
    matter = locked_matter(matter_id, expected_version)
    if matter.kind not in PLAIN:
        raise Refused(_("%(kind)s有自己的办理流程") % {"kind": matter.get_kind_display()})
    return matter


@command("contact.register", needs="conversation.reply")
def register_contact(
    *, channel: str, text: str, customer_id: int | None = None, name: str = "", phone: str = "", email: str = "",
    verified_how: str = "", direction: str = "in", kind: str = "consulting", subject: str = "",
    happened_at: datetime | None = None, upload_key: str = "", matter_id: int | None = None, by: Actor, at: datetime,
) -> Conversation:  # fmt: skip
    """A call, visit, letter or note written down by an agent: the customer is chosen, or recognised, or made.

    With `matter_id` it is about that matter and appears in its story; the customer is the matter's. A note is said to
    nobody, so it is internal whatever was chosen. `verified_how` ("agent") says that who wrote it down spoke with the
    customer: the number then recognises them when they call again. A number new to the chosen customer is kept.
    """
    matter = _about(matter_id, channel) if matter_id else None
    customer_id = matter.customer_id if matter else customer_id
    direction = Interaction.Direction.INTERNAL if channel == Channel.NOTE else direction
    wrong = _wrong(channel, text, customer_id, name, happened_at, at)
    if direction not in Interaction.Direction.values:
        wrong["direction"] = _("请选择客户来、我方去或内部")
    if kind and kind not in Interaction.Kind.values:
        wrong["kind"] = _("请从列出的类别中选择")
    if wrong:
        raise Invalid(_("登记没有填完整"), fields=wrong)
    identities = [(what, value) for what, value in (("phone", phone), ("email", email)) if value and not matter]
    customer = _who(customer_id, name, identities, clean_line(verified_how, 40), by, at)
    conversation = open_conversation(
        channel=channel, customer_id=customer.pk, subject=subject or clean_line(text[:60], 120), owner_id=by.staff_id,
        thread_key=f"matter:{matter.pk}" if matter else "", by=by, at=at,
    )  # fmt: skip
    add_interaction(
        conversation=conversation, direction=direction, text=text, kind=kind, subject=subject, upload_key=upload_key,
        author_name=customer.name if direction == "in" else "", happened_at=happened_at, by=by, at=at,
    )  # fmt: skip
    record(conversation, {"channel": channel, "customer": customer.pk})
    return conversation


def _about(matter_id: int, channel: str) -> Matter:
    matter = locked_matter(matter_id)
    if not matter.open:
        raise Refused(_("这件事项已经办结；客户又提起时，请先重新办理"))
    if channel == Channel.NOTE:
        raise Invalid(_("登记没有填完整"), fields={"channel": _("请选择电话、来访或信函；内部记录请在事项页上写")})
    return matter


def _wrong(
    channel: str, text: str, customer_id: int | None, name: str, happened_at: datetime | None, at: datetime
) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if channel not in BY_HAND:
        wrong["channel"] = _("请选择电话、来访、信函或内部记录")
    if not clean_text(text, 100_000):
        wrong["text"] = _("请写下说了什么")
    if not customer_id and not clean_line(name, 120):
        wrong["name"] = _("请选择已有客户，或填写客户姓名")
    if happened_at and happened_at > at + timedelta(minutes=5):
        wrong["happened_at"] = _("发生时间不能在将来")
    return wrong


def _who(
    customer_id: int | None,
    name: str,
    identities: Sequence[tuple[str, str]],
    verified_how: str,
    by: Actor,
    at: datetime,
) -> Customer:
    if not customer_id:
        made: Customer = resolve_customer(
            name=name, identities=identities, verified_how=verified_how, source="inbound", by=by, at=at
        )
        return made
    customer = standing(customer_id)
    if customer is None:
        raise Missing(_("没有这位客户，或您无权查看"))
    normal = [(kind, normal_identity(kind, value)) for kind, value in identities]
    known = {(row.kind, row.value) for row in identities_of([customer.pk])[customer.pk]}
    others = verified_elsewhere(normal) if normal else set()
    for kind, value in dict.fromkeys(normal):
        if (kind, value) not in known:
            how = "" if (kind, value) in others else verified_how
            add_identity(customer_id=customer.pk, kind=kind, value=value, verified_how=how, by=by, at=at)
    return customer


@command("matter.follow_interaction", internal=True)
def follow_interaction(*, interaction_id: int, by: Actor, at: datetime) -> int:
    """What is said in a conversation appears on its open matters, unless the command at work put it there itself."""
    interaction = Interaction.unscoped.select_related("conversation").get(pk=interaction_id)
    record(interaction, {"direction": interaction.direction})
    if interaction.direction == Interaction.Direction.INTERNAL:
        return 0
    told = matters_told_in(interaction.conversation).filter(open=True)
    matters = told.exclude(entries__interaction=interaction).order_by("pk")
    # What an unverified sender wrote is for the handler's eyes until a person has checked it.
    public = not (interaction.unverified_sender or interaction.unauthenticated)
    rows = [{"matter": m, "kind": "interaction", "interaction": interaction, "public": public} for m in matters]
    return len(add_entries(rows=rows, by=by, at=at)) if rows else 0
