"""Who calls: `Authorization: Bearer yk_….…`. The key's actor has the part of its person's grants the key was given."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.security import HttpBearer

from yinuo.identity.models import ApiKey
from yinuo.identity.queries import actor_for_key
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor
from yinuo.kernel.address import address_of
from yinuo.kernel.errors import YinuoError
from yinuo.kernel.guard import permit_writes
from yinuo.kernel.throttle import count_try

WRONG_PER_MINUTE = 30


class TooLarge(YinuoError):
    status = 413
    code = "too_large"


class KeyAuth(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        refuse_huge(request)
        now = clock.now()
        ip = address_of(request)
        found = actor_for_key(
            token, at=now, ip=ip, request_id=getattr(request, "request_id", "")
        ) if token.isascii() and len(token) < 200 else None  # fmt: skip
        if found is None:
            count_try(f"api-key:{ip}", limit=WRONG_PER_MINUTE, window=timedelta(minutes=1), at=now)
            return None
        actor, key = found
        if key.last_used_at is None or now - key.last_used_at > timedelta(minutes=1):
            late = Q(last_used_at=None) | Q(last_used_at__lt=now - timedelta(minutes=1))
            with permit_writes("api key use"):
                ApiKey.objects.filter(late, pk=key.pk).update(last_used_at=now)
        request.api_actor = actor  # type: ignore[attr-defined]
        return actor


def refuse_huge(request: HttpRequest) -> None:
    """Say so before the body is read, not after."""
    upload = request.content_type == "multipart/form-data"
    most = settings.ATTACHMENT_MAX_BYTES + 64 * 1024 if upload else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    length: Any = request.META.get("CONTENT_LENGTH") or "0"
    if not str(length).isdecimal() or int(length) > most:
        raise TooLarge(_("请求内容太大：JSON 最多 4 MB，附件最多 25 MB"))
