"""Signing in on a new device while strangers try passwords: a link makes the device known and opens nothing itself."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from yinuo.identity.commands import pass_device
from yinuo.identity.entering import DEVICE, DEVICE_LIFE, welcomed
from yinuo.identity.models import Staff
from yinuo.kernel import clock
from yinuo.kernel.actor import current_actor
from yinuo.kernel.errors import Missing
from yinuo.web.forms.base import act
from yinuo.web.render import go, render
from yinuo.web.routes import PUBLIC, SIGNED_IN, page


@never_cache
def new_device(request: HttpRequest, pk: int = 0) -> HttpResponse:
    """What it is for; after the button, the link."""
    me = current_actor().staff_key
    person: Any = Staff.objects.filter(pk=pk or me).first()
    if person is None:
        raise Missing(_("没有这位员工，或不能登录"))
    link = ""
    if request.method == "POST":
        token = act(request, pass_device, staff_id=person.pk).result
        link = f"{settings.PUBLIC_URL}{reverse('login_device', args=[token])}"
    return render(request, "auth/device.jinja", {"person": person, "own": person.pk == me, "link": link})


@never_cache
@require_GET
def opened(request: HttpRequest, token: str) -> HttpResponse:
    """The link was opened on the new device. It lies below /login/, so the cookie is sent where it is read."""
    value = welcomed(token, clock.now())
    response = go(request, "login", toast=_("这台设备已登记，请用登录名和密码登录"))
    response.set_cookie(
        DEVICE, value, max_age=int(DEVICE_LIFE.total_seconds()), path="/login/", httponly=True,
        secure=settings.SECURE, samesite="Lax",
    )  # fmt: skip
    return response


routes = [
    page("device/", new_device, needs=SIGNED_IN, name="new_device"),
    page("settings/staff/<int:pk>/device/", new_device, needs="staff.manage", name="person_device"),
    page("login/device/<str:token>/", opened, needs=PUBLIC, name="login_device"),
]
