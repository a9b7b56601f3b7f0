"""What a gateway calls, mounted at /hooks/sms/."""

from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from yinuo.channels.sms.views import report

hook = csrf_exempt(report)  # no session stands behind it: the signature does
hook.needs = "PUBLIC"  # type: ignore[attr-defined]

urlpatterns = [path("report/", hook, name="sms_report")]
