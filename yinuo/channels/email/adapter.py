"""E-mail as a channel: the contract's three verbs over the rooms of this folder."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any

from yinuo.channels.contract import Inbound, Outbound, Receipt, TransportError
from yinuo.channels.email import sandbox
from yinuo.channels.email.composing import dress
from yinuo.channels.email.models import Mailbox
from yinuo.channels.email.smtp import deliver


class EmailChannel:
    """Accounts are mailbox addresses."""

    code = "email"

    def verify(self, request: Any) -> str:
        """The mailbox a recipient address belongs to."""
        box = Mailbox.unscoped.filter(address__iexact=str(request), active=True).first()
        if box is None:
            raise TransportError(f"no mailbox {request}", permanent=True)
        return str(box.address)

    def parse(self, raw: bytes) -> Inbound:
        return sandbox.shared().parse(raw)

    def send(self, account: str, outbound: Outbound) -> Receipt:
        box = Mailbox.unscoped.filter(address__iexact=account).first()
        if box is None:
            raise TransportError(f"no mailbox {account}", permanent=True)
        return deliver(box, outbound.to, compose_outbound(box, outbound))


def compose_outbound(mailbox: Mailbox, outbound: Outbound) -> EmailMessage:
    """A contract message as MIME."""
    local, _, domain = outbound.to.rpartition("@")
    return dress(
        mailbox=mailbox,
        author=mailbox.name,
        to=Address(outbound.to_name, local, domain),
        outbound=outbound,
    )
