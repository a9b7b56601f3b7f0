"""Handing a payload to a stranger's server without letting it lead us into our own network."""

from collections.abc import Mapping

from django.conf import settings

from yinuo.channels.webhook.rules import Outcome
from yinuo.kernel import outgoing

TIMEOUT = 15.0
MOST_ANSWER = 2000


def allowed_hosts() -> frozenset[str]:
    """Names and networks inside the company that an administrator has opened for webhooks (YINUO_WEBHOOK_ALLOW)."""
    return frozenset(str(h).lower() for h in getattr(settings, "WEBHOOK_ALLOW", ()))


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
    """One attempt. Never raises for what the other side does."""
    sent = {"content-type": "application/json; charset=utf-8", "user-agent": "Yinuo-Webhooks/1", **headers}
    got = outgoing.post(
        url, body, sent, outgoing.Reach(opened=allowed_hosts()), most=MOST_ANSWER, timeout=TIMEOUT,
        say=lambda wrong: str(wrong) if isinstance(wrong, outgoing.Forbidden) else f"{type(wrong).__name__}: {wrong}",
    )  # fmt: skip
    text = got.body.decode("utf-8", "replace").replace("\x00", "")
    return Outcome(got.status, text, got.error[:300], got.took_ms)
