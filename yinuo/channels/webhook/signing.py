"""Standard Webhooks signatures: made for what we send, checked for what we receive."""

import base64
import secrets
from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _
from standardwebhooks import Webhook, WebhookVerificationError

from yinuo.kernel.errors import Invalid


def new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


def headers(secret: str, message_id: str, at: datetime, payload: str) -> dict[str, str]:
    """The three headers that go with a payload sent at `at`."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, at, payload),
    }


def verify(secret: str, payload: str | bytes, given: Mapping[str, str]) -> None:
    """Refuse a message that is not signed with the secret, or signed more than five minutes ago (a replay)."""
    try:
        Webhook(secret).verify(payload, {name.lower(): value for name, value in given.items()})
    except (WebhookVerificationError, ValueError):
        raise Invalid(_("签名无效或已过期"), code="bad_signature") from None
