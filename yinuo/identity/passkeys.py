"""Passkeys: what a browser is asked and whether its answer is good (WebAuthn, by py_webauthn)."""

import hashlib
import hmac
import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from django.conf import settings
from django.utils.translation import gettext as _
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from yinuo.identity.models import Passkey, Staff
from yinuo.kernel.errors import Invalid

#: The library raises these for what a browser sends, and now and then one of Python's own for what is no answer at all.
_WRONG = (WebAuthnException, InvalidSignature, ValueError, KeyError, TypeError, AttributeError, RecursionError)
#: As browsers write bytes; anything else is no key of ours, and may be nothing a database or a comparison takes.
_WRITTEN = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)
_BYTES_MOST = 20_000


def house() -> str:
    """The name the keys are made for. A browser offers them on this host only."""
    return urlsplit(settings.PUBLIC_URL).hostname or "localhost"


def handle_of(staff_id: int) -> bytes:
    """What a key knows its owner by: always the same, and tells nobody who it is."""
    return hmac.new(settings.SECRET_KEY.encode(), f"yinuo.passkey:{staff_id}".encode(), hashlib.sha256).digest()


def asked_to_make(staff: Staff, known: Iterable[Passkey]) -> dict[str, Any]:
    """What the browser is asked for a new key: kept on the device if it can, and only with a finger, face or PIN."""
    options = generate_registration_options(
        rp_id=house(), rp_name=settings.COMPANY_NAME or _("一诺"), user_name=staff.username,
        user_display_name=staff.name, user_id=handle_of(staff.pk), exclude_credentials=[_named(key) for key in known],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
    )  # fmt: skip
    return dict(json.loads(options_to_json(options)))


def asked_to_use(known: Iterable[Passkey] = (), *, alone: bool) -> dict[str, Any]:
    """What the browser is asked: one of these keys, or `alone` any it has for us, with its owner verified."""
    options = generate_authentication_options(
        rp_id=house(), allow_credentials=[_named(key) for key in known],
        user_verification=UserVerificationRequirement.REQUIRED if alone else UserVerificationRequirement.PREFERRED,
    )  # fmt: skip
    return dict(json.loads(options_to_json(options)))


def made(answer: str, challenge: str) -> tuple[VerifiedRegistration, list[str]]:
    """The new key, and the ways to reach it."""
    try:
        given = _read(answer)
        found = verify_registration_response(
            credential=given, expected_challenge=base64url_to_bytes(challenge), expected_rp_id=house(),
            expected_origin=settings.PUBLIC_URL,
        )  # fmt: skip
    except _WRONG:
        raise Invalid(_("通行密钥没有建成，请再试一次"), code="passkey_wrong") from None
    return found, [str(way)[:20] for way in given["response"].get("transports") or [] if isinstance(way, str)][:6]


def credential_in(answer: str) -> tuple[str, str]:
    """The key that answered and whom it belongs to, as the answer says; nothing of it is believed yet."""
    try:
        given = _read(answer)
        credential, handle = given["id"], given["response"].get("userHandle") or ""
        if not (_WRITTEN.fullmatch(credential) and _WRITTEN.fullmatch(handle)):
            raise ValueError("not written by a browser")
    except _WRONG:
        raise wrong() from None
    return credential, handle


def used(answer: str, challenge: str, key: Passkey, *, alone: bool) -> VerifiedAuthentication:
    """The answer of this key to this challenge; raises `Invalid` when anything about it is not right."""
    try:
        return verify_authentication_response(
            credential=_read(answer), expected_challenge=base64url_to_bytes(challenge), expected_rp_id=house(),
            expected_origin=settings.PUBLIC_URL, credential_public_key=bytes(key.public_key),
            credential_current_sign_count=key.sign_count, require_user_verification=alone,
        )  # fmt: skip
    except _WRONG:
        raise wrong() from None


def text(raw: bytes) -> str:
    """Bytes as the browser writes them."""
    return bytes_to_base64url(raw)


def wrong() -> Invalid:
    """The same sentence whatever was wrong: an unknown key, another's, a copied one, an answer from before."""
    return Invalid(_("这把通行密钥没有通过，请再试一次，或换一种方式登录"), code="passkey_wrong")


def _read(answer: str) -> dict[str, Any]:
    if len(answer) > _BYTES_MOST:
        raise ValueError("too long")
    given = json.loads(answer)
    if not isinstance(given, dict) or not isinstance(given.get("response"), dict):
        raise ValueError("no answer")
    return given


def _named(key: Passkey) -> PublicKeyCredentialDescriptor:
    known = {way.value: way for way in AuthenticatorTransport}
    ways = [known[way] for way in key.transports if way in known]
    return PublicKeyCredentialDescriptor(id=base64url_to_bytes(key.credential), transports=ways or None)
