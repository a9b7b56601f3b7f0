"""A public page: its route, its rendering, and what it says when something is wrong."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.middleware.csrf import get_token
from django.template import engines
from django.urls import URLPattern, path
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from yinuo.channels.portal.front import front
from yinuo.channels.portal.models import Front
from yinuo.channels.portal.rules import day_and_time
from yinuo.channels.portal.visitor import stranger
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as
from yinuo.kernel.errors import YinuoError
from yinuo.kernel.outage import collided, database_away, disk_full

View = Callable[..., HttpResponseBase]
#: Fields worth showing again when a page could not take them.
TYPED = ("content", "demand", "text", "correction", "reason", "comment")
LINK_CODES = ("token_forged", "token_expired")


def _front() -> Front:
    """How the company presents itself; also while the database is away."""
    try:
        return front()
    except (OperationalError, InterfaceError):
        return Front(name=settings.COMPANY_NAME, phone=settings.HOTLINE)


def public(route: str, view: View, *, name: str, methods: tuple[str, ...] = ("GET",)) -> URLPattern:
    """A page anybody may open. Whoever is signed in elsewhere acts here as a stranger, never as staff."""

    @wraps(view)
    def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in (*methods, "HEAD"):
            return HttpResponseNotAllowed(methods)
        with acting_as(stranger(request)):
            try:
                return view(request, *args, **kwargs)
            except YinuoError as wrong:
                return problem(request, wrong)
            except RequestDataTooBig:
                return sorry(request, 413, _("内容太多了"), _("请返回上一页把文字缩短一些再提交，您写的内容还在。"))
            except (OperationalError, InterfaceError, OSError) as wrong:
                if collided(wrong):
                    why = _("刚才与别人的操作撞在一起，没有存下。请返回上一页再提交一次，您写的内容还在。")
                    return sorry(request, 503, _("请再试一次"), why)
                if not database_away(wrong) and not disk_full(wrong):
                    raise
                return sorry(request, 503, _("暂时连不上"), _("请返回上一页，过一分钟再提交，您写的内容还在。"))

    door.needs = "PUBLIC"  # type: ignore[attr-defined]
    return path(route, door, name=name)


def render(
    request: HttpRequest, template: str, values: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    env: Any = engines["jinja2"]
    shown = _front()
    context = {
        "request": request, "csrf": get_token(request), "lang": get_language() or "zh-hans",
        "company": shown.name or _("客户服务"), "hotline": shown.phone, "hours": shown.hours,
        "when": lambda at: day_and_time(at, clock.now()), **(values or {}),
    }  # fmt: skip
    response = HttpResponse(env.env.get_template(f"portal/{template}.jinja").render(context), status=status)
    response.headers["Cache-Control"] = "no-store, private"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def problem(request: HttpRequest, wrong: YinuoError) -> HttpResponse:
    """What went wrong, calmly, and what to do instead."""
    if wrong.code in LINK_CODES:
        return render(
            request,
            "link",
            {"expired": wrong.code == "token_expired", "number": getattr(request, "request_id", "")},
            status=410 if wrong.code == "token_expired" else 404,
        )
    titles = {404: _("没有找到"), 409: _("现在不用这样做了"), 429: _("请稍等一会儿")}
    response = sorry(request, wrong.status, titles.get(wrong.status, _("没有成功")), wrong.message)
    if wrong.status == 429:
        response.headers["Retry-After"] = str(getattr(wrong, "retry_after", 60))
    return response


def sorry(request: HttpRequest, status: int, title: str, sentence: str) -> HttpResponse:
    """What went wrong; words that were typed are shown again, so that nobody writes them twice."""
    typed = [request.POST.get(name, "") for name in TYPED] if request.method == "POST" and status != 413 else []
    values = {
        "title": title, "sentence": sentence, "typed": [t for t in typed if t],
        "number": getattr(request, "request_id", ""),
    }  # fmt: skip
    return render(request, "sorry", values, status=status)
