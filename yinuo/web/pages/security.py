"""One's own ways in: where one is signed in, and ending that."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from yinuo.identity.agents import device_of
from yinuo.identity.alerts import told_of
from yinuo.identity.commands import end_other_sessions, end_session, end_sessions
from yinuo.identity.second_step import steps_of
from yinuo.identity.sessions import mark, sessions_of
from yinuo.kernel import clock
from yinuo.kernel.actor import current_actor
from yinuo.web.forms.base import act
from yinuo.web.render import go, render
from yinuo.web.routes import SIGNED_IN, page

WAYS = {
    "password": gettext_lazy("密码"),
    "passkey": gettext_lazy("通行密钥"),
    "sso": gettext_lazy("单点登录"),
    "sso+code": gettext_lazy("单点登录和验证码"),
    "sso+passkey": gettext_lazy("单点登录和通行密钥"),
    "sso+recovery": gettext_lazy("单点登录和恢复码"),
    "password+code": gettext_lazy("密码和验证码"),
    "password+passkey": gettext_lazy("密码和通行密钥"),
    "password+recovery": gettext_lazy("密码和恢复码"),
}


def show(request: HttpRequest) -> HttpResponse:
    """Everything about getting in, on one page."""
    me = current_actor().staff_key
    events = told_of(me, clock.now() - timedelta(days=90)).select_related("staff")[:8]
    context = {"sessions": _sessions(request), "steps": steps_of(me), "events": events}
    return render(request, "auth/security.jinja", context)


def _sessions(request: HttpRequest) -> list[dict[str, Any]]:
    here = mark(request.session.session_key)
    rows = [
        {"row": row, "mark": mark(row.session_key), "device": device_of(row.agent), "way": WAYS.get(row.way, "")}
        for row in sessions_of(current_actor().staff_key)
    ]
    return sorted(({**row, "here": row["mark"] == here} for row in rows), key=lambda row: not row["here"])


@require_POST
def end(request: HttpRequest, session: str) -> HttpResponse:
    act(request, end_session, session=session)
    return go(request, "security", toast=_("那台设备上的登录已经结束"))


@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    ended = act(request, end_other_sessions, keep=mark(request.session.session_key)).result
    return go(request, "security", toast=_("结束了其他 %(n)s 处登录") % {"n": ended or 0})


@require_POST
def end_theirs(request: HttpRequest, pk: int) -> HttpResponse:
    ended = act(request, end_sessions, staff_id=pk).result
    return go(request, "person", pk, toast=_("结束了 %(n)s 处登录") % {"n": ended or 0})


routes = [
    page("security/", show, needs=SIGNED_IN, name="security"),
    page("security/sessions/end/", end_others, needs=SIGNED_IN, name="sessions_end"),
    page("security/sessions/<slug:session>/end/", end, needs=SIGNED_IN, name="session_end"),
    page("settings/staff/<int:pk>/sessions/end/", end_theirs, needs="staff.manage", name="person_sessions_end"),
]
