"""The page, or the toast, that says what went wrong. What a person typed is shown back, never lost."""

import json
import logging
import re
import sys
from typing import Any

from django.core.exceptions import DisallowedHost, RequestDataTooBig
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from yinuo.channels.portal.pages import sorry
from yinuo.identity.queries import who_can_help
from yinuo.kernel.outage import collided, database_away, disk_full
from yinuo.web.render import render

log = logging.getLogger("yinuo.web")
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


#: Where a number helps nobody: what is asked for stands beside the field, or in the sentence.
PLAIN = (401, 409, 422)


def number_of(request: HttpRequest) -> str:
    """By which the log and the audit know this request."""
    return str(getattr(request, "request_id", ""))


def whom_to_ask(request: HttpRequest, status: int) -> list[str]:
    """Colleagues who can open what is closed, or mend what broke; nobody while the database cannot tell."""
    actor = getattr(request, "actor", None)
    if actor is None or status not in (403, 500):
        return []
    try:
        return who_can_help(actor.staff_id)
    except (DatabaseError, InterfaceError):
        return []


def problem_response(
    request: HttpRequest, status: int, message: str, fields: Any = None, *, login: str = ""
) -> HttpResponse:
    """A full page, or for a fragment request a toast that leaves the page as it is."""
    if request.path.startswith("/p/"):
        return sorry(request, status, title_of(status), message)
    fields = fields or {}
    if request.headers.get("HX-Request") == "true":
        text = " ".join([message, *(str(sentence) for sentence in fields.values())])
        number = "" if status in PLAIN else number_of(request)
        trigger = json.dumps({"toast": {"text": text, "tone": "danger", "number": number}})
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
            "number": number_of(request),
            "ask": whom_to_ask(request, status),
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
    text = _("程序出了意外。已经记下，请把编号告诉管理员；您可以返回重试。")
    if request.path.startswith("/p/"):
        text = _("程序出了意外，不是您的问题。请返回上一页再试一次，您写的内容还在。")
    try:
        return problem_response(request, 500, text)
    except Exception:  # the page that says so is broken too
        log.exception("the page for an error could not be made")
        return bare(request, text)


def bare(request: HttpRequest, text: str) -> HttpResponse:
    """The last resort: a page that needs no template, no database and no script."""
    page = format_html(
        '<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>'
        '<link rel="stylesheet" href="{tokens}"><link rel="stylesheet" href="{app}"></head>'
        '<body class="y-plain"><main class="y-problem"><h1>{title}</h1><p class="y-problem-text">{text}</p>'
        '<p>{label} <code class="y-number">{number}</code></p>'
        '<p><a class="btn" href="/">{home}</a></p></main></body></html>',
        lang="en" if (get_language() or "").startswith("en") else "zh-CN", title=title_of(500),
        text=text, label=_("编号"), number=number_of(request), home=_("回到首页"),
        tokens=static("css/tokens.css"), app=static("css/app.css"),
    )  # fmt: skip
    return HttpResponse(page, status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form is too old or came from elsewhere."""
    return problem_response(request, 403, _("这一页打开太久，安全校验已过期。请返回上一页刷新后再提交。"))
