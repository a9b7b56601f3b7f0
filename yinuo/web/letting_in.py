"""Somebody has shown who they are: from here on they are in, whichever way they came."""

from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse

from yinuo.identity import sessions
from yinuo.identity.commands import note_sign_in
from yinuo.identity.entering import DEVICE, DEVICE_LIFE, entered
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor
from yinuo.kernel.address import address_of, network_of
from yinuo.web.render import go


def let_in(request: HttpRequest, staff: Any, *, way: str, target: str) -> HttpResponse:
    """A session of their own under a new key, written down, on a device that is known from now on."""
    login(request, staff)
    ip, agent = address_of(request), request.headers.get("User-Agent", "")
    sessions.begin(request.session, ip=ip, agent=agent, way=way)
    note_sign_in(staff_id=staff.pk, ip=ip, way=way, by=Actor.system("login"))
    response = go(request, target)
    token = entered(staff.username, network_of(ip), request.COOKIES.get(DEVICE, ""), clock.now())
    response.set_cookie(
        DEVICE, token, max_age=int(DEVICE_LIFE.total_seconds()), path="/login/", httponly=True,
        secure=settings.SECURE, samesite="Lax",
    )  # fmt: skip
    return response
