"""One attempt: read what is to be sent, hand it over outside of any transaction, record the outcome."""

from yinuo.channels.contract import Receipt, TransportError
from yinuo.channels.sms.commands import record_outcome, waiting
from yinuo.channels.sms.gateways import send


def send_queued(sms_id: int) -> str:
    """If the process dies between "taken" and "recorded" it is sent again under the same reference."""
    message = waiting(sms_id)
    if message is None:
        return "done"
    outcome: Receipt | TransportError
    try:
        outcome = send(message)
    except TransportError as error:
        outcome = error
    return str(record_outcome(sms_id=sms_id, outcome=outcome).state)
