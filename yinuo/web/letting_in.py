"""Somebody has shown who they are: half way in, or in, whichever way they came.

Between the first step and the second nobody is signed in: the session only remembers who is expected, for some minutes.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from yinuo.identity import sessions
from yinuo.identity.commands import note_sign_in
from yinuo.identity.entering import DEVICE, DEVICE_LIFE, device_id, entered
from yinuo.identity.models import Staff
from yinuo.identity.queries import entry_rules
from yinuo.identity.second_step import due_at, steps_of
from yinuo.identity.sign_on import kept_out, sign_on
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor
from yinuo.kernel.address import address_of, network_of
from yinuo.kernel.errors import Denied, Invalid
from yinuo.web.formats import moment
from yinuo.web.owing import OWES_STEP
from yinuo.web.render import go

PENDING = "pending"
PATIENCE = timedelta(minutes=10)
WAY_PASSWORD, WAY_PASSKEY, WAY_SIGN_ON = "password", "passkey", "sso"


def target_of(request: HttpRequest) -> str:
    """Where somebody wanted to go: a page of ours, or the first one."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return wanted if safe and wanted.startswith("/") else "/"


def first_step(request: HttpRequest, staff: Any, *, way: str, target: str) -> HttpResponse:
    """The password was right: on to the second step of who has one, else in."""
    refuse_locked(staff)
    if way != WAY_SIGN_ON:
        refuse_local(staff)
    if steps_of(staff.pk).any:
        request.session.flush()  # what was half done under this key, by whomever, is over
        expected = {"staff": staff.pk, "hash": staff.get_session_auth_hash(), "way": way, "target": target}
        request.session[PENDING] = {**expected, "at": clock.now().isoformat()}
        return go(request, "login_step")
    return let_in(request, staff, way=way, target=target, owes=_owes(staff))


def refuse_locked(staff: Any) -> None:
    """Said only to who has shown a password or a key of this account."""
    if staff.locked_at is not None:
        raise Denied(_("这个账号已锁定，因为有人说那次操作不是本人。请找管理员核实后解锁。"), code="locked")


def refuse_local(staff: Any) -> None:
    """Where the house lets people in by its provider only. It is said in the words of a wrong password, which are the
    same for everybody: nobody learns whose password was right.
    """
    if kept_out(sign_on(), staff):
        raise Invalid(_("登录名或密码不对。本公司用单点登录，请按上面的按钮。"), code="sign_on_only")


def _owes(staff: Any) -> datetime | None:
    return due_at(staff, entry_rules())


def expected(request: HttpRequest) -> tuple[Staff, dict[str, Any]] | None:
    """Who is half way in here: not for long, and not when the password was changed meanwhile."""
    pending = request.session.get(PENDING)
    if not pending or datetime.fromisoformat(pending["at"]) < clock.now() - PATIENCE:
        return None
    staff = Staff.objects.filter(pk=pending["staff"], is_active=True).first()
    if staff is None or staff.get_session_auth_hash() != pending["hash"]:
        return None
    return staff, pending


def let_in(request: HttpRequest, staff: Any, *, way: str, target: str, owes: datetime | None = None) -> HttpResponse:
    """A session of their own under a new key, written down, on a device that is known from now on. `owes`: from when
    on a second step must be there that is missing.
    """
    refuse_locked(staff)
    now = clock.now()
    request.session.pop(PENDING, None)
    login(request, staff, backend=settings.AUTHENTICATION_BACKENDS[0])
    ip, agent = address_of(request), request.headers.get("User-Agent", "")
    sessions.begin(request.session, ip=ip, agent=agent, way=way)
    if owes is not None and owes <= now:
        request.session[OWES_STEP] = True
    token = entered(staff.username, network_of(ip), request.COOKIES.get(DEVICE, ""), now)
    device = device_id(token)
    note_sign_in(staff_id=staff.pk, ip=ip, way=way, device=device, agent=agent, by=Actor.system("login"))
    soon = _("请在 %(when)s 之前设好两步登录，到时没有设就不能用了") % {"when": moment(owes)} if owes else ""
    response = go(request, target, toast=soon, tone="warning")
    response.set_cookie(
        DEVICE, token, max_age=int(DEVICE_LIFE.total_seconds()), path="/login/", httponly=True,
        secure=settings.SECURE, samesite="Lax",
    )  # fmt: skip
    return response
