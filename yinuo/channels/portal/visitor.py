"""Who is at the door: nobody known, or somebody who holds a link or has given a code for a case."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from yinuo.channels.portal.rules import LIMITS, UNLOCK_LIFE
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.address import address_of, network_of
from yinuo.kernel.errors import Invalid, Missing
from yinuo.kernel.throttle import count_try
from yinuo.kernel.tokens import sign, unsign
from yinuo.matters.models import Matter

COOKIE = "yinuo_case"
PURPOSE = "portal.unlocked"
#: A phone keeps at most this many cases open at once.
MOST = 10


def stranger(request: HttpRequest) -> Actor:
    """Somebody who may write to us and see nothing."""
    return Actor.customer(
        customer_id=None, name=_("网上客户"), ip=address_of(request), request_id=getattr(request, "request_id", "")
    )


def place(request: HttpRequest) -> str:
    """Where tries are counted for: one household is one place, however many IPv6 addresses it has."""
    return network_of(stranger(request).ip)


def holder(request: HttpRequest, matter_id: int) -> Actor:
    """The customer of one case, seeing that case alone. Scope itself decides: the matter is read as the stranger
    who holds its link.
    """
    nobody = stranger(request)
    known = Actor.customer(
        customer_id=None,
        name=nobody.name,
        matter_ids=frozenset({matter_id}),
        ip=nobody.ip,
        request_id=nobody.request_id,
    )
    with acting_as(known):
        found = Matter.objects.filter(pk=matter_id).values("customer_id", "customer__name").first()
    if found is None:
        raise Missing(_("没有找到这件事项"))
    return Actor.customer(
        customer_id=found["customer_id"], name=found["customer__name"][:80], matter_ids=frozenset({matter_id}),
        ip=nobody.ip, request_id=nobody.request_id,
    )  # fmt: skip


def unlocked(request: HttpRequest) -> tuple[int, ...]:
    """The cases this browser has given a code for in the last two hours."""
    kept = request.COOKIES.get(COOKIE, "")
    if not kept:
        return ()
    try:
        payload: Any = unsign(PURPOSE, kept)
    except Invalid:
        return ()
    return tuple(int(pk) for pk in payload)


def unlock(request: HttpRequest, response: HttpResponse, matter_id: int, at: datetime) -> None:
    """Remember in a signed cookie, for this browser only, that it may read the case."""
    ids = list(dict.fromkeys([matter_id, *unlocked(request)]))[:MOST]
    _keep(response, ids, at)


def lock(response: HttpResponse) -> None:
    response.delete_cookie(COOKIE, path="/p/", samesite="Lax")


def _keep(response: HttpResponse, ids: Iterable[int], at: datetime) -> None:
    response.set_cookie(
        COOKIE, sign(PURPOSE, list(ids), at + UNLOCK_LIFE), max_age=int(UNLOCK_LIFE.total_seconds()), path="/p/",
        httponly=True, secure=settings.SECURE, samesite="Lax",
    )  # fmt: skip


def count(what: str, whom: object, weight: int = 1) -> None:
    """Count one try of `what` by an address, phone or number; over the limit raises `TooMany`."""
    limit = LIMITS[what]
    count_try(f"portal-{what}:{whom}", limit=limit.times, window=limit.window, at=clock.now(), weight=weight)
