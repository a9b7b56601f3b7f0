"""Forms of the rules about customers: whole numbers, and why they change."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from yinuo.web.forms.base import PageForm, line


def figure(label: Any, help: Any = "") -> forms.IntegerField:
    return forms.IntegerField(label=label, help_text=help, widget=forms.NumberInput(attrs={"min": "0", "step": "1"}))


class RuleForm(PageForm):
    """The figures of one rule; the command says which of them cannot be."""

    reason = line(gettext_lazy("为什么改"), length=300, help=gettext_lazy("会和改动一起留在下面的记录里"))

    def values(self) -> dict[str, Any]:
        given = super().values()
        return {"reason": given.pop("reason"), "values": given}


class GradeRuleForm(RuleForm):
    years_back = figure(gettext_lazy("只算近几年的购买"))
    a_deals = figure(gettext_lazy("A 级：成交不少于（次）"))
    a_amount = figure(gettext_lazy("A 级：金额不少于（元）"))
    a_years = figure(gettext_lazy("A 级：往来不少于（年）"))
    b_deals = figure(gettext_lazy("B 级：成交不少于（次）"))
    b_amount = figure(gettext_lazy("B 级：金额不少于（元）"), gettext_lazy("都不到的是 C 级"))
    field_order = ["years_back", "a_deals", "a_amount", "a_years", "b_deals", "b_amount", "reason"]


class RevealRuleForm(RuleForm):
    most = figure(gettext_lazy("一位同事查看明文超过（次）"))
    minutes = figure(gettext_lazy("在多长时间内（分钟）"))
    field_order = ["most", "minutes", "reason"]
