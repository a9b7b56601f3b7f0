"""Plans: who is asked by itself, when and how many of them; how long everybody is left in peace."""

from datetime import date, datetime
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from yinuo.customers.models import Customer
from yinuo.customers.queries.segments import read_segment
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.clock import CST
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Stale
from yinuo.kernel.text import clean_line
from yinuo.surveys.models import Questionnaire, SurveyPlan, SurveySetting
from yinuo.surveys.rules.asking import TRIGGERS


@command("survey.save_plan", needs="survey.edit")
def save_plan(
    *, plan_id: int | None = None, name: str, questionnaire_id: int, trigger: str, delay_days: int = 0,
    sample: int = 100, grade: str = "", status: str = "", customer_kind: str = "", segment: str = "",
    segment_name: str = "", every_months: int | None = None, next_on: date | None = None,
    active: bool = True, expected_version: int | None = None, by: Actor, at: datetime,
) -> SurveyPlan:  # fmt: skip
    """A new plan, or a changed one. What was sent by it stays sent."""
    row = SurveyPlan(created_at=at, version=0) if plan_id is None else _own(plan_id, expected_version)
    if not Questionnaire.objects.filter(pk=questionnaire_id).exists():
        raise Missing(_("没有这份问卷"), fields={"questionnaire_id": _("没有这份问卷")})
    called = clean_line(name, 80)
    today = at.astimezone(CST).date()
    wrong = _wrong(called, trigger, delay_days, sample, every_months, next_on, today, plan_id is None)
    for field, value, known in (
        ("grade", grade, Customer.Grade.values), ("status", status, Customer.Status.values),
        ("customer_kind", customer_kind, Customer.Kind.values),
    ):  # fmt: skip
        if value and value not in known:
            wrong[field] = _("请从列出的选项中选")
    chosen = ""
    try:
        chosen = urlencode(read_segment(segment)) if segment else ""
    except Invalid as problem:
        wrong["segment"] = problem.message
    if wrong:
        raise Invalid(_("计划还没有填完整"), fields=wrong)
    periodic = trigger == "periodic"
    row.name, row.questionnaire_id, row.trigger, row.active = called, questionnaire_id, trigger, active
    row.delay_days, row.sample = 0 if periodic else delay_days, sample
    row.grade, row.status, row.customer_kind = grade, status, customer_kind
    row.segment, row.segment_name = chosen, clean_line(segment_name[:200], 200)[:60] if chosen else ""
    row.every_months = every_months if periodic else None
    row.next_on = (next_on or today) if periodic else None
    row.version += 1
    row.save()
    record(row, {"trigger": trigger, "sample": sample, "active": active, "segment": row.segment})
    return row


def _wrong(
    name: str, trigger: str, delay: int, sample: int, months: int | None, next_on: date | None, today: date, new: bool
) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if not name:
        wrong["name"] = _("请给计划起个名字")
    if trigger not in TRIGGERS:
        wrong["trigger"] = _("请选择什么时候问")
    if not 0 <= delay <= 90:
        wrong["delay_days"] = _("请填 0 到 90 天")
    if not 1 <= sample <= 100:
        wrong["sample"] = _("抽样比例请填 1 到 100")
    if trigger == "periodic":
        if months is None or not 1 <= months <= 24:
            wrong["every_months"] = _("请填 1 到 24 个月")
        if next_on and not 2000 <= next_on.year <= 2999:
            wrong["next_on"] = _("请填写真实存在的日期，例如 2026-03-05。")
        elif next_on and new and next_on < today:
            wrong["next_on"] = _("第一次的日期不能在过去")
    return wrong


def _own(plan_id: int, expected_version: int | None) -> SurveyPlan:
    row: SurveyPlan | None = SurveyPlan.objects.select_for_update(no_key=True, of=("self",)).filter(pk=plan_id).first()
    if row is None:
        raise Missing(_("没有这个计划"))
    if expected_version is not None and row.version != expected_version:
        raise Stale(_("这个计划刚被别人改过"), current=row)
    return row


@command("survey.edit_setting", needs="survey.edit")
def edit_setting(
    *, rest_days: int, valid_days: int, expected_version: int | None = None, by: Actor, at: datetime
) -> SurveySetting:
    """How long nobody is asked again, and how long a link is good for."""
    wrong: dict[str, str] = {}
    if not 1 <= rest_days <= 365:
        wrong["rest_days"] = _("请填 1 到 365 天")
    if not 1 <= valid_days <= 90:
        wrong["valid_days"] = _("请填 1 到 90 天")
    if wrong:
        raise Invalid(_("还没有填对"), fields=wrong)
    row, _made = SurveySetting.unscoped.get_or_create(pk=1)
    if expected_version is not None and row.version != expected_version:
        raise Stale(_("这里刚被别人改过"), current=row)
    row.rest_days, row.valid_days, row.version = rest_days, valid_days, row.version + 1
    row.save()
    record(row, {"rest_days": rest_days, "valid_days": valid_days})
    return row
