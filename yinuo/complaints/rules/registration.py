"""The registration form 顾客投诉登记表: cleaning what was typed, and a sentence for each thing that cannot be true."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from yinuo.complaints.rules.choices import SUBKINDS, Kind, Severity
from yinuo.complaints.rules.money import parse_amount
from yinuo.kernel.errors import Invalid
from yinuo.kernel.text import clean_line, clean_text

LINES: Mapping[str, int] = {
    "complainant": 80,
    "product": 120,
    "batch": 60,
    "equipment": 200,
    "used_before": 200,
}
TEXTS: Mapping[str, int] = {"content": 20_000, "demand": 5_000, "conditions": 5_000}
DATES = ("occurred_on", "produced_on", "used_on")
FIELDS: tuple[str, ...] = (*LINES, *TEXTS, *DATES, "demand_amount")
EARLIEST = date(1950, 1, 1)
#: Counts towards a matter's priority (0..3) beside the severity.
GRADE_WEIGHT: Mapping[str, int] = {"A": 1}


def parse_date(given: object, today: date | None = None) -> tuple[date | None, str]:
    """A date from a form or an API, and the sentence that says why it is none. `today` forbids the future."""
    if given is None or (isinstance(given, str) and not given.strip()):
        return None, ""
    if isinstance(given, date):
        found = given
    else:
        text = str(given).strip().replace("/", "-").replace(".", "-")
        try:
            year, month, day = (int(part) for part in text.split("-"))
            found = date(year, month, day)
        except (ValueError, OverflowError):
            return None, _("没有这个日期，请按 2026-03-05 的样子填写")
    if found < EARLIEST:
        return None, _("日期太早，请核对")
    if today is not None and found > today:
        return None, _("日期不能晚于今天")
    return found, ""


def registration(given: Mapping[str, Any], today: date) -> tuple[dict[str, Any], dict[str, str]]:
    """The clean values of the fields given, and a sentence for each wrong one. Fields left out stay out."""
    clean: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, most in {**LINES, **TEXTS}.items():
        if name in given:
            try:
                clean[name] = (clean_line if name in LINES else clean_text)(given[name], most)
            except Invalid as problem:
                wrong[name] = problem.message
    for name in DATES:
        if name in given:
            clean[name], sentence = parse_date(given[name], today)
            if sentence:
                wrong[name] = sentence
    if "demand_amount" in given:
        amount, sentence = parse_amount(given["demand_amount"])
        clean["demand_amount"] = amount or None
        if sentence:
            wrong["demand_amount"] = sentence
    if clean.get("content") == "":
        wrong["content"] = _("请写下投诉内容")
    wrong.update(_impossible(clean, wrong))
    return clean, wrong


def _impossible(clean: Mapping[str, Any], wrong: Mapping[str, str]) -> dict[str, str]:
    """Dates that contradict each other."""
    produced, used = clean.get("produced_on"), clean.get("used_on")
    if produced and used and used < produced and "used_on" not in wrong:
        return {"used_on": _("使用日期早于生产日期，请核对")}
    return {}


def wrong_kind(kind: str, subkind: str) -> dict[str, str]:
    """The kind must exist and the finer kind belong to it."""
    if kind not in Kind.values:
        return {"kind": _("请选择投诉类别")}
    if subkind and subkind not in SUBKINDS[kind]:
        return {"subkind": _("细类与类别不符")}
    return {}


def priority(severity: str, grade: str, risks: int) -> int:
    """0..3 on the worklist: the severity, raised for an A-grade customer and for any risk."""
    base = {Severity.MINOR: 0, Severity.ORDINARY: 1, Severity.SERIOUS: 2, Severity.CRITICAL: 3}.get(
        Severity(severity), 1
    )
    return min(3, base + GRADE_WEIGHT.get(grade, 0) + (1 if risks else 0))


def title_of(content: str, product: str = "") -> str:
    """A title from the first words when nobody gave one."""
    first = content.split("\n", 1)[0].strip()
    head = first[:40] + ("…" if len(first) > 40 else "")
    return f"{product}：{head}" if product and product not in head else head


def restatement_text(values: Mapping[str, Any]) -> str:
    """What is read back to the customer, from the registered fields."""
    rows = [
        (_("您反映的情况"), values.get("content")),
        (_("您的要求"), values.get("demand")),
        (_("索赔金额"), _yuan(values.get("demand_amount"))),
        (_("产品或服务"), values.get("product")),
        (_("批号"), values.get("batch")),
        (_("生产日期"), values.get("produced_on")),
        (_("使用日期"), values.get("used_on")),
        (_("发生日期"), values.get("occurred_on")),
        (_("使用设备"), values.get("equipment")),
        (_("使用条件"), values.get("conditions")),
        (_("以前使用的产品"), values.get("used_before")),
    ]
    return "\n".join(f"{label}：{value}" for label, value in rows if value)


def _yuan(amount: Decimal | None) -> str:
    return _("%(amount)s 元") % {"amount": f"{amount:,.2f}"} if amount else ""
