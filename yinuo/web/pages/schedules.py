"""定时报表: who gets the monthly report by e-mail, and how the last ones went."""

from datetime import time
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yinuo.channels.email.queries import sends
from yinuo.identity.queries import units
from yinuo.insight.commands.plans import delete_plan, save_plan, send_now
from yinuo.insight.printing import prints
from yinuo.insight.queries.keeping import plan, plans
from yinuo.kernel.errors import Missing
from yinuo.web.forms.base import act, submit
from yinuo.web.forms.insight import PlanForm, initial_of
from yinuo.web.render import go, render
from yinuo.web.routes import page

TONES = {"sent": "ok", "failed": "late", "queued": "soon", "sending": "soon", "rehearsed": "plain"}
SHOWN = 12


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Five statements: schedules, people, reports with theirs, units, whether mail can be sent."""
    names = {u.pk: u.name for u in units(active=False)}
    rows = list(plans().order_by("-active", "next_at", "pk"))
    context = {
        "section": "board_team", "plans": [_shown(row, names) for row in rows], "tones": TONES, "sends": sends(),
    }  # fmt: skip
    return render(request, "boards/schedules.jinja", context)


def _shown(row: Any, names: dict[int, str]) -> dict[str, Any]:
    people = list(row.recipients.all())
    return {
        "row": row,
        "people": people,
        "mute": [p.name for p in people if not p.email],
        "units": [names.get(pk, "") for pk in row.unit_ids],
        "mails": row.last[:SHOWN],
    }


def new(request: HttpRequest) -> HttpResponse:
    start = {
        "day": 1,
        "hour": time(8, 30),
        "formats": ["pdf", "xlsx"] if prints() else ["xlsx"],
        "active": "yes",
        "recipient_ids": [request.user.pk],
    }
    return _edit(request, PlanForm.of(request, start), _("新建定时报表"))


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    row = plan(pk)
    if row is None:
        raise Missing(_("没有这个定时报表，或您无权查看"))
    form = PlanForm.of(request, initial_of(row), version=row.version)
    return _edit(request, form, row.title, plan_id=pk)


def _edit(request: HttpRequest, form: PlanForm, title: str, **fixed: Any) -> HttpResponse:
    if submit(request, form, save_plan, stale="plan_id" in fixed, **fixed):
        return go(request, "schedules", toast=_("已保存"))
    about = _("每月自动把上个月的月报寄给收件人。系统停机错过的，恢复后补发并注明。")
    words = {"title": title, "crumb": _("定时报表"), "submit": _("保存"), "about": about}
    return render(request, "boards/form.jinja", {"section": "board_team", "form": form, "back": "schedules", **words})


@require_POST
def now(request: HttpRequest, pk: int) -> HttpResponse:
    act(request, send_now, plan_id=pk)
    return go(request, "schedules", toast=_("已排队，一分钟内寄到您的邮箱；结果见下方"))


@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    act(request, delete_plan, plan_id=pk)
    return go(request, "schedules", toast=_("已删除"))


routes = [
    page("boards/schedules/", index, needs="report.export", name="schedules"),
    page("boards/schedules/new/", new, needs="report.export", name="schedule_new"),
    page("boards/schedules/<int:pk>/", edit, needs="report.export", name="schedule_edit"),
    page("boards/schedules/<int:pk>/send/", now, needs="report.export", name="schedule_send"),
    page("boards/schedules/<int:pk>/delete/", delete, needs="report.export", name="schedule_delete"),
]
