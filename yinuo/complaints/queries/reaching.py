"""Where words about a case go when they go by e-mail. The caller has been let into the case."""

from __future__ import annotations

from yinuo.complaints.models import Complaint
from yinuo.conversations.models import Channel, Conversation
from yinuo.customers.models import ChannelIdentity
from yinuo.customers.queries import mail_address


def thread_key(complaint_id: int) -> str:
    """Of the threads beside a case that came another way."""
    return f"complaint:{complaint_id}"


def mail_thread(complaint_id: int) -> Conversation | None:
    """The e-mails beside a case that came another way, if there are any yet. One statement."""
    rows = Conversation.unscoped.filter(thread_key=thread_key(complaint_id), channel=Channel.EMAIL)
    return rows.select_related("identity").first()


def mail_identity(row: Complaint) -> ChannelIdentity | None:
    """For the first of them: the address left with the case, else the customer's. One statement."""
    if not row.email:
        return mail_address(row.matter.customer_id)
    rows = ChannelIdentity.unscoped.filter(customer_id=row.matter.customer_id, kind="email", active=True)
    return rows.filter(value=row.email).order_by("pk").first()
