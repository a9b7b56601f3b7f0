"""What the receiving server found out about a sender: the header Authentication-Results (RFC 8601), read without trust.

Anybody may write this header. Only the newest one that bears the name of our own server (its authserv-id, set on the
mailbox) says anything; all others are as if they were not there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from email.message import Message

from yinuo.channels.email.parsing.headers import raw_values

HEADER = "Authentication-Results"
MAX_HEADERS = 40
PASSED, FAILED = "passed", "failed"
_STATEMENT = re.compile(r"^([a-z0-9][a-z0-9-]*)(?:/\d+)?\s*=\s*([a-z]+)", re.IGNORECASE)
_PROPERTY = re.compile(r"\b((?:smtp|header|body|policy)\.[a-z0-9-]+)\s*=\s*(\"[^\"]*\"|[^\s;]+)", re.IGNORECASE)
_WHO_SIGNED = {"spf": ("smtp.mailfrom",), "dkim": ("header.d", "header.i")}


def without_comments(value: str) -> tuple[str, bool]:
    """The value without its comments, nested ones too; False when a quotation or a comment never ends."""
    out, depth, quoted, escaped = [], 0, False, False
    for char in value:
        if escaped:
            escaped = False
            if not depth and char != '"':  # a quotation must not seem to end there
                out.append(char)
        elif char == "\\" and (quoted or depth):
            escaped = True
        elif char == '"' and not depth:
            quoted = not quoted
            out.append(char)
        elif char == "(" and not quoted:
            depth += 1
            out.append(" ")
        elif char == ")" and not quoted:
            if not depth:
                return "", False
            depth -= 1
        elif not depth:
            out.append(char)
    return "".join(out), not depth and not quoted


def parts_of(value: str) -> list[str]:
    """Cut at semicolons that stand outside quotations."""
    return [part.strip() for part in re.findall(r'(?:"[^"]*"|[^;"])+', value)]


def results_named(message: Message) -> list[list[str]]:
    """Each header as [authserv-id, statement, …], newest first; one that cannot be read keeps only its name."""
    out = []
    for raw in raw_values(message, HEADER)[:MAX_HEADERS]:
        value, whole = without_comments(" ".join(raw.decode("ascii", "replace").split()))
        first, *statements = (parts_of(value) if whole else [value]) or [""]
        name = first.split()[0].strip('"').lower() if first.split() else ""
        out.append([name[:200], *(statement[:500] for statement in statements[:50])])
    return out


def verdict(results: Sequence[Sequence[str]], authserv_id: str, sender: str) -> str:
    """`passed` when our own server vouches for the domain of the sender, `failed` when it does not, "" when it is not
    asked. DMARC decides where the sender's domain publishes it; else SPF or DKIM must have passed for that domain.
    """
    if not authserv_id:
        return ""
    own = next((list(found[1:]) for found in results if found and found[0] == authserv_id.lower()), None)
    if own is None:
        return FAILED
    domain = sender.rpartition("@")[2].lower()
    vouched = False
    for statement in own:
        match = _STATEMENT.match(statement)
        if not match:
            continue
        method, result = match[1].lower(), match[2].lower()
        if method == "dmarc" and result in ("fail", "permerror"):
            return FAILED
        if result != "pass":
            continue
        said = {name.lower(): value.strip('"').lower() for name, value in _PROPERTY.findall(statement)}
        if method == "dmarc":
            vouched |= said.get("header.from", domain).rpartition("@")[2] == domain
        for name in _WHO_SIGNED.get(method, ()):
            vouched |= aligned(said.get(name, "").rpartition("@")[2], domain)
    return PASSED if vouched else FAILED


def aligned(signer: str, domain: str) -> bool:
    """The same domain, or one above or below the other: who controls the one controls the other."""
    signer = signer.strip("<>.")
    if "." not in signer or "." not in domain:
        return False
    return signer == domain or signer.endswith(f".{domain}") or domain.endswith(f".{signer}")
