"""The form of one's own notices."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yinuo.identity import wishes as rules
from yinuo.web.forms.base import PageForm, many
from yinuo.web.forms.calendars import DAYS

LABELS = {
    rules.ASSIGNED: (_("新派给我的"), _("事项、任务、会话派到我手上")),
    rules.WARNED: (_("承诺快到期"), _("到了预警的时候，还没有兑现")),
    rules.BROKEN: (_("承诺已超期"), _("没有按时兑现，或升级到我这里")),
    rules.APPROVAL: (_("等我审批"), _("有申请轮到我来定")),
    rules.CUSTOMER: (_("客户有回音"), _("客户回信、补充材料、确认或拒绝")),
    rules.OTHER: (_("其他变动"), _("同事在我的事项上做了什么")),
}
NO_TIME = {"invalid": _("请填写时间，例如 20:00")}


def labels() -> list[tuple[str, Any, Any]]:
    """(code, name, what it covers) of each kind, in order."""
    return [(kind, *LABELS[kind]) for kind in rules.KINDS]


def _kinds(label: Any) -> forms.MultipleChoiceField:
    return many(label, [(kind, name) for kind, (name, _about) in LABELS.items()])


def _clock(label: Any) -> forms.TimeField:
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    return forms.TimeField(label=label, widget=widget, error_messages=NO_TIME)


class WishesForm(PageForm):
    shown = _kinds(_("在页面上"))
    desktop = _kinds(_("弹出桌面通知"))
    sound = _kinds(_("响一声"))
    volume = forms.IntegerField(
        label=_("提示音音量"), min_value=0, max_value=100,
        widget=forms.NumberInput(attrs={"type": "range", "min": 0, "max": 100, "step": 5}),
    )  # fmt: skip
    hide = forms.BooleanField(label=_("通知里不写内容，只说“有新通知”"), required=False)
    quiet = forms.BooleanField(label=_("每天有一段时间免打扰"), required=False)
    quiet_from = _clock(_("从"))
    quiet_to = _clock(_("到"))
    quiet_days = many(
        _("从哪几天开始"), [(str(number), day) for number, day in enumerate(DAYS)], help=_("跨过半夜的，按开始的那天算")
    )
    quiet_off_work = forms.BooleanField(label=_("不在上班时间时免打扰"), required=False)
    through = forms.BooleanField(label=_("免打扰时，我自己快到期的承诺仍然提醒"), required=False)

    def values(self) -> dict[str, Any]:
        given = super().values()
        return {**given, **{name: given[name].strftime("%H:%M") for name in ("quiet_from", "quiet_to")}}
