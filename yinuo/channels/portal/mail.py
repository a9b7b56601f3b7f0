"""E-mail beside a case that came by the portal: receipts, links, codes. The e-mail channel carries it."""

from datetime import datetime

from django.utils.translation import gettext as _

from yinuo.conversations.commands import open_conversation, reply_to
from yinuo.conversations.models import Channel, Conversation, Interaction
from yinuo.customers.models import ChannelIdentity
from yinuo.customers.queries import checked_addresses
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.matters.commands import add_entry
from yinuo.matters.models import Matter


def address_of_case(matter: Matter, kind: str = "email") -> ChannelIdentity | None:
    """The address (or the phone) left with this very case, else one of the customer's that one of us has checked. Never
    one somebody else typed for the same customer, proved by a code or not: it proves the mailbox, not the person.
    """
    rows = ChannelIdentity.unscoped.filter(customer_id=matter.customer_id, kind=kind, active=True)
    complaint = getattr(matter, "complaint", None) if matter.kind == "complaint" else None
    typed = getattr(complaint, kind) if complaint else ""
    if typed:
        found = rows.filter(value=typed).first()
        if found:
            return found
    if matter.conversation and matter.conversation.identity_id and matter.conversation.identity:
        identity = matter.conversation.identity
        if identity.kind == kind and identity.active:
            return identity
    return checked_addresses(matter.customer_id, kind).order_by("pk").first()


def mail_thread(matter: Matter, identity: ChannelIdentity, apart: str, by: Actor, at: datetime) -> Conversation:
    """The e-mail conversation of a case; an answer to it finds its way back by the signed token of the thread.

    `apart` keeps a mail off the case's story (a code is nobody's business). A thread made here waits for nobody, so
    it does not stand in the inbox until the customer answers.
    """
    own = matter.conversation
    if own is not None and own.channel == Channel.EMAIL and not apart:
        return own
    key = f"{apart or ('complaint' if matter.kind == 'complaint' else 'matter')}:{matter.pk}"
    found = Conversation.unscoped.filter(thread_key=key, channel=Channel.EMAIL, identity=identity).first()
    if found:
        return found
    made: Conversation = open_conversation(
        channel=Channel.EMAIL, customer_id=matter.customer_id, subject=matter.number, identity_id=identity.pk,
        owner_id=matter.owner_id, unit_id=matter.unit_id, thread_key=key, by=by, at=at,
    )  # fmt: skip
    Conversation.unscoped.filter(pk=made.pk).update(state=Conversation.State.CLOSED)
    return made


@command("portal.write_mail", internal=True)
def write_mail(
    *, matter: Matter, identity: ChannelIdentity, subject: str, text: str, apart: str = "", by: Actor, at: datetime
) -> Interaction:
    """Queue one automatic mail to the customer of a case."""
    sent: Interaction = reply_to(
        conversation=mail_thread(matter, identity, apart, by, at), text=text, kind="information", subject=subject,
        author_name=_("一诺"), by=by, at=at,
    )  # fmt: skip
    if not apart:  # staff see that it went; it is not an answer, so the customer's story does not show it
        add_entry(matter=matter, kind="mail", interaction=sent, text=sent.subject, by=by, at=at)
    record(matter, {"mail": sent.pk}, matter_id=matter.pk)
    return sent
