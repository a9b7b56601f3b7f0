"""OpenID Connect, our side of it: authorization code with PKCE. Requests go through `kernel/outgoing.py` only.

What the other side sends is believed for its signature, by a key of its own, for us, for this very attempt and for now.
"""

import json
import logging
import secrets
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from django.conf import settings
from django.utils.translation import gettext as _
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from yinuo.kernel.errors import Refused
from yinuo.kernel.outgoing import Answer, Reach, get, post
from yinuo.kernel.text import storable

log = logging.getLogger("yinuo.sign_on")
WELL_KNOWN = "/.well-known/openid-configuration"
SCOPE = "openid email profile"
#: Signed by a key only the provider has. Never none; never HS256, whose key we hold as well.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
PORTS = frozenset({443, 8443})
LEEWAY = 60
PATIENCE = timedelta(minutes=10)
KEPT_FOR = timedelta(minutes=10)
#: An unknown key is asked for again, but not more often.
ASK_AGAIN = timedelta(minutes=1)
MOST, TIMEOUT = 200_000, 8.0


@dataclass(frozen=True, slots=True)
class Provider:
    issuer: str
    client_id: str
    secret: str


@dataclass(slots=True)
class Known:
    """What a provider says of itself, and its keys."""

    says: dict[str, Any]
    keys: KeySet
    at: datetime


_known: dict[str, Known] = {}


def trouble(code: str, why: str = "") -> Refused:
    """What a person is told says little; the log says which check it was."""
    log.warning("single sign-on refused: %s %s", code, why)
    sentence = {
        "address": _("这个网址不能连接：要用 https，端口 443 或 8443，且不是本机"),
        "unreachable": _("连不上登录服务，或它的回答看不懂。请核对网址"),
        "issuer": _("登录服务自报的网址与填写的不一样，请照它自报的填写"),
    }.get(code, _("单点登录没有成功，请再试一次；还不行请找管理员"))
    return Refused(sentence, code=f"sign_on_{code}")


def discovered(issuer: str, at: datetime, *, fresh: bool = False) -> Known:
    """The provider's own description and keys, kept for some minutes. Nobody waits for another's question to it: a
    provider that does not answer would hold up one web thread after the other.
    """
    kept = _known.get(issuer)
    if kept and not fresh and timedelta(0) <= at - kept.at < KEPT_FOR:
        return kept
    says = _fetched(issuer.rstrip("/") + WELL_KNOWN)
    if says.get("issuer") != issuer:
        raise trouble("issuer")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        checked(str(says.get(name) or ""))
    found = _known[issuer] = Known(says, _keys(says), at)
    return found


def checked(url: str) -> str:
    """An address we would connect to, or send people to; where it leads is judged when connecting."""
    parts = urlsplit(url)
    named = (parts.hostname or "") in settings.SIGN_ON_ALLOW
    if not parts.hostname or parts.username or parts.fragment or parts.scheme not in ("https", "http"):
        raise trouble("address")
    if not named and (parts.scheme != "https" or (parts.port or 443) not in PORTS):
        raise trouble("address")
    return url


def _reach() -> Reach:
    return Reach(company=True, opened=frozenset(settings.SIGN_ON_ALLOW))


def _fetched(url: str) -> dict[str, Any]:
    return _read(get(checked(url), {"Accept": "application/json"}, _reach(), most=MOST, timeout=TIMEOUT))


def _read(answer: Answer) -> dict[str, Any]:
    try:
        found = json.loads(answer.body) if answer.status == 200 and len(answer.body) < MOST else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise trouble("unreachable", f"{answer.status or answer.error}")
    return found


def _keys(says: Mapping[str, Any]) -> KeySet:
    """Keys for signatures; of a kind we do not know are left out."""
    raw = _fetched(str(says["jwks_uri"])).get("keys")
    found = []
    for one in raw if isinstance(raw, list) else []:
        if isinstance(one, dict) and one.get("use", "sig") == "sig" and one.get("kty") in ("RSA", "EC", "OKP"):
            try:
                found += KeySet.import_key_set({"keys": [one]}).keys
            except (JoseError, ValueError, KeyError, TypeError):
                continue
    if not found:
        raise trouble("unreachable", "no keys")
    return KeySet(found)


