"""Every error leaves the API as a problem (RFC 9457): type, title, status, detail, code, and a sentence per field."""

import json
import logging
import re
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFilesSent
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from yinuo.kernel.errors import TooMany, YinuoError
from yinuo.kernel.outage import collided, database_away, disk_full

log = logging.getLogger("yinuo.api")
DOCS = "/api/docs#problems"


class Problem(Schema):
    """What went wrong. `code` is stable; `detail` is a sentence for people; `errors` names the fields."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: dict[str, str] = {}
    request_id: str = ""


def title_of(status: int) -> str:
    titles = {
        400: _("请求无法读取"), 401: _("密钥无效"), 403: _("没有权限"), 404: _("没有找到"), 405: _("不支持的方法"),
        409: _("现在不能这样做"), 413: _("内容太大"), 415: _("内容类型不对"), 422: _("填写有误"), 429: _("太频繁了"),
        503: _("暂时不可用"),
    }  # fmt: skip
    return titles.get(status, _("程序出了意外"))


def problem(
    request: HttpRequest, status: int, detail: str, code: str, errors: Mapping[str, str] | None = None, **headers: str
) -> HttpResponse:
    body = {
        "type": f"{DOCS}-{code}", "title": title_of(status), "status": status, "detail": detail, "code": code,
        "errors": dict(errors or {}), "request_id": getattr(request, "request_id", ""),
    }  # fmt: skip
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpResponse(
        json.dumps(body, ensure_ascii=False), status=status, content_type="application/problem+json", headers=named
    )


def known(request: HttpRequest, wrong: YinuoError) -> HttpResponse:
    headers = {"Retry_After": str(wrong.retry_after)} if isinstance(wrong, TooMany) else {}
    return problem(request, wrong.status, wrong.message, wrong.code, wrong.fields, **headers)


def unauthorised(request: HttpRequest) -> HttpResponse:
    detail = _("请在 Authorization: Bearer 后面给出有效的接口密钥")
    return problem(request, 401, detail, "unauthorised", WWW_Authenticate='Bearer realm="yinuo"')


def invalid(request: HttpRequest, wrong: ValidationError) -> HttpResponse:
    """Wrong types and missing fields, as the schema sees them."""
    errors: dict[str, str] = {}
    for one in wrong.errors:
        parts = [str(part) for part in one["loc"] if part not in ("body", "query", "path", "form", "file", "data")]
        errors.setdefault(".".join(parts) or "body", sentence(one))
    return problem(request, 422, _("有几处需要更正"), "invalid", errors)


def sentence(error: Mapping[str, Any]) -> str:
    """The schema's complaint in words people use."""
    kind, context = str(error["type"]), error.get("ctx") or {}
    if kind == "missing":
        return _("必填")
    if kind == "extra_forbidden":
        return _("没有这个字段")
    if kind.startswith("int"):
        return _("要填整数")
    if kind.startswith(("bool",)):
        return _("要填 true 或 false")
    if kind.startswith(("datetime", "timezone")):
        return _("要填带时区的时间，例如 2026-03-05T09:30:00+08:00")
    if kind.startswith("date"):
        return _("要填日期，例如 2026-03-05")
    if kind in ("string_too_long", "too_long"):
        return _("太长，最多 %(max)s") % {"max": context.get("max_length", "")}
    if kind in ("string_type", "string_sub_type"):
        return _("要填文字")
    if kind in ("greater_than_equal", "less_than_equal", "greater_than", "less_than"):
        return _("超出允许的范围")
    if kind in ("enum", "literal_error"):
        return _("只能是 %(values)s") % {"values": "、".join(re.findall("'([^']*)'", str(context.get("expected", ""))))}
    return _("格式不对")


def http_error(request: HttpRequest, wrong: HttpError) -> HttpResponse:
    if wrong.status_code == 400:
        cause = wrong.__cause__
        if isinstance(cause, YinuoError):
            return known(request, cause)
        return problem(request, 400, _("请求内容不是有效的 JSON（UTF-8）"), "unreadable")
    return problem(request, wrong.status_code, str(wrong.message), "http")


def unexpected(request: HttpRequest, wrong: Exception) -> HttpResponse:
    """Nothing of what happened inside is told; the request id finds it in the log."""
    if isinstance(wrong, RequestDataTooBig):
        return problem(request, 413, _("请求内容太大：JSON 最多 4 MB，附件请单独上传"), "too_large")
    if isinstance(wrong, (SuspiciousOperation, TooManyFilesSent, UnreadablePostError)):
        return problem(request, 400, _("请求不完整或被改动过"), "unreadable")
    if isinstance(wrong, DataError):
        return problem(request, 422, _("有内容超出了数据库能保存的范围"), "out_of_range")
    if disk_full(wrong):
        return problem(
            request,
            503,
            _("服务器的磁盘满了，没有存下；请稍后用同一个 Idempotency-Key 重试"),
            "unavailable",
            Retry_After="60",
        )
    if collided(wrong):
        detail = _("与别人的操作撞在一起，没有存下；请用同一个 Idempotency-Key 再试一次")
        return problem(request, 503, detail, "collided", Retry_After="1")
    if database_away(wrong):
        return problem(
            request, 503, _("数据库暂时连不上，请稍后用同一个 Idempotency-Key 重试"), "unavailable", Retry_After="3"
        )
    log.error("request %s failed", getattr(request, "request_id", ""), exc_info=wrong)
    return problem(request, 500, _("程序出了意外，已记下；请把 request_id 告诉管理员"), "internal")


def install(api: NinjaAPI) -> None:
    api.exception_handler(YinuoError)(known)
    api.exception_handler(AuthenticationError)(lambda request, wrong: unauthorised(request))
    api.exception_handler(ValidationError)(invalid)
    api.exception_handler(HttpError)(http_error)
    api.exception_handler(Http404)(lambda request, wrong: problem(request, 404, _("没有这个地址"), "missing"))
    api.exception_handler(Exception)(unexpected)
