"""Who carries text messages: one class per kind of gateway, chosen by YINUO_SMS_GATEWAY. See docs/sms.md."""

import hashlib
import json
import logging
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC
from urllib.parse import urlsplit

from django.conf import settings

from yinuo.channels.contract import Outbound, Receipt, TransportError
from yinuo.channels.sms.signing import acs3, canonical_query, plain
from yinuo.kernel import clock
from yinuo.kernel.outgoing import Answer, Reach, post

TIMEOUT, MOST_ANSWER = 10.0, 20_000
ALIYUN = "https://dysmsapi.aliyuncs.com/"
# The address stands in the environment, not on a page: a gateway on this machine or in the company is meant.
REACH = Reach(company=True, loopback=True)
# At its most talkative the library writes every address it asks, and Alibaba's carries the phone and the code.
logging.getLogger("httpcore").setLevel(logging.WARNING)


def aliyun(to: Mapping[str, str], message: Outbound) -> Receipt:
    """SendSms of Dysmsapi 2017-05-25. The template has one variable, ${code}."""
    url = to["url"] or ALIYUN
    query = {
        "PhoneNumbers": message.to.removeprefix("+86").removeprefix("+"), "SignName": to["sign"],
        "TemplateCode": to["template"], "TemplateParam": json.dumps({"code": message.token}),
        "OutId": message.external_id,
    }  # fmt: skip
    headers = {
        "host": urlsplit(url).netloc, "x-acs-action": "SendSms", "x-acs-version": "2017-05-25",
        "x-acs-date": clock.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": secrets.token_hex(16), "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
    }  # fmt: skip
    signed = acs3(
        key=to["key"], secret=to["secret"], method="POST", path="/", query=query, headers=headers, body=b""
    )  # fmt: skip
    answer = _post(f"{url}?{canonical_query(query)}", b"", {**headers, "authorization": signed})
    try:
        told = json.loads(answer.body)
        code, words = str(told["Code"]), str(told.get("Message", ""))
    except (ValueError, KeyError, TypeError):
        raise TransportError(f"HTTP {answer.status}") from None
    if code == "OK":
        return Receipt(str(told.get("BizId", ""))[:100])
    passing = (answer.status or 0) >= 500 or code.startswith(("isp.", "Throttling", "ServiceUnavailable"))
    raise TransportError(f"{code} {words}"[:300], permanent=not passing)


def general(to: Mapping[str, str], message: Outbound) -> Receipt:
    """A signed POST that any gateway, or a few lines before one, can take."""
    words = {"id": message.external_id, "to": message.to, "text": message.text, "code": message.token}
    body = json.dumps(words, ensure_ascii=False).encode()
    timestamp = str(int(clock.now().timestamp()))
    headers = {
        "content-type": "application/json; charset=utf-8", "idempotency-key": message.external_id,
        "x-yinuo-key": to["key"], "x-yinuo-timestamp": timestamp,
        "x-yinuo-signature": plain(secret=to["secret"], timestamp=timestamp, body=body),
    }  # fmt: skip
    answer = _post(to["url"], body, headers)
    status = answer.status or 0
    if 200 <= status < 300:
        return Receipt(answer.headers.get("x-message-id", "")[:100])
    passing = status >= 500 or status in (408, 425, 429)
    raise TransportError(f"HTTP {status}", permanent=not passing)


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    answer = post(url, body, headers, REACH, most=MOST_ANSWER, timeout=TIMEOUT)
    if answer.status is None or answer.error:
        # the kind alone: an address in the words would carry phone and code into logs and pages
        raise TransportError(answer.error)
    return answer


Carrier = Callable[[Mapping[str, str], Outbound], Receipt]
GATEWAYS: dict[str, tuple[Carrier, tuple[str, ...]]] = {
    "aliyun": (aliyun, ("key", "secret", "sign", "template")),
    "http": (general, ("url", "secret")),
}


def missing() -> list[str]:
    """The settings the chosen gateway still needs, as environment variables. Empty also when none is chosen."""
    chosen = settings.SMS["gateway"]
    if not chosen:
        return []
    if chosen not in GATEWAYS:
        return ["YINUO_SMS_GATEWAY"]
    return [f"YINUO_SMS_{name.upper()}" for name in GATEWAYS[chosen][1] if not settings.SMS[name]]


def send(message: Outbound) -> Receipt:
    """Hand one message to the gateway in use, or raise `TransportError`."""
    if not settings.SMS["gateway"] or missing():
        raise TransportError("not configured", permanent=True)
    carry, _needed = GATEWAYS[settings.SMS["gateway"]]
    return carry(settings.SMS, message)
