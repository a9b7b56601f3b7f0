"""Notifications: what happened lately that concerns me."""

from django.http import HttpRequest, HttpResponse

from yinuo.kernel import clock
from yinuo.kernel.actor import current_actor
from yinuo.web.reads.notifications import news
from yinuo.web.render import render
from yinuo.web.routes import SIGNED_IN, page


def notifications(request: HttpRequest) -> HttpResponse:
    """Newest first, two weeks back."""
    context = {"news": news(current_actor(), clock.now())}
    return render(request, "notifications/list.jinja", context, part="news_list")


routes = [page("notifications/", notifications, needs=SIGNED_IN, name="notifications")]
