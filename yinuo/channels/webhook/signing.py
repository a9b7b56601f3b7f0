"""Standard Webhooks signatures: made for what we send, checked for what we receive."""

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from secrets import token_bytes

from django.utils.translation import gettext as _
from standardwebhooks import Webhook, WebhookVerificationError

from yinuo.kernel.errors import Invalid


def new_secret() -> str:
    return "whsec_" + base64.b64encode(token_bytes(24)).decode()


def headers(secrets: str | Sequence[str], message_id: str, at: datetime, payload: str) -> dict[str, str]:
    """The three headers that go with a payload sent at `at`, signed with each of the secrets."""
    given = [secrets] if isinstance(secrets, str) else secrets
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(Webhook(one).sign(message_id, at, payload) for one in given),
    }


def verify(secret: str, payload: str | bytes, given: Mapping[str, str]) -> None:
    """Refuse a message that is not signed with the secret, or signed more than five minutes ago (a replay)."""
    try:
        Webhook(secret).verify(payload, {name.lower(): value for name, value in given.items()})
    except (WebhookVerificationError, ValueError):
        raise Invalid(_("签名无效或已过期"), code="bad_signature") from None
