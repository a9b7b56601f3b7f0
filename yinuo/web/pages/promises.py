"""Promises: the board and the on-time rates."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from yinuo.calendars.queries import missing_years
from yinuo.kernel import clock
from yinuo.kernel.actor import current_actor
from yinuo.promises import queries
from yinuo.promises.queries.board import GROUPS, began, narrow
from yinuo.web.listing import Column, Filter, Listing, Sort
from yinuo.web.render import render
from yinuo.web.routes import page

PERIODS = (7, 30, 90, 365)


def group_labels() -> dict[str, str]:
    return {
        "broken": _("已违约"),
        "risk": _("有风险"),
        "today": _("今天到期"),
        "week": _("七天内"),
        "later": _("以后"),
        "paused": _("暂停"),
    }


def aspect_labels() -> dict[str, str]:
    return {"owner": _("按人员"), "unit": _("按部门"), "customer": _("按客户"), "standard": _("按标准")}


@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """What is owed, in groups. Four statements: counts, years, count and page. The rate of thirty days comes after the
    page: it grows with all that fell due.
    """
    now = clock.now()
    labels = group_labels()
    listing = Listing(
        request,
        queries.board,
        plan="promises",
        placeholder=_("承诺、客户、单号"),
        search=_search,
        sorts=(Sort("due", _("先到期的"), "due_at"), Sort("due-", _("后到期的"), "-due_at")),
        filters=(
            Filter(
                "group",
                _("状况"),
                [(g, labels[g]) for g in GROUPS],
                lambda rows, value: queries.in_group(rows, value, clock.now()),
            ),
            Filter(
                "whose",
                _("归属"),
                (("me", _("我的")), ("none", _("无人负责"))),
                lambda rows, v: rows.filter(owner_id=current_actor().staff_key if v == "me" else None),
            ),
        ),
        columns=(
            Column(_("承诺")),
            Column(_("客户"), wide=True),
            Column(_("负责人")),
            Column(_("标准"), wide=True),
            Column(_("到期"), sort="due", cls="nowrap"),
        ),
        empty=_("没有未履行的承诺。收到投诉、来信或答应客户什么时，会出现在这里。"),
    )
    listing = _keyed(listing, request)
    context = {
        "section": "promises",
        "listing": listing,
        "counts": queries.counts(now),
        "labels": labels,
        "warnings": missing_years(now.astimezone(clock.CST).date()),
    }
    return render(request, "promises/board.jinja", context, part="board")


@require_GET
def rate(request: HttpRequest) -> HttpResponse:
    """The rate of the last thirty days as the board shows it. One statement."""
    now = clock.now()
    context = {"rate": queries.rate(now - timedelta(days=30), now), "at": now}
    return render(request, "promises/_rate.jinja", context)


def _keyed(listing: Listing, request: HttpRequest, *, rated: bool = False) -> Listing:
    """Followed from a rate: one person, team, customer or standard."""
    aspects = [a for a in aspect_labels() if request.GET.get(a)]
    if not aspects:
        return listing
    rows = listing.query() if callable(listing.query) else listing.query
    for aspect in aspects:
        value = request.GET[aspect]
        if aspect != "standard" and value != "none" and not (value.isascii() and value.isdigit() and len(value) < 18):
            continue
        rows = narrow(aspect, rated=rated)(rows, value)
    return Listing(
        request,
        rows,
        listing.columns,
        listing.sorts,
        listing.filters,
        listing.search,
        listing.placeholder,
        listing.empty,
    )


def _search(rows: Any, words: str) -> Any:
    return rows.filter(
        Q(title__icontains=words) | Q(customer__name__icontains=words) | Q(matter__number__icontains=words)
    )


@require_GET
def rates(request: HttpRequest) -> HttpResponse:
    """How often in time. Two statements."""
    aspects = aspect_labels()
    aspect = request.GET.get("by", "owner")
    aspect = aspect if aspect in aspects else "owner"
    days = request.GET.get("days", "30")
    days_back = int(days) if days in map(str, PERIODS) else 30
    now = clock.now()
    since = _midnight(now) - timedelta(days=days_back - 1)
    context = {
        "section": "promises",
        "aspect": aspect,
        "aspects": aspects,
        "days": days_back,
        "periods": PERIODS,
        "rows": queries.rates(aspect, since, now),
        "whole": queries.rate(since, now),
        "since": since,
    }
    return render(request, "promises/rates.jinja", context)


@require_GET
def settled(request: HttpRequest) -> HttpResponse:
    """The promises behind a rate. Two statements."""
    days, period = request.GET.get("days", "30"), request.GET.get("period", "")
    now = clock.now()
    since = _midnight(now) - timedelta(days=(int(days) if days in map(str, PERIODS) else 30) - 1)
    since = began(period, now) if period in ("week", "month") else since
    listing = Listing(
        request,
        queries.settled(since, now),
        search=_search,
        placeholder=_("承诺、客户、单号"),
        sorts=(Sort("due-", _("最近到期"), "-due_at"), Sort("due", _("最早到期"), "due_at")),
        filters=(
            Filter(
                "was",
                _("结果"),
                (("late", _("违约")), ("kept", _("按时"))),
                lambda rows, value: rows.filter(state="broken") if value == "late" else rows.exclude(state="broken"),
            ),
        ),
        columns=(
            Column(_("承诺")),
            Column(_("客户"), wide=True),
            Column(_("负责人")),
            Column(_("标准"), wide=True),
            Column(_("到期"), sort="due", cls="nowrap"),
        ),
        empty=_("这段时间没有到期的承诺。可以换一段时间，或去掉几个条件。"),
    )
    return render(
        request, "promises/settled.jinja", {"section": "promises", "listing": _keyed(listing, request, rated=True)}
    )


def _midnight(at: datetime) -> datetime:
    return datetime.combine(at.astimezone(clock.CST).date(), datetime.min.time(), clock.CST)


routes = [
    page("promises/", board, needs="promise.read", name="promises"),
    page("promises/rate/", rate, needs="promise.read", name="promise_rate"),
    page("promises/rates/", rates, needs="promise.read", name="promise_rates"),
    page("promises/settled/", settled, needs="promise.read", name="promises_settled"),
]
