"""What was said in a conversation, as the rows `ui.timeline` draws."""

from typing import Any

from django.utils.translation import gettext as _
from markupsafe import Markup

from yinuo.kernel.actor import current_actor
from yinuo.web.formats import moment

CHANNEL_ICONS = {
    "email": "mail",
    "sms": "message",
    "phone": "phone-call",
    "visit": "walk",
    "letter": "mail-opened",
    "portal": "world",
    "api": "webhook",
    "note": "note",
}
DELIVERY_TONES = {
    "queued": "plain",
    "sending": "plain",
    "sent": "ok",
    "delivered": "ok",
    "failed": "late",
    "bounced": "late",
    "unreached": "late",
    "suppressed": "plain",
}


def delivery_badge(said: Any) -> tuple[str, str]:
    """How far a message has come, and its tone. Only the demo's mailbox keeps messages in the house."""
    shown = _("演示：不外发") if said.delivery == "suppressed" else said.get_delivery_display()
    return shown, DELIVERY_TONES.get(said.delivery, "plain")


def held_row(row: Any) -> dict[str, Any]:
    """Words that wait to go out, as the stream tells of them."""
    asked = row.state == "asked"
    when = _("主管同意后发出") if asked else _("%(when)s 发出") % {"when": moment(row.due_at)}
    return {
        "id": f"held{row.pk}",
        "at": row.pressed_at,
        "kind": "held",
        "direction": "out",
        "said": "ours",
        "actor_name": row.author.name,
        "title": when,
        "badge": row.get_state_display(),
        "tone": "paused" if asked else "soon",
        "ico": "hourglass",
        "text": row.text,
        "held": row.author_id == current_actor().staff_id,
    }


def interaction_row(said: Any) -> dict[str, Any]:
    """One message, call, visit, letter or note."""
    badge, tone = said.get_channel_display(), "plain"
    if said.delivery:
        badge, tone = delivery_badge(said)
    title = said.subject if said.direction != "internal" else _("内部记录")
    if said.unauthenticated:
        title = f"{title}  {_('发件人未通过验证')}".strip()
    elif said.unverified_sender:
        title = f"{title}  {_('发件人未核实')}".strip()
    mail = said.channel == "email" and said.direction == "in"
    return {
        "id": f"i{said.pk}",
        "at": said.at,
        "kind": "interaction",
        "direction": said.direction,
        "actor_name": said.author_name or (said.author.name if said.author_id else ""),
        "title": title,
        "badge": badge,
        "tone": tone,
        "ico": CHANNEL_ICONS.get(said.channel, "message"),
        "text": said.text,
        # A mail reads best as its own new words; its layout and what it quotes are one click away.
        "html": Markup(said.html) if said.html and not (mail and said.text) else "",  # noqa: S704  sanitised by the channel
        "mail": said.pk if mail else 0,
        "unverified": mail and (said.unverified_sender or said.unauthenticated),
        "unsent": said.pk if said.channel == "email" and said.delivery == "failed" else 0,
        "attachments": getattr(said, "files", []),
    }
