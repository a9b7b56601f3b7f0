"""Forms about how people get in."""

from django import forms
from django.utils.translation import gettext_lazy as _

from yinuo.web.forms.base import PageForm


class LifetimesForm(PageForm):
    idle_minutes = forms.IntegerField(
        label=_("多久不用就退出（分钟）"), help_text=_("页面开着但没有人操作也算不用。5 到 1440"),
        widget=forms.NumberInput(attrs={"min": 5, "max": 1440}),
    )  # fmt: skip
    absolute_hours = forms.IntegerField(
        label=_("最长登录多久（小时）"), help_text=_("到时间必须重新登录，一直在用也一样。1 到 168"),
        widget=forms.NumberInput(attrs={"min": 1, "max": 168}),
    )  # fmt: skip
