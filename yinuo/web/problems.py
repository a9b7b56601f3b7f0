"""The page, or the toast, that says what went wrong. What a person typed is shown back, never lost."""

import json
import re
import sys
from typing import Any

from django.core.exceptions import DisallowedHost, RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from yinuo.channels.portal.pages import sorry
from yinuo.kernel.outage import collided, database_away, disk_full
from yinuo.web.render import render

HIDDEN = ("csrfmiddlewaretoken", "once", "version", "old", "new", "again", "signature", "code", "secret")
CHOSEN = re.compile(r"[a-z_]*|on|\d{0,2}")  # what a list or a box sends: nobody typed that


def hidden(name: str) -> bool:
    """What is never shown back: plumbing, and whatever is a secret."""
    return name in HIDDEN or "password" in name or name.endswith(("_key", "_id", "_version"))


def came_from(request: HttpRequest) -> str:
    """The page of ours somebody came from; never another site's."""
    referer = request.headers.get("Referer", "")
    try:
        ours = url_has_allowed_host_and_scheme(referer, {request.get_host()}, request.is_secure())
    except DisallowedHost:
        return "/"
    return referer if ours else "/"


def title_of(status: int) -> str:
    """A short heading for a status."""
    return {
        400: _("请求不完整"),
        401: _("请先登录"),
        403: _("没有权限"),
        404: _("没有找到"),
        405: _("不能这样打开"),
        409: _("现在不能这样做"),
        413: _("内容太大"),
        422: _("填写有误"),
        429: _("太频繁了"),
        503: _("暂时不可用"),
    }.get(status, _("出错了"))


def problem_response(
    request: HttpRequest, status: int, message: str, fields: Any = None, *, login: str = ""
) -> HttpResponse:
    """A full page, or for a fragment request a toast that leaves the page as it is."""
    if request.path.startswith("/p/"):
        return sorry(request, status, title_of(status), message)
    fields = fields or {}
    if request.headers.get("HX-Request") == "true":
        text = " ".join([message, *(str(sentence) for sentence in fields.values())])
        trigger = json.dumps({"toast": {"text": text, "tone": "danger"}})
        return HttpResponse(status=status, headers={"HX-Reswap": "none", "HX-Trigger": trigger})
    typed = (
        [
            value
            for name, values in request.POST.lists()
            if not hidden(name)
            for value in values
            if not CHOSEN.fullmatch(value)
        ]
        if request.method == "POST" and status != 413
        else []
    )
    return render(
        request,
        "errors/problem.jinja",
        {
            "status": status,
            "title": title_of(status),
            "message": message,
            "fields": fields,
            "typed": typed,
            "login": login,
            "back": came_from(request),
            "request_id": getattr(request, "request_id", ""),
        },
        status=status,
    )


def signed_out(request: HttpRequest, login: str) -> HttpResponse:
    """The session ended while somebody was writing: what was written is shown, and waits in the form after login."""
    text = _("登录已过期，刚才的内容没有提交。重新登录后会回到原来的页面，您填写的内容还在。")
    return problem_response(request, 401, text, login=login)


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """There is no such address, or nothing there for this person."""
    return problem_response(request, 404, _("没有这一页，或者它不在您能看到的范围内。"))


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The framework refused."""
    return problem_response(request, 403, _("您不能做这一步。"))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The framework could not read the request."""
    if isinstance(exception, RequestDataTooBig):
        return problem_response(request, 413, _("内容太大了。请返回上一页缩短文字再提交，您写的内容还在。"))
    return problem_response(request, 400, _("这个请求不完整或被改动过，请返回重试。"))


def outage(wrong: BaseException | None) -> tuple[int, str, Any] | None:
    """What is nobody's fault and passes: nothing was stored, and nothing typed is lost."""
    if disk_full(wrong):
        return 503, _("服务器的磁盘满了，刚才的内容没有存下，但还在页面上。请告诉管理员，腾出空间后再提交。"), {}
    if collided(wrong):
        return 503, _("与别人的操作撞在一起，刚才的没有存下。您填写的内容还在页面上，请再试一次。"), {}
    if database_away(wrong):
        return 503, _("数据库暂时连不上。您填写的内容还在页面上，请过一会儿再提交。"), {}
    return None


def broken(request: HttpRequest) -> HttpResponse:
    """Something we did not expect, or an outage met before any page was reached."""
    if known := outage(sys.exc_info()[1]):
        return problem_response(request, *known)
    if request.path.startswith("/p/"):
        text = _("程序出了意外，不是您的问题。请返回上一页再试一次。编号 %(id)s")
        return sorry(request, 500, _("出错了"), text % {"id": getattr(request, "request_id", "")})
    return problem_response(request, 500, _("程序出了意外。已经记下，请把编号告诉管理员；您可以返回重试。"))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form is too old or came from elsewhere."""
    return problem_response(request, 403, _("这一页打开太久，安全校验已过期。请返回上一页刷新后再提交。"))
