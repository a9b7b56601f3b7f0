"""Forms of screens and of scheduled reports."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yinuo.insight.models import ReportPlan
from yinuo.insight.printing import prints
from yinuo.insight.queries.keeping import readers
from yinuo.web.forms import pick
from yinuo.web.forms.base import PageForm, choice, line, many

LASTING = (("7", _("一周")), ("30", _("一个月")), ("90", _("三个月")), ("366", _("一年")))


class DisplayForm(PageForm):
    name = line(_("屏幕名称"), length=60, placeholder=_("例如：投诉中心大厅"))
    unit_id = pick.unit(_("部门"), help=_("不指定则为您能看到的全部"))
    days = forms.TypedChoiceField(label=_("有效期"), choices=LASTING, coerce=int)


def _people() -> list[tuple[int, str]]:
    return [
        (p.pk, f"{p.name}（{p.unit.name}）" if p.email else str(_("%s（没有登记邮箱）")) % p.name) for p in readers()
    ]


def _formats() -> list[tuple[str, str]]:
    return [(code, name) for code, name in ReportPlan.FORMATS if code != "pdf" or prints()]


class PlanForm(PageForm):
    title = line(_("名称"), length=80, placeholder=_("例如：每月服务月报"))
    recipient_ids = many(
        _("收件人"), _people, required=True, help=_("只列出有权查看报表的同事；各人收到的只统计本人能看到的事项")
    )
    unit_ids = many(_("部门"), pick.unit_options, help=_("含下级；都不选则为收件人能看到的全部"))
    day = pick.count(_("每月几号"), 1, 31, initial=1, help=_("没有这一天的月份用最后一天；遇休息日顺延到下一个工作日"))
    hour = forms.TimeField(
        label=_("几点"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": _("请按 08:30 的样子填写时间")},
    )  # fmt: skip
    formats = many(_("附件"), _formats, required=True)
    language = choice(_("语言"), ReportPlan.Language.choices, required=False)
    active = pick.yes_no(_("状态"), _("启用"), _("停用"))

    def clean_recipient_ids(self) -> list[int]:
        return [int(value) for value in self.cleaned_data["recipient_ids"]]

    def clean_unit_ids(self) -> list[int]:
        return [int(value) for value in self.cleaned_data["unit_ids"]]


def initial_of(plan: ReportPlan) -> dict[str, Any]:
    return {
        "title": plan.title, "recipient_ids": [p.pk for p in plan.recipients.all()], "unit_ids": plan.unit_ids,
        "day": plan.day, "hour": plan.hour, "formats": plan.formats, "language": plan.language,
        "active": "yes" if plan.active else "no",
    }  # fmt: skip
