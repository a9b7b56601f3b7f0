"""`Idempotency-Key`: the same request sent twice writes once, and both get the first answer."""

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from yinuo.api.accepted import accepted
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor
from yinuo.kernel.errors import AlreadyDone, Invalid, Refused
from yinuo.kernel.guard import permit_writes
from yinuo.kernel.once import claim_once, keep_result

_KEY = re.compile(r"[\x21-\x7e]{1,120}")
NAME = "api"


def idempotent(
    request: HttpRequest, actor: Actor, answer: Callable[[], HttpResponse], *, secret: bool, keeps: bool = True
) -> HttpResponse:
    """Claim the key, answer and keep the answer in one transaction. A failed request leaves the key free."""
    key = key_of(request)
    if not key:
        return answer()
    print_ = fingerprint(request)
    try:
        with transaction.atomic():
            with permit_writes("api idempotency"):
                claim_once(NAME, key, actor, clock.now())
            response = answer()
            with permit_writes("api idempotency"):
                keep_result(NAME, key, kept(print_, response, secret=secret, keeps=keeps))
            return response
    except AlreadyDone as before:
        return repeated(before.result, print_)


def key_of(request: HttpRequest) -> str:
    """The sender's key, or nothing."""
    key: str = request.META.get("HTTP_IDEMPOTENCY_KEY", "")
    if key and not _KEY.fullmatch(key):
        raise Invalid(_("Idempotency-Key 要用 1 到 120 个可见的 ASCII 字符"), code="bad_idempotency_key")
    return key


def kept(print_: str, response: HttpResponse, *, secret: bool, keeps: bool = True) -> dict[str, Any]:
    """What is kept of an answer, for a repeat of its request."""
    body = without_secret(response, secret) if keeps else None
    return {"print": print_, "status": response.status_code, "body": body}


def repeated(kept: Any, print_: str) -> HttpResponse:
    """The first answer once more, whichever way the request was answered then."""
    if not isinstance(kept, dict) or kept.get("print") != print_:
        detail = _("这个 Idempotency-Key 已用于另一个请求，请换一个")
        raise Invalid(detail, code="idempotency_key_reused")
    if "receipt" in kept:
        return accepted(kept["receipt"], again=True)
    if kept["body"] is None:
        detail = _("这个请求已办理过，它的结果不保留；要再看一次，请换一个 Idempotency-Key，会再记录一次")
        raise Refused(detail, code="not_replayable")
    return HttpResponse(
        kept["body"], status=kept["status"], content_type="application/json", headers={"Idempotent-Replayed": "true"}
    )


def fingerprint(request: HttpRequest) -> str:
    """The same method, path and body; of an upload the length stands for the body, which was read as a stream."""
    try:
        body = request.body
    except Exception:
        body = str(request.META.get("CONTENT_LENGTH", "")).encode()
    return hashlib.sha256(b"\n".join([(request.method or "").encode(), request.path.encode(), body])).hexdigest()


def without_secret(response: HttpResponse, secret: bool) -> str:
    """What may be kept: a secret shown once is not shown again."""
    body = response.content.decode()
    if not secret:
        return body
    return json.dumps({k: v for k, v in json.loads(body).items() if k != "secret"}, ensure_ascii=False)
