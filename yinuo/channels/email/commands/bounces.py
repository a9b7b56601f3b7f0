"""What delivery reports say about mails we sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from yinuo.channels.contract import Inbound
from yinuo.channels.email.models import OutboundMessage
from yinuo.conversations.commands import mark_delivery
from yinuo.conversations.models import Interaction
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command


def _matching(failures: list[dict[str, Any]], address: str) -> list[dict[str, Any]]:
    return [f for f in failures if not f["recipient"] or f["recipient"] == address]


@command("mail.apply_bounce", internal=True)
def apply_bounce(*, inbound: Inbound, by: Actor, at: datetime) -> Interaction | None:
    """Mark the mail a report is about; None when it is about none of ours."""
    about = list(inbound.extra.get("about", []))
    message = (
        OutboundMessage.unscoped.select_for_update(no_key=True, of=("self",)).select_related("interaction")
        .filter(message_id__in=about).order_by("-pk").first()
    )  # fmt: skip
    if message is None:
        record("email.bounce", {"about": about[:3]})
        return None
    interaction: Interaction = message.interaction
    for failure in _matching(list(inbound.extra.get("failures", [])), message.to_address):
        note = " ".join(str(failure[key]) for key in ("status", "detail") if failure[key])
        if failure["permanent"]:
            message.state, message.bounced_at, message.next_try_at = OutboundMessage.State.BOUNCED, at, None
            message.last_error = note[:300]
            mark_delivery(interaction_id=interaction.pk, delivery="bounced", note=note, by=by, at=at)
            break
        if failure["action"] in ("delivered", "relayed", "expanded"):
            mark_delivery(interaction_id=interaction.pk, delivery="delivered", note=note, by=by, at=at)
        else:
            message.last_error = note[:300]
    message.save(update_fields=["state", "bounced_at", "next_try_at", "last_error"])
    record(message, {"state": message.state})
    return interaction
