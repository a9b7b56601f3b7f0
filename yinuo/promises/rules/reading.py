"""Reading a standard from a form, an API body or a pack, every field checked once; and writing it back."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from yinuo.calendars.spans import ClockKind
from yinuo.kernel.errors import Invalid
from yinuo.promises.rules.conditions import LABELS, VALUES
from yinuo.promises.rules.happenings import WAITS
from yinuo.promises.rules.standard import CONDITION_KEYS, RUNGS, Breach, BreachKind, Rung, Sense, StandardSpec

_WORD = re.compile(r"^[a-z][a-z0-9_.-]{1,59}$")


def read_standard(data: Mapping[str, Any]) -> StandardSpec:
    """A standard from a form, an API body or a pack; `Invalid` has a sentence for every field at fault."""
    wrong: dict[str, str] = {}

    def take(name: str, read: Any, default: Any = None) -> Any:
        value = data.get(name)
        if value is None or value == "":
            if default is None:
                wrong[name] = _("必填")
            return default
        try:
            return read(value)
        except (ValueError, TypeError, KeyError, InvalidOperation, AttributeError) as error:
            wrong[name] = str(error) if isinstance(error, Problem) else _("格式不对")
            return default

    clock = take("clock", ClockKind)
    spec = {
        "key": take("key", _word), "title": take("title", _line), "trigger": take("trigger", _word),
        "obligation": take("obligation", _word), "clock": clock, "amount": take("amount", _amount(clock)),
        "says": take("says", _line, ""), "sense": take("sense", Sense, Sense.DEADLINE),
        "counts_from": take("counts_from", _word, ""), "conditions": take("conditions", _conditions, {}),
        "warn_at": take("warn_at", _percents, ()), "ladder": take("ladder", _ladder(clock), ()),
        "involve_at": take("involve_at", _percent, 0),
        "breach": take("breach", _breach, Breach()), "kept_by": take("kept_by", _words, ()),
        "renews": take("renews", bool, False), "renewed_by": take("renewed_by", _words, ()),
        "pauses": take("pauses", bool, False), "pauses_for": take("pauses_for", _words, ()),
        "extend_to": take("extend_to", _amounts(clock), ()),
    }  # fmt: skip
    if (
        spec["extend_to"]
        and spec["amount"] is not None
        and list(spec["extend_to"]) != sorted({a for a in spec["extend_to"] if a > spec["amount"]})
    ):
        wrong["extend_to"] = _("延期上限须大于原时限并逐级增大")
    if spec["pauses"] and data.get("pauses_for") is None:
        spec["pauses_for"] = tuple(WAITS)  # a standard that says nothing closer pauses whatever we wait for
    if not spec["pauses"]:
        spec["pauses_for"] = ()
    if spec["renews"] and not spec["renewed_by"]:
        wrong["renewed_by"] = _("循环的标准须说明什么算一次履行")
    if wrong:
        raise Invalid(_("服务标准有误，请检查标出的项目"), fields=wrong)
    return StandardSpec(**spec)


def write_standard(spec: StandardSpec) -> dict[str, Any]:
    """The JSON form of a standard; `read_standard` gives it back."""
    money = {k: str(v) for k in ("per_day", "percent", "cap") if (v := getattr(spec.breach, k)) is not None}
    return {
        "key": spec.key, "title": spec.title, "trigger": spec.trigger, "obligation": spec.obligation,
        "clock": spec.clock.value, "amount": str(spec.amount), "says": spec.says, "sense": spec.sense.value,
        "counts_from": spec.counts_from, "conditions": {k: list(v) for k, v in spec.conditions.items()},
        "warn_at": list(spec.warn_at), "involve_at": spec.involve_at,
        "ladder": [{"to": r.to, "after": str(r.after)} for r in spec.ladder],
        "breach": {"kind": spec.breach.kind.value, **money}, "kept_by": list(spec.kept_by),
        "renews": spec.renews, "renewed_by": list(spec.renewed_by), "pauses": spec.pauses,
        "pauses_for": list(spec.pauses_for),
        "extend_to": [str(a) for a in spec.extend_to],
    }  # fmt: skip


class Problem(ValueError):
    """A value at fault, with the sentence to show."""


def _line(value: Any) -> str:
    text = str(value).strip()
    if len(text) > 120 or not text.isprintable():
        raise Problem(_("最多 120 个字，不能有控制字符"))
    return text


def _word(value: Any) -> str:
    if not _WORD.match(str(value)):
        raise Problem(_("只用小写字母、数字、点、下划线和连字符"))
    return str(value)


def _words(value: Any) -> tuple[str, ...]:
    return tuple(_word(v) for v in _list(value))


def _list(value: Any) -> list[Any]:
    if not isinstance(value, (list, tuple)) or len(value) > 20:
        raise Problem(_("须为列表，最多 20 项"))
    return list(value)


def _amount(clock: ClockKind | None) -> Any:
    def read(value: Any) -> Decimal:
        amount = Decimal(str(value))
        if not amount.is_finite() or amount < 0 or amount > 3660:
            raise Problem(_("须在 0 到 3660 之间"))
        if clock and clock.in_days and amount != amount.to_integral_value():
            raise Problem(_("按天计的时限须为整数"))
        if clock and not clock.in_days and not amount:
            raise Problem(_("按小时计的时限须大于 0"))
        if amount != amount.quantize(Decimal("0.01")):
            raise Problem(_("最多两位小数"))
        return amount.normalize() + 0

    return read


def _amounts(clock: ClockKind | None) -> Any:
    return lambda value: tuple(_amount(clock)(v) for v in _list(value))


def _percents(value: Any) -> tuple[int, ...]:
    numbers = sorted({int(v) for v in _list(value)})
    if len(numbers) > 5 or any(not 1 <= n <= 99 for n in numbers):
        raise Problem(_("提醒点须为 1 到 99 的百分比，最多 5 个"))
    return tuple(numbers)


def _percent(value: Any) -> int:
    number = int(value)
    if not 0 <= number <= 99:
        raise Problem(_("须为 0 到 99 的百分比"))
    return number


def _ladder(clock: ClockKind | None) -> Any:
    def read(value: Any) -> tuple[Rung, ...]:
        rungs = tuple(Rung(str(r["to"]), _after(r.get("after", 0), clock)) for r in _list(value))
        if any(r.to not in RUNGS for r in rungs) or len({r.to for r in rungs}) != len(rungs):
            raise Problem(_("升级对象须为经办人、上级、再上级、领导，各一次"))
        if [r.after for r in rungs] != sorted(r.after for r in rungs):
            raise Problem(_("升级时间须逐级推后"))
        return rungs

    return read


def _after(value: Any, clock: ClockKind | None) -> Decimal:
    return Decimal() if Decimal(str(value)) == 0 else _amount(clock)(value)


def _breach(value: Any) -> Breach:
    money = {k: Decimal(str(value[k])) for k in ("per_day", "percent", "cap") if value.get(k) not in (None, "")}
    if any(not m.is_finite() or m < 0 or m > Decimal("1e8") for m in money.values()):
        raise Problem(_("金额须为非负数"))
    breach = Breach(BreachKind(value.get("kind", "none")), **money)
    if breach.kind is BreachKind.COMPENSATION and (breach.per_day is None) == (breach.percent is None):
        raise Problem(_("赔偿须填写每日金额或每日比例之一"))
    return breach


def _conditions(value: Any) -> dict[str, tuple[str, ...]]:
    found = {}
    for key, wanted in value.items():
        if key not in CONDITION_KEYS:
            words = {"name": key, "all": _named(LABELS.values())}
            raise Problem(_("没有“%(name)s”这个条件，可用的有 %(all)s") % words)
        values = tuple(str(v) for v in (_list(wanted) if not isinstance(wanted, str) else [wanted]) if str(v))
        known = VALUES.get(key, {})
        strange = next((v for v in values if known and v not in known), None)
        if strange is not None:
            words = {"name": LABELS[key], "value": strange, "all": _named(known.values())}
            raise Problem(_("“%(name)s”没有“%(value)s”这个取值，可用的有 %(all)s") % words)
        if values:
            found[key] = values
    return found


def _named(words: Iterable[Any]) -> str:
    return "、".join(str(word) for word in words)
