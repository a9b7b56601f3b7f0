"""How times, amounts and sizes are written on a page."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_noop
from markupsafe import Markup, escape

from yinuo.kernel import clock as kernel_clock
from yinuo.web.words import plain as _


@dataclass(frozen=True)
class Due:
    """What a promise chip shows."""

    tone: str
    icon: str
    text: str
    exact: str
    iso: str
    running: bool


TONES = {
    "late": "alert-triangle",
    "soon": "hourglass",
    "ok": "clock",
    "paused": "player-pause",
    "kept": "check",
    "waived": "ban",
}
NEAR = {0: "", -1: gettext_noop("昨天"), 1: gettext_noop("明天"), 2: gettext_noop("后天")}
WEEKDAYS = (
    gettext_noop("周一"), gettext_noop("周二"), gettext_noop("周三"), gettext_noop("周四"), gettext_noop("周五"),
    gettext_noop("周六"), gettext_noop("周日"),
)  # fmt: skip


def due(
    state: str, due_at: datetime | None, *, warn_at: datetime | None = None, kept_at: datetime | None = None
) -> Due:
    """Put a promise into words: still time, soon, late, paused, kept or waived."""
    tone, text = _tone(state, due_at, warn_at, kept_at)
    running = tone in ("ok", "soon", "late") and kept_at is None
    return Due(tone, TONES[tone], text, exact(due_at), iso(due_at), running)


def _tone(state: str, due_at: datetime | None, warn_at: datetime | None, kept_at: datetime | None) -> tuple[str, str]:
    if state == "paused":
        return "paused", _("已暂停")
    if state == "waived":
        return "waived", _("已免除")
    if state in ("kept", "renewed") or kept_at is not None:
        if due_at and kept_at and kept_at > due_at:
            return "late", _("晚 %(span)s 兑现") % {"span": span(kept_at - due_at)}
        return "kept", _("已兑现")
    if due_at is None:
        return "ok", _("无期限")
    left = due_at - kernel_clock.now()
    if left <= timedelta(0) or state == "broken":
        return "late", _("已超 %(span)s") % {"span": span(abs(left))}
    warn = warn_at - kernel_clock.now() if warn_at else left - timedelta(hours=2)
    return ("soon" if warn <= timedelta(0) else "ok"), _("还剩 %(span)s") % {"span": span(left)}


def span(length: timedelta) -> str:
    """A length of time as a person says it, to two parts."""
    minutes = int(length.total_seconds() // 60)
    days, rest = divmod(minutes, 1440)
    hours, minutes = divmod(rest, 60)
    if days:
        parts = [_("%d 天") % days] + ([_("%d 小时") % hours] if hours and days < 8 else [])
    elif hours:
        parts = [_("%d 小时") % hours] + ([_("%d 分") % minutes] if minutes else [])
    else:
        parts = [_("%d 分") % minutes] if minutes else [_("不到 1 分")]
    return " ".join(parts)


def local(value: datetime) -> datetime:
    """The same instant on the wall clock in China."""
    return value.astimezone(kernel_clock.CST)


def moment(value: datetime | None) -> str:
    """A time near today in short: 14:05, yesterday 14:05, 11-03 14:05, 2024-11-03."""
    if value is None:
        return ""
    then, now = local(value), local(kernel_clock.now())
    days = (then.date() - now.date()).days
    text = then.isoformat()
    if days in NEAR:
        return f"{_(NEAR[days])} {text[11:16]}" if NEAR[days] else text[11:16]
    return f"{text[5:10]} {text[11:16]}" if then.year == now.year else text[:10]


def exact(value: datetime | None) -> str:
    """The full time with weekday."""
    if value is None:
        return ""
    then = local(value)
    text = then.isoformat()
    return f"{text[:10]} {weekday(then)} {text[11:16]}"


def weekday(value: date) -> str:
    """The name of the weekday."""
    return _(WEEKDAYS[value.weekday()])


def day(value: date | datetime | None) -> str:
    """A date."""
    if value is None:
        return ""
    return (local(value) if isinstance(value, datetime) else value).strftime("%Y-%m-%d")


def clock(value: datetime | None) -> str:
    """Hour and minute."""
    return local(value).strftime("%H:%M") if value else ""


def iso(value: datetime | None) -> str:
    """For a time element and the scripts."""
    return value.isoformat(timespec="seconds") if value else ""


def ago(value: datetime | None) -> str:
    """How long ago, roughly."""
    if value is None:
        return ""
    past = kernel_clock.now() - value
    if past < timedelta(minutes=1):
        return _("刚刚")
    minutes = int(past.total_seconds() // 60)
    if minutes < 60:
        return _("%d 分钟前") % minutes
    if minutes < 1440:
        return _("%d 小时前") % (minutes // 60)
    if minutes < 1440 * 30:
        return _("%d 天前") % (minutes // 1440)
    return day(value)


def since(value: datetime | None) -> Markup:
    """A time element: short text, exact time on hover and for machines."""
    if value is None:
        return Markup("")
    tip, text = escape(exact(value)), escape(moment(value))
    return Markup(f'<time class="t" datetime="{iso(value)}" data-tip="{tip}">{text}</time>')  # noqa: S704


def money(value: Decimal | int | float | None) -> str:
    """An amount in yuan."""
    return "" if value is None else f"¥{Decimal(str(value)):,.2f}"


def number(value: int | None) -> str:
    """A count with separators."""
    return "" if value is None else f"{value:,}"


def size(value: int | None) -> str:
    """A file size."""
    amount = float(value or 0)
    for unit in ("B", "KB", "MB"):
        if amount < 1024 or unit == "MB":
            return f"{amount:.0f} {unit}" if unit == "B" or amount >= 10 else f"{amount:.1f} {unit}"
        amount /= 1024
    return ""


def short(value: Any, length: int = 60) -> str:
    """One line of a text, cut at a length."""
    text = " ".join(str(value or "").split())
    return text if len(text) <= length else text[: length - 1] + "…"


def lines(value: str | None) -> Markup:
    """A text with its line breaks kept."""
    return Markup("<br>").join(escape(value or "").splitlines())


def at_most(value: str | None, length: int = 4000) -> Markup:
    """A text for paper: with its line breaks, cut where it would fill the paper, and then it says so."""
    text = value or ""
    if len(text) <= length:
        return lines(text)
    left = _("（太长，后面还有 %(count)s 字，请在系统里看）") % {"count": f"{len(text) - length:,}"}
    return lines(f"{text[:length]}……\n{left}")
