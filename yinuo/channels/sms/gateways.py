"""Who carries text messages: one class per kind of gateway, chosen by YINUO_SMS_GATEWAY. See docs/sms.md."""

import hashlib
import json
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from yinuo.channels.contract import Outbound, Receipt, TransportError
from yinuo.channels.sms.signing import acs3, canonical_query, plain
from yinuo.kernel import clock
from yinuo.kernel.clock import CST
from yinuo.kernel.outgoing import Answer, Reach, post

TIMEOUT, MOST_ANSWER = 10.0, 20_000
ALIYUN = "https://dysmsapi.aliyuncs.com/"
# The address stands in the environment, not on a page: a gateway on this machine or in the company is meant.
REACH = Reach(company=True, loopback=True)
# At its most talkative the library writes every address it asks, and Alibaba's carries the phone and the code.
logging.getLogger("httpcore").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Taken:
    """A message the gateway took: what it is asked about by."""

    to: str
    reference: str
    receipt: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """What became of it; `outcome` is "delivered" or "undelivered"."""

    outcome: str
    detail: str = ""


def aliyun(to: Mapping[str, str], message: Outbound) -> Receipt:
    """SendSms of Dysmsapi 2017-05-25. The template has one variable, ${code}."""
    told = _ask_aliyun(to, "SendSms", {
        "PhoneNumbers": _chinese(message.to), "SignName": to["sign"], "TemplateCode": to["template"],
        "TemplateParam": json.dumps({"code": message.token}), "OutId": message.external_id,
    })  # fmt: skip
    return Receipt(str(told.get("BizId", ""))[:100])


def aliyun_report(to: Mapping[str, str], sent: Taken) -> Report | None:
    """QuerySendDetails of Dysmsapi 2017-05-25: SendStatus 1 waits for the carrier, 2 failed, 3 delivered."""
    told = _ask_aliyun(to, "QuerySendDetails", {
        "PhoneNumber": _chinese(sent.to), "BizId": sent.receipt, "SendDate": f"{sent.at.astimezone(CST):%Y%m%d}",
        "PageSize": "10", "CurrentPage": "1",
    })  # fmt: skip
    try:
        rows = told["SmsSendDetailDTOs"]["SmsSendDetailDTO"]
        row = next((r for r in rows if r.get("OutId") == sent.reference), rows[0] if len(rows) == 1 else {})
        status, why = int(row.get("SendStatus", 1)), str(row.get("ErrCode", ""))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise TransportError("no details") from None
    return {2: Report("undelivered", why[:100]), 3: Report("delivered")}.get(status)


def _chinese(phone: str) -> str:
    return phone.removeprefix("+86").removeprefix("+")


def _ask_aliyun(to: Mapping[str, str], action: str, query: Mapping[str, str]) -> dict[str, Any]:
    """One signed call; its answer when the code is OK."""
    url = to["url"] or ALIYUN
    headers = {
        "host": urlsplit(url).netloc, "x-acs-action": action, "x-acs-version": "2017-05-25",
        "x-acs-date": clock.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": secrets.token_hex(16), "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
    }  # fmt: skip
    signed = acs3(
        key=to["key"], secret=to["secret"], method="POST", path="/", query=query, headers=headers, body=b""
    )  # fmt: skip
    answer = _post(f"{url}?{canonical_query(query)}", b"", {**headers, "authorization": signed})
    try:
        told: dict[str, Any] = json.loads(answer.body)
        code, words = str(told["Code"]), str(told.get("Message", ""))
    except (ValueError, KeyError, TypeError):
        raise TransportError(f"HTTP {answer.status}") from None
    if code == "OK":
        return told
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


#: Gateways that are asked for their reports; the others bring them (`views.report`).
ASKED: dict[str, Callable[[Mapping[str, str], Taken], Report | None]] = {"aliyun": aliyun_report}


def asks_itself() -> bool:
    return settings.SMS["gateway"] in ASKED


def report_on(sent: Taken) -> Report | None:
    """What the gateway in use says about a message by now, None when it does not know yet."""
    ask = ASKED.get(settings.SMS["gateway"])
    return ask(settings.SMS, sent) if ask and not missing() else None


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
