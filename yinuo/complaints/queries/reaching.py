"""Where words about a case go when they go by e-mail. The caller has been let into the case."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, Exists, OuterRef, Q, When

from yinuo.complaints.models import Complaint
from yinuo.conversations.models import Channel, Conversation
from yinuo.customers.models import ChannelIdentity
from yinuo.customers.queries import checked_addresses, mail_address, mail_addresses


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


def reached_by_mail() -> dict[str, Any]:
    """For the statement that reads a case: whether an e-mail with words (`mails`, as `mail_identity` chooses) or with a
    signed link (`mails_links`, as `portal.mail.address_of_case` chooses) would have an address to go to.
    """
    customer = OuterRef("matter__customer")
    ours = ChannelIdentity.unscoped.filter(customer=customer, kind="email", active=True)
    left = Exists(ours.filter(value=OuterRef("email")))
    wrote = Exists(ours.filter(pk=OuterRef("matter__conversation__identity")))
    return {
        "mails": Case(When(email="", then=Exists(mail_addresses(customer))), default=left),
        "mails_links": Q(left) | Q(wrote) | Q(Exists(checked_addresses(customer))),
    }
