"""The working calendar: a year at a glance, days and hours to change, each change shown first by what it moves."""

import calendar as months
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from yinuo.calendars import queries
from yinuo.calendars.book import CalendarBook, runs
from yinuo.calendars.commands import change_calendar
from yinuo.calendars.national import national_years
from yinuo.calendars.rules import WorkCalendar
from yinuo.identity.queries import units
from yinuo.kernel import clock
from yinuo.promises.queries import calendar_preview
from yinuo.promises.queries.moves import SHOWN
from yinuo.web.forms.base import PageForm, submit
from yinuo.web.forms.calendars import DAYS, DayForm, PasteForm, WeekForm, YearForm, hours_text
from yinuo.web.render import go, render
from yinuo.web.routes import page

NEEDS = "calendar.edit"


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Units, book and path, known years, history: five statements."""
    today = clock.now().astimezone(clock.CST).date()
    year = _number(request.GET.get("year"), today.year)
    year = year if 2004 <= year <= 2100 else today.year
    unit_id = _number(request.GET.get("unit"), 0) or None
    book = queries.current_book()
    path = queries.unit_path(unit_id)
    working = book.calendar(path)
    context = {
        "section": "settings",
        "year": year,
        "unit_id": unit_id,
        "units": units(),
        "book": book,
        "today": today,
        "months": _year(working, year),
        "known": year in working.known_years,
        "published": year in national_years(),
        "warnings": queries.missing_years(today),
        "week": _week(book, working, unit_id),
        "history": queries.history(20),
        "days": sum(
            working.assuming_plain_weeks().is_working(date(year, 1, 1) + timedelta(n))
            for n in range(366 if months.isleap(year) else 365)
        ),
    }
    return render(request, "calendars/index.jinja", context)


def _year(working: WorkCalendar, year: int) -> list[dict[str, Any]]:
    """Twelve months of weeks; every day with its kind: work, rest, holiday, made up, special, unknown."""
    table = months.Calendar(firstweekday=0)
    return [
        {
            "month": month,
            "weeks": [
                [_day(working, day) if day.month == month else None for day in week]
                for week in table.monthdatescalendar(year, month)
            ],
        }
        for month in range(1, 13)
    ]


def _day(working: WorkCalendar, day: date) -> dict[str, Any]:
    own, law = working.special.get(day), working.national.get(day)
    known = own or day.year in working.known_years
    open_ = working.assuming_plain_weeks().hours(day)
    if own:
        kind = "special"
    elif law:
        kind = "made-up" if law.working else "holiday"
    else:
        kind = "work" if open_ else "rest"
    name = (own.name if own else law.name if law else "") or ""
    state = _("上班") if open_ else _("休息")
    tip = "　".join(part for part in (name, state, hours_text(open_) if own and open_ else "") if part)
    tip = tip if known else _("节假日未录入")
    return {"on": day, "kind": kind, "open": bool(open_), "tip": tip, "known": bool(known)}


def _week(book: CalendarBook, working: WorkCalendar, unit_id: int | None) -> dict[str, Any]:
    days = [{"label": label, "hours": hours_text(hours)} for label, hours in zip(DAYS, working.week, strict=True)]
    return {"days": days, "own": unit_id in book.weeks, "open_on_holidays": working.open_on_holidays}


@require_http_methods(["GET", "POST"])
def day(request: HttpRequest) -> HttpResponse:
    start = {"on": request.GET.get("on"), "effect": "off", "unit_id": _number(request.GET.get("unit"), 0) or None}
    return _change(request, DayForm.of(request, start, version=queries.current_book().version), _("修改日期"))


@require_http_methods(["GET", "POST"])
def paste(request: HttpRequest) -> HttpResponse:
    """Many days from lines of text; what was understood is shown before anything changes."""
    start = {
        "of_year": _number(request.GET.get("year"), clock.now().year),
        "unit_id": _number(request.GET.get("unit"), 0) or None,
    }
    return _change(request, PasteForm.of(request, start, version=queries.current_book().version), _("粘贴放假安排"))


@require_http_methods(["GET", "POST"])
def week(request: HttpRequest) -> HttpResponse:
    unit_id = _number(request.GET.get("unit"), 0) or None
    book = queries.current_book()
    working = book.calendar(queries.unit_path(unit_id))
    start = {
        "unit_id": unit_id,
        "open_on_holidays": working.open_on_holidays,
        **{f"day_{n}": hours_text(hours) for n, hours in enumerate(working.week)},
    }
    return _change(request, WeekForm.of(request, start, version=book.version), _("每周营业时间"))


@require_http_methods(["GET", "POST"])
def year(request: HttpRequest) -> HttpResponse:
    """State that a year's days off are all entered, or take it back."""
    number = _number(request.GET.get("year"), clock.now().year + 1)
    known = request.GET.get("known", "1") == "1"
    form = YearForm.of(request, {"year": number, "known": known}, version=queries.current_book().version)
    title = _("确认 %d 年节假日已录入完毕") if known else _("%d 年节假日标记为未录入")
    return _change(request, form, title % number)


def _change(request: HttpRequest, form: Any, title: str) -> HttpResponse:
    """First what would move, then the change."""
    moves = None
    if request.method == "POST" and form.is_valid():
        if request.POST.get("step") == "apply":
            if submit(request, form, change_calendar, stale=True):
                return go(request, _back_to(form), toast=_("已修改；受影响的承诺已重新计算，并各自留下记录"))
        else:
            moves = calendar_preview(form.values()["change"], clock.now())
    context = {
        "section": "settings",
        "form": form,
        "title": title,
        "moves": moves,
        "understood": runs(form.values()["change"].days) if moves is not None and isinstance(form, PasteForm) else [],
        "shown": SHOWN,
        "fields": _fields(form),
    }
    return render(request, "calendars/change.jinja", context)


def _back_to(form: Any) -> str:
    """The year the change is about: a year of days off is entered one after another."""
    about = form.cleaned_data.get("year") or getattr(form.cleaned_data.get("on"), "year", "")
    unit = form.cleaned_data.get("unit_id") or ""
    return f"{reverse('calendars')}?{urlencode({'year': about, 'unit': unit})}"


def _fields(form: PageForm) -> list[Any]:
    """The weekdays come before what holds for the whole week."""
    shown = form.visible_fields()
    return sorted(shown, key=lambda bound: bound.name in ("open_on_holidays", "inherit"))


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else otherwise


routes = [
    page("settings/calendars/", index, needs=NEEDS, name="calendars"),
    page("settings/calendars/day/", day, needs=NEEDS, name="calendar_day"),
    page("settings/calendars/paste/", paste, needs=NEEDS, name="calendar_paste"),
    page("settings/calendars/week/", week, needs=NEEDS, name="calendar_week"),
    page("settings/calendars/year/", year, needs=NEEDS, name="calendar_year"),
]
