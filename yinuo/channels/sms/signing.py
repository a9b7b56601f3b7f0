"""Signatures of requests to gateways. Pure."""

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote

ALGORITHM = "ACS3-HMAC-SHA256"


def percent(text: str) -> str:
    """RFC 3986: only letters, digits and -_.~ stay as they are."""
    return quote(text, safe="-_.~")


def canonical_query(values: Mapping[str, str]) -> str:
    return "&".join(f"{percent(name)}={percent(values[name])}" for name in sorted(values))


def acs3(
    *, key: str, secret: str, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
) -> str:
    """The Authorization header of Alibaba Cloud's signature V3. `headers` are those signed, in small letters."""
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(headers))
    digest = hashlib.sha256(body).hexdigest()
    request = "\n".join((method, path, canonical_query(query), lines, names, digest))
    to_sign = f"{ALGORITHM}\n{hashlib.sha256(request.encode()).hexdigest()}"
    signature = hmac.new(secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    return f"{ALGORITHM} Credential={key},SignedHeaders={names},Signature={signature}"


def plain(*, secret: str, timestamp: str, body: bytes) -> str:
    """The signature of the general form: HMAC-SHA-256 over "timestamp.body"."""
    return "v1=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
