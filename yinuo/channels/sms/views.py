"""Where a gateway of the general form reports what became of a message. See docs/sms.md."""

import hmac
import json
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from yinuo.channels.sms.commands import record_report
from yinuo.channels.sms.models import SmsMessage
from yinuo.channels.sms.signing import plain
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as

FRESH, MOST = timedelta(minutes=5), 20_000


def report(request: HttpRequest) -> HttpResponse:
    """{"id", "status": "delivered" or "undelivered", "detail"}, signed as our own requests are. May be repeated."""
    if request.method != "POST":
        return _no(405, "post_only")
    if settings.SMS["gateway"] != "http" or not settings.SMS["secret"]:
        return _no(404, "not_configured")
    if len(request.body) > MOST:
        return _no(413, "too_large")
    if not _signed(request):
        return _no(403, "signature")
    try:
        told = json.loads(request.body)
        number, status, detail = str(told["id"]), str(told["status"]), str(told.get("detail") or "")
    except (ValueError, KeyError, TypeError, AttributeError):
        return _no(422, "body")
    if status not in SmsMessage.Report.values:
        return _no(422, "status")
    with acting_as(Actor.system("sms")):
        row = SmsMessage.objects.filter(reference=number[:40]).first()
        if row is None:
            return _no(404, "unknown_id")
        record_report(sms_id=row.pk, report=status, detail=detail)
    return HttpResponse(status=204)


def _signed(request: HttpRequest) -> bool:
    timestamp, given = request.headers.get("x-yinuo-timestamp", ""), request.headers.get("x-yinuo-signature", "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12):
        return False
    if abs(int(timestamp) - clock.now().timestamp()) > FRESH.total_seconds():
        return False
    due = plain(secret=settings.SMS["secret"], timestamp=timestamp, body=request.body)
    return hmac.compare_digest(due.encode(), given.encode())


def _no(status: int, code: str) -> HttpResponse:
    return JsonResponse({"code": code}, status=status)
