"""Text messages as a channel: they only go out."""

from typing import Any

from yinuo.channels.contract import Inbound, Outbound, Receipt, TransportError, Unparseable
from yinuo.channels.sms.gateways import send


class SmsChannel:
    """One gateway, one account."""

    code = "sms"

    def verify(self, request: Any) -> str:
        raise TransportError("nothing comes in by text message", permanent=True)

    def parse(self, raw: bytes) -> Inbound:
        raise Unparseable("broken")

    def send(self, account: str, outbound: Outbound) -> Receipt:
        return send(outbound)
