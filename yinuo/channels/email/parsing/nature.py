"""What kind of mail this is: a person's words, an automatic answer, a bounce, a list, our own echo."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message

from yinuo.channels.email.parsing.headers import message_ids, normal_address, plain_header
from yinuo.channels.email.parsing.phrases import any_match, words

MESSAGE, AUTO_REPLY, BOUNCE, LIST, READ_RECEIPT = "message", "auto_reply", "bounce", "list", "read_receipt"
LOOP_HEADER = "X-Yinuo-Loop"
_BULK = {"bulk", "junk", "list"}
_STATUS = re.compile(r"(?<![.\d])[45]\.\d{1,3}\.\d{1,3}(?![.\d])")
_ID_IN_TEXT = re.compile(r"<([^<>\s@]{1,200}@[^<>\s@]{1,200})>")
_FIELD = re.compile(r"^([A-Za-z-]{3,40}):\s*(.*)$")


@dataclass(frozen=True, slots=True)
class Failure:
    """One recipient a bounce reports on."""

    recipient: str
    action: str
    status: str
    detail: str

    @property
    def permanent(self) -> bool:
        return self.action == "failed" and not self.status.startswith("4")


def _local(address: str) -> str:
    return address.rpartition("@")[0].split("+")[0]


def is_report(message: Message, kind: str) -> bool:
    """Whether this is a multipart/report of the given type, told by header or by its second part."""
    content = plain_header(message, "Content-Type").lower()
    if not content.startswith("multipart/report"):
        return False
    return f"report-type={kind}" in content.replace('"', "").replace(" ", "") or f"message/{kind}" in content


def nature_of(message: Message, sender: str, subject: str) -> str:
    """Bounces first, then receipts, automatic answers and lists; everything else is a person.

    An automatic answer is told by its headers alone: people complain about automatic answers in their subjects too.
    """
    auto = plain_header(message, "Auto-Submitted", 100).lower().split(";")[0].strip()
    precedence = plain_header(message, "Precedence", 50).lower()
    local = _local(sender)
    if is_report(message, "delivery-status") or plain_header(message, "X-Failed-Recipients"):
        return BOUNCE
    if is_report(message, "disposition-notification"):
        return READ_RECEIPT
    from_system = local in words("automatic", "bounce_senders") or plain_header(message, "Return-Path") == "<>"
    if from_system and any_match("automatic", "bounce_subjects", subject):
        return BOUNCE
    if local in ("mailer-daemon", "mail-daemon", "mailerdaemon"):
        return BOUNCE
    if (auto and auto != "no") or precedence in ("auto_reply", "auto-reply"):
        return AUTO_REPLY
    if any(plain_header(message, name) for name in words("automatic", "headers")):
        return AUTO_REPLY
    if plain_header(message, "List-Id") or plain_header(message, "List-Unsubscribe") or precedence in _BULK:
        return LIST
    return MESSAGE


def may_be_answered(message: Message, sender: str, subject: str, nature: str) -> bool:
    """Whether an automatic receipt may go to this sender (RFC 3834): people only, never robots.

    A subject that looks automatic is enough to keep quiet: two machines would write to each other for ever.
    """
    if nature != MESSAGE or not sender or any_match("automatic", "subjects", subject):
        return False
    if _local(sender) in (*words("automatic", "robot_senders"), *words("automatic", "bounce_senders")):
        return False
    suppress = plain_header(message, "X-Auto-Response-Suppress", 200).lower()
    if any(word in suppress for word in ("all", "oof", "autoreply")):
        return False
    return plain_header(message, "Return-Path") != "<>" and not plain_header(message, LOOP_HEADER)


def _delivery_fields(text: str) -> list[dict[str, str]]:
    groups: list[dict[str, str]] = [{}]
    name = ""
    for line in text.split("\n")[:2000]:
        if not line.strip():
            groups.append({})
            continue
        match = _FIELD.match(line)
        if match:
            name = match[1].lower()
            groups[-1].setdefault(name, match[2].strip())
        elif name and line[:1] in " \t" and name in groups[-1]:
            groups[-1][name] += " " + line.strip()
    return [group for group in groups if group]


def _recipient(value: str) -> str:
    return normal_address(value.rpartition(";")[2].strip().strip("<>"))


def failures(status_text: str, body: str, failed_header: str) -> tuple[Failure, ...]:
    """The recipients a delivery report names (RFC 3464); for other bounces, what the words give away."""
    found = []
    for group in _delivery_fields(status_text):
        address = _recipient(group.get("original-recipient") or group.get("final-recipient", ""))
        if address:
            detail = (group.get("diagnostic-code") or group.get("status", ""))[:500]
            action = group.get("action", "failed").lower().split()[0] if group.get("action", "failed") else "failed"
            found.append(Failure(address, action, group.get("status", "")[:20].split(" ")[0], detail))
    if found:
        return tuple(found[:100])
    status = _STATUS.search(body[:20_000])
    code = status[0] if status else ("5.0.0" if any_match_anywhere("permanent", body) else "4.0.0")
    named = [normal_address(part) for part in re.split(r"[,\s]+", failed_header) if "@" in part]
    return tuple(Failure(address, "failed", code, "") for address in named[:100] if address) or (
        (Failure("", "failed", code, ""),) if body.strip() else ()
    )


def any_match_anywhere(key: str, body: str) -> bool:
    """Whether a phrase of the table is on some line of the body's beginning."""
    return any(any_match("automatic", key, line) for line in body[:20_000].split("\n"))


def ids_mentioned(message: Message, texts: list[str]) -> tuple[str, ...]:
    """Message ids a bounce speaks about: the returned headers first, then anything shaped like one."""
    seen = dict.fromkeys(message_ids(message, "In-Reply-To", "References"))
    for text in texts:
        for match in _ID_IN_TEXT.finditer(text[:200_000]):
            seen.setdefault(match[1], None)
            if len(seen) >= 60:
                return tuple(seen)
    return tuple(seen)
