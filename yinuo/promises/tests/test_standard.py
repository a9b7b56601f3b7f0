from decimal import Decimal
from typing import Any

import pytest

from yinuo.kernel.errors import Invalid
from yinuo.promises.rules.matching import applicable, matches
from yinuo.promises.rules.reading import read_standard, write_standard
from yinuo.promises.rules.renewal import Effect, effect_of

GOOD: dict[str, Any] = {
    "key": "common.interim-reply", "title": "阶段答复", "trigger": "complaint.received", "obligation": "interim_reply",
    "clock": "working_days", "amount": 3, "renews": True, "renewed_by": ["reply"], "kept_by": ["complaint.closed"],
    "warn_at": [80, 50, 50], "ladder": [{"to": "handler"}, {"to": "manager", "after": 1}],
}  # fmt: skip


def made(**changes: Any) -> Any:
    return read_standard({**GOOD, **changes})


def test_a_reply_renews_and_closing_keeps() -> None:
    spec = made()
    assert effect_of("reply", spec) is Effect.RENEWS
    assert effect_of("complaint.closed", spec) is Effect.KEEPS
    assert effect_of("task.completed", spec) is Effect.NOTHING
    assert spec.warn_at == (50, 80)
    assert read_standard(write_standard(spec)) == spec


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", "-1"), ("amount", "1.5"), ("amount", "NaN"), ("amount", "99999"), ("amount", ""), ("amount", [1]),
        ("clock", "moon"), ("key", "Bad Key"), ("key", "'; drop"), ("title", ""), ("title", "a\x00b"), ("title", "长" * 200),
        ("warn_at", [0]), ("warn_at", [100]), ("warn_at", "x"), ("warn_at", [1, 2, 3, 4, 5, 6]),
        ("ladder", [{"to": "god"}]), ("ladder", [{"to": "leader", "after": 2}, {"to": "manager", "after": 1}]),
        ("ladder", [{"to": "leader"}, {"to": "leader"}]), ("ladder", [{}]), ("ladder", "x"),
        ("breach", {"kind": "compensation"}), ("breach", {"kind": "compensation", "per_day": "-5"}),
        ("breach", {"kind": "compensation", "per_day": 5, "percent": 1}), ("breach", {"kind": "cake"}),
        ("extend_to", [2]), ("extend_to", [60, 30]), ("renewed_by", []), ("conditions", "grade"),
    ],
)  # fmt: skip
def test_bad_standards_name_the_field(field: str, value: Any) -> None:
    with pytest.raises(Invalid) as caught:
        made(**{field: value})
    assert field in caught.value.fields
    assert caught.value.fields[field]


def test_the_most_specific_standard_counts_per_obligation() -> None:
    general = made()
    vip = made(key="vip", amount=1, conditions={"grade": ["A"]})
    bank = made(key="bank", amount=2, conditions={"unit": ["bank"], "kind": "complaint"})
    other = made(key="other", obligation="settlement", amount=15)
    specs = [general, vip, bank, other]
    chosen = {s.key for s in applicable(specs, {"grade": "C", "unit": ["hq", "shop"]})}
    assert chosen == {"common.interim-reply", "other"}
    assert {s.key for s in applicable(specs, {"grade": "A", "unit": ["hq"]})} == {"vip", "other"}
    facts = {"grade": "A", "unit": ["hq", "bank"], "kind": "complaint"}
    assert {s.key for s in applicable(specs, facts)} == {"bank", "other"}
    assert not matches({"grade": ("A",)}, {})


def test_extensions_climb_to_the_longest() -> None:
    spec = made(clock="calendar_days", amount=15, extend_to=[30, 60])
    assert spec.longest == Decimal(60)
    assert made().longest == Decimal(3)
