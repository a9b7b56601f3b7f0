"""Notifications: what happened lately that concerns me, when a page may ring for it, and what I wish to be told of."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yinuo.calendars.queries import calendar_for
from yinuo.identity import wishes as rules
from yinuo.identity.commands import read_news, set_wishes
from yinuo.identity.models import Staff
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, current_actor
from yinuo.kernel.discreet import masked
from yinuo.kernel.errors import TooMany
from yinuo.kernel.throttle import count_try
from yinuo.web.formats import short
from yinuo.web.forms.base import submit
from yinuo.web.forms.calendars import hours_text
from yinuo.web.forms.notifications import WishesForm, labels
from yinuo.web.reads.notifications import News, news, unread
from yinuo.web.render import go, render
from yinuo.web.routes import SIGNED_IN, page

ONE_IN = timedelta(seconds=60)
#: What is older than this is counted, but nothing rings for it any more.
RINGS_WITHIN = timedelta(minutes=10)


def notifications(request: HttpRequest) -> HttpResponse:
    """Newest first, two weeks back."""
    me: Staff = request.user  # type: ignore[assignment]
    now = clock.now()
    context = {"news": news(current_actor(), now), "read_at": me.news_read_at, "section": ""}
    return render(request, "notifications/list.jinja", context, part="news_list")


@require_POST
def heard(request: HttpRequest) -> HttpResponse:
    """An open page heard that something came: how much is new, and whether to ring now. One ring a minute and person,
    however many pages, browsers and devices ask; what came meanwhile is in the next one.
    """
    actor, now = current_actor(), clock.now()
    me: Staff = request.user  # type: ignore[assignment]
    wishes, read_at = rules.read(me.wishes), me.news_read_at
    rows = news(actor, now)
    if request.POST.get("read") and unread(rows, wishes, read_at, now):
        read_at = read_news().news_read_at
    newest = max((row.at for row in rows if row.at <= now), default=now)
    since = _since(request.POST.get("since", ""), now)
    answer: dict[str, Any] = {"count": unread(rows, wishes, read_at, now), "since": newest.isoformat()}
    if request.POST.get("read"):
        return JsonResponse(answer)
    told = _told([row for row in rows if since < row.at <= now], wishes, actor, now)
    if told:
        try:
            count_try(f"ring:{actor.staff_id}", limit=1, window=ONE_IN, at=now)
            answer["ring"] = _ring(told, wishes)
        except TooMany as wait:
            answer |= {"wait": wait.retry_after, "since": since.isoformat()}
    return JsonResponse(answer)


def _since(text: str, now: datetime) -> datetime:
    """Up to where the page has heard; never further back than anything rings."""
    try:
        given = parse_datetime(text[:40])
    except ValueError:
        given = None
    return max(given, now - RINGS_WITHIN) if given and given.tzinfo else now - RINGS_WITHIN


def _told(rows: list[News], wishes: rules.Wishes, actor: Actor, now: datetime) -> list[tuple[News, set[str]]]:
    quiet = bool(rows) and rules.is_quiet(wishes, now.astimezone(clock.CST), _at_work(wishes, actor, now))
    chosen = [(row, set(rules.ways(wishes, row.kind, own=row.own, quiet=quiet))) for row in rows]
    return [(row, ways) for row, ways in chosen if ways]


def _at_work(wishes: rules.Wishes, actor: Actor, now: datetime) -> bool | None:
    """Whether my unit works now; asked only by whom it matters to."""
    if not wishes.quiet_off_work:
        return None
    local = now.astimezone(clock.CST)
    hours = calendar_for(actor.unit_id).assuming_plain_weeks().hours(local.date())
    return any(start <= local.hour * 60 + local.minute < end for start, end in hours)


def _ring(told: list[tuple[News, set[str]]], wishes: rules.Wishes) -> dict[str, Any]:
    ways = set().union(*(ways for _row, ways in told))
    first, many = told[0][0], len(told) > 1
    title = _("%(n)d 条新通知") % {"n": len(told)} if many else first.title
    text = _("；").join(list(dict.fromkeys(short(row.title, 40) for row, _ways in told))[:3]) if many else first.text
    one = wishes.hide or many
    return {
        "title": _("有新通知") if wishes.hide else short(masked(title), 60),
        "text": _("打开一诺查看") if wishes.hide else short(masked(text), 120),
        "url": reverse("notifications") if one else reverse(first.href[0], args=[first.href[1]]),
        "shown": rules.SHOWN in ways,
        "desktop": rules.DESKTOP in ways,
        "volume": wishes.volume / 100 if rules.SOUND in ways else 0,
    }


def settings(request: HttpRequest) -> HttpResponse:
    """Which kinds, in which way, and when it is quiet; one's own."""
    me: Staff = request.user  # type: ignore[assignment]
    form = WishesForm.of(request, rules.said(rules.read(me.wishes)))
    if submit(request, form, set_wishes):
        return go(request, "notice_settings", toast=_("通知设置已保存"))
    local = clock.now().astimezone(clock.CST)
    hours = calendar_for(current_actor().unit_id).assuming_plain_weeks().hours(local.date())
    context = {"form": form, "kinds": labels(), "hours": hours_text(hours)}
    return render(request, "notifications/settings.jinja", context)


routes = [
    page("notifications/", notifications, needs=SIGNED_IN, name="notifications"),
    page("notifications/heard/", heard, needs=SIGNED_IN, name="notifications_heard"),
    page("notifications/settings/", settings, needs="self.use", name="notice_settings"),
]
