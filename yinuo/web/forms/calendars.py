"""Forms of the working calendar: one day, the weekly hours, a year's confirmation."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yinuo.calendars.book import DayChange, DaysChange, Week, WeekChange, YearChange, read_hours
from yinuo.calendars.pasting import MOST_DAYS, each_day, read_days
from yinuo.calendars.rules import Hours, SpecialDay
from yinuo.web.forms import pick
from yinuo.web.forms.base import PageForm, choice, date, line, text

EFFECTS = [("off", gettext_lazy("休息")), ("work", gettext_lazy("上班")), ("back", gettext_lazy("恢复为法定安排"))]
DAYS = [
    gettext_lazy("周一"),
    gettext_lazy("周二"),
    gettext_lazy("周三"),
    gettext_lazy("周四"),
    gettext_lazy("周五"),
    gettext_lazy("周六"),
    gettext_lazy("周日"),
]
KEYBOARD = str.maketrans({
    "\uff1a": ":", "\uff0c": " ", ",": " ", "\u2013": "-", "\u2014": "-", "\uff5e": "-", "~": "-",
})  # fmt: skip
HINT = gettext_lazy("例如 09:00-12:00 13:30-18:00；留空表示休息")


class ChangeForm(PageForm):
    """A form whose values are one change of a unit's calendar."""

    unit_id = pick.unit(gettext_lazy("适用于"), help=gettext_lazy("不指定则适用于全公司；部门的设置优先于上级"))


class DayForm(ChangeForm):
    on = date(gettext_lazy("日期"))
    until = date(gettext_lazy("到哪一天"), required=False, help=gettext_lazy("连着几天都一样时填写；留空只改这一天"))
    effect = choice(gettext_lazy("安排"), EFFECTS, radio=True)
    name = line(gettext_lazy("事由"), required=False, length=40, placeholder=gettext_lazy("例如：厂庆、台风停业"))
    hours = line(
        gettext_lazy("当日营业时间"),
        required=False,
        length=80,
        help=gettext_lazy("上班时可填，例如 10:00-16:00；留空按平常时间"),
    )

    def clean_hours(self) -> Hours:
        return _hours(self.cleaned_data["hours"])

    def clean_until(self) -> Any:
        first, last = self.cleaned_data.get("on"), self.cleaned_data["until"]
        if first and last and last < first:
            raise forms.ValidationError(_("不能早于第一天"))
        if first and last and (last - first).days >= MOST_DAYS:
            raise forms.ValidationError(_("一次最多录入 %(n)s 天") % {"n": MOST_DAYS})
        return last

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        day = (
            None
            if given["effect"] == "back"
            else SpecialDay(
                given["effect"] == "work", given["name"], given["hours"] if given["effect"] == "work" else ()
            )
        )
        if not given["until"]:
            return {"change": DayChange(given["unit_id"], given["on"], day)}
        days = each_day(given["on"], given["until"])
        return {"change": DaysChange(given["unit_id"], tuple((on, day) for on in days))}


class PasteForm(ChangeForm):
    """Many days at once, as lines of text."""

    of_year = forms.IntegerField(
        label=gettext_lazy("年份"), min_value=2004, max_value=2100, help_text=gettext_lazy("没有写年份的日期属于这一年")
    )
    lines = text(
        gettext_lazy("放假和调休"),
        rows=9,
        help=gettext_lazy("一行一项，也可以整段粘贴国务院的放假通知。没写“上班”的算休息；写“恢复”的回到法定安排。"),
        placeholder=gettext_lazy(
            "2027-01-01 至 2027-01-03 元旦\n2027-01-04 元旦 上班\n春节：2月5日至11日放假调休。2月14日上班。"
        ),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if "lines" in given and "of_year" in given:
            self.read = read_days(given["lines"], given["of_year"])
            for sentence in self.read.wrong:
                self.add_error("lines", sentence)
            given["on"] = min(self.read.days, default=None)
        return given

    def values(self) -> dict[str, Any]:
        return {"change": DaysChange(self.cleaned_data["unit_id"], tuple(sorted(self.read.days.items())))}


class WeekForm(ChangeForm):
    inherit = forms.BooleanField(label=gettext_lazy("取消单独设置，按上级的营业时间"), required=False)
    open_on_holidays = forms.BooleanField(label=gettext_lazy("法定节假日照常营业"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for n, label in enumerate(DAYS):
            self.fields[f"day_{n}"] = line(label, required=False, length=80, help=HINT if n == 0 else "")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for n in range(7):
            try:
                given[f"day_{n}"] = _hours(given.get(f"day_{n}") or "")
            except forms.ValidationError as wrong:
                self.add_error(f"day_{n}", wrong)
        if not self.errors and not given.get("inherit") and not any(given[f"day_{n}"] for n in range(7)):
            self.add_error("day_0", _("一周至少要有一天营业"))
        return given

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        hours = tuple(given[f"day_{n}"] for n in range(7))
        week = None if given["inherit"] else Week(hours, given["open_on_holidays"])
        return {"change": WeekChange(given["unit_id"], week)}


class YearForm(PageForm):
    year = forms.IntegerField(min_value=2004, max_value=2100, widget=forms.HiddenInput)
    known = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def values(self) -> dict[str, Any]:
        return {"change": YearChange(self.cleaned_data["year"], self.cleaned_data["known"])}


def hours_text(hours: Hours) -> str:
    return " ".join("-".join(f"{m // 60:02d}:{m % 60:02d}" for m in interval) for interval in hours)


def _hours(text: str) -> Hours:
    # a Chinese keyboard gives full-width colons, commas and dashes
    plain = text.translate(KEYBOARD)
    try:
        return read_hours([part.split("-") for part in re.split(r"\s+", plain.strip()) if part])
    except ValueError:
        raise forms.ValidationError(_("写成“09:00-12:00 13:30-18:00”这样，前后不能重叠")) from None


__all__ = ["DayForm", "PasteForm", "WeekForm", "YearForm", "hours_text"]