def begun(provider: Provider, back: str, at: datetime) -> tuple[str, dict[str, str]]:
    """Where to send somebody, and what to remember of this attempt until they come back."""
    says = discovered(provider.issuer, at).says
    kept = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
    kept |= {"issuer": provider.issuer, "at": at.isoformat()}
    url = prepare_grant_uri(
        str(says["authorization_endpoint"]), client_id=provider.client_id, response_type="code", redirect_uri=back,
        scope=SCOPE, state=kept["state"], nonce=kept["nonce"], code_challenge_method="S256",
        code_challenge=create_s256_code_challenge(kept["verifier"]),
    )  # fmt: skip
    return str(url), kept


def ended(provider: Provider, kept: Mapping[str, str], came: Mapping[str, str], back: str, at: datetime) -> Any:
    """What the provider says of who came back: the checked claims."""
    if not kept or not secrets.compare_digest(str(kept["state"]).encode(), came.get("state", "").encode()):
        raise trouble("state")
    if kept["issuer"] != provider.issuer or datetime.fromisoformat(kept["at"]) < at - PATIENCE:
        raise trouble("late")
    known = discovered(provider.issuer, at)
    named = came.get("iss")
    if named != provider.issuer and (named or known.says.get("authorization_response_iss_parameter_supported")):
        raise trouble("mix_up")  # another provider's answer, RFC 9207
    if came.get("error") or not came.get("code"):
        raise Refused(_("公司的登录页没有放行，或者您取消了"), code="sign_on_declined")
    token = _token(provider, known.says, came["code"], kept["verifier"], back)
    return _claims(provider, known, token, kept["nonce"], at)


def _token(provider: Provider, says: Mapping[str, Any], code: str, verifier: str, back: str) -> dict[str, Any]:
    headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
    body = prepare_token_request("authorization_code", code=code, redirect_uri=back, code_verifier=verifier)
    ways = says.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    if provider.secret and "client_secret_basic" in ways:
        pair = f"{quote(provider.client_id, safe='')}:{quote(provider.secret, safe='')}"
        headers["Authorization"] = "Basic " + b64encode(pair.encode()).decode()
    else:
        body += f"&client_id={quote(provider.client_id, safe='')}"
        body += f"&client_secret={quote(provider.secret, safe='')}" if provider.secret else ""
    url = checked(str(says["token_endpoint"]))
    return _read(post(url, body.encode(), headers, _reach(), most=MOST, timeout=TIMEOUT))


def _claims(provider: Provider, known: Known, token: Mapping[str, Any], nonce: str, at: datetime) -> Any:
    try:
        given = _decoded(provider, known, str(token.get("id_token") or ""), at)
        claims = CodeIDToken(
            given.claims, given.header,
            options={"iss": {"essential": True, "value": provider.issuer}, "aud": {"value": provider.client_id}},
            params={"nonce": nonce, "client_id": provider.client_id, "access_token": token.get("access_token")},
        )  # fmt: skip
        claims.validate(now=int(at.timestamp()), leeway=LEEWAY)
        if dict(claims) != storable(dict(claims)):
            raise ValueError("what no database keeps")
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as wrong:
        raise trouble("token", type(wrong).__name__) from None
    if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
        raise trouble("token", "sub")
    if int(claims["iat"]) > at.timestamp() + LEEWAY:
        raise trouble("token", "iat")
    return claims


def _decoded(provider: Provider, known: Known, token: str, at: datetime) -> jwt.Token:
    """By a key of the provider. A key we have not seen: it may have changed them."""
    try:
        return jwt.decode(token, known.keys, algorithms=ALGORITHMS)
    except (JoseError, ValueError):
        if at - known.at < ASK_AGAIN:
            raise
    return jwt.decode(token, discovered(provider.issuer, at, fresh=True).keys, algorithms=ALGORITHMS)


def forget() -> None:
    """For tests: as if just started."""
    _known.clear()
