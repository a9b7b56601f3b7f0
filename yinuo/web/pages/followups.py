"""What follows the cases: 复查 that are due, 领导接待 by day, 内部通报 to read."""

from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from yinuo.complaints import queries
from yinuo.identity.queries import receivers
from yinuo.kernel import clock
from yinuo.kernel.clock import CST
from yinuo.web.pages.complaints import READ
from yinuo.web.reads.recognising import number
from yinuo.web.render import render
from yinuo.web.routes import SIGNED_IN, page

AHEAD = 30  # days of checks shown before they are due
WEEKS = 2
RECEPTIONS = ("leader.receive", "complaint.handle")


@require_GET
def checks(request: HttpRequest) -> HttpResponse:
    """Corrective actions to be looked at again: overdue, today, and what comes within a month; and what happened again
    and has no new measure yet.
    """
    today = clock.now().astimezone(CST).date()
    found = queries.to_check(until=today + timedelta(days=AHEAD))
    groups = [
        {"label": _("到了复查日期"), "rows": [c for c in found if c.check_on <= today], "due": True},
        {"label": _("%(n)d 天内") % {"n": AHEAD}, "rows": [c for c in found if c.check_on > today], "due": False},
    ]
    context = _context("checks", groups=groups, today=today, again=queries.recurred())
    return render(request, "complaints/checks.jinja", context)


@require_GET
def receptions(request: HttpRequest) -> HttpResponse:
    """Who waits for a leader's time, and two weeks of appointments; of one leader also times without their cases."""
    now = clock.now()
    start = _midnight(_day(request.GET.get("from", ""), now))
    end = start + timedelta(weeks=WEEKS)
    leaders = receivers()
    leader_id = number(request.GET.get("leader", ""))
    booked = queries.receptions_booked(start, end)
    rows = [{"row": r, "known": True} for r in booked if leader_id in (None, r.leader_id)]
    if leader_id:
        seen = {r.pk for r in booked}
        busy = queries.leader_calendar(leader_id, start, end)
        rows += [{"row": r, "known": False} for r in busy if r.pk not in seen]
    rows.sort(key=lambda r: r["row"].starts_at)
    context = _context(
        "receptions",
        asked=queries.receptions_asked(),
        days=_by_day(rows),
        leaders=leaders,
        leader_id=leader_id,
        first=start,
        last=end - timedelta(days=1),
        earlier=str((start - timedelta(weeks=WEEKS)).date()),
        later=str(end.date()),
    )
    return render(request, "complaints/receptions.jinja", context)


@require_GET
def publications(request: HttpRequest) -> HttpResponse:
    """Cases made known to the whole company, or to one's own department."""
    return render(request, "complaints/publications.jinja", _context("publications", rows=queries.publications()))


def _context(tab: str, **more: Any) -> dict[str, Any]:
    return {"section": "complaints", "tab": tab, **more}


def _day(text: str, now: datetime) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return now.astimezone(CST).date()


def _midnight(day: date) -> datetime:
    kept = min(max(day, date(2000, 1, 1)), date(2100, 1, 1))
    return datetime.combine(kept, datetime.min.time(), CST)


def _by_day(rows: list[dict[str, Any]]) -> list[tuple[date, list[dict[str, Any]]]]:
    days: dict[date, list[dict[str, Any]]] = {}
    for row in rows:
        days.setdefault(row["row"].starts_at.astimezone(CST).date(), []).append(row)
    return list(days.items())


routes = [
    page("complaints/checks/", checks, needs=READ, name="checks"),
    page("complaints/receptions/", receptions, needs=RECEPTIONS, name="receptions"),
    page("publications/", publications, needs=SIGNED_IN, name="publications"),
]
