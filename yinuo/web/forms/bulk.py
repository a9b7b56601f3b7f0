"""Forms for what is done to several rows at once; a single row uses them just the same."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yinuo.kernel import clock
from yinuo.promises.models import Snooze
from yinuo.promises.rules.snoozing import Wish, wished
from yinuo.web.forms.base import PageForm, choice, line, text, when

WISHES = (
    (Wish.HOUR, _("1 小时后")),
    (Wish.HOURS, _("3 小时后")),
    (Wish.TOMORROW, _("明天 9:00")),
    (Wish.MONDAY, _("下周一 9:00")),
    (Wish.LATEST, _("尽量晚，到提醒前")),
    (Wish.AT, _("自己定时间")),
)


class SnoozeForm(PageForm):
    """Until when, and why."""

    wish = choice(_("搁置到"), [(w.value, label) for w, label in WISHES], radio=True)
    until = when(_("时间"), required=False)
    reason = choice(_("原因"), Snooze.Reason.choices, radio=True)
    note = line(_("说明"), required=False, length=200, help=_("主管和这件事的记录里看得到"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("wish") == Wish.AT and not data.get("until") and not self.errors.get("until"):
            self.add_error("until", _("请填写搁置到什么时候"))
        if data.get("reason") == Snooze.Reason.OTHER and not data.get("note"):
            self.add_error("note", _("选“其他”时请写明原因"))
        return data

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        until: datetime | None = wished(given["wish"], clock.now(), given.get("until"))
        return {"until": until, "reason": given["reason"], "note": given["note"]}


class HandForm(PageForm):
    """To whom."""

    to = choice(_("转给"), [])
    reason = line(_("原因"), required=False, length=200)

    def values(self) -> dict[str, Any]:
        to = self.cleaned_data["to"]
        return {"to": int(to) if to.isdecimal() else None, "reason": self.cleaned_data["reason"]}


class ToldForm(PageForm):
    """Nothing to fill in."""

    unused = forms.CharField(required=False, widget=forms.HiddenInput)

    def values(self) -> dict[str, Any]:
        return {}


class DoneForm(PageForm):
    """What was done, the same for each."""

    result = text(_("完成情况"), rows=4, length=5000, help=_("写明做了什么、何时、经手人；选中的每个任务都记这一段"))
