"""The text of a settlement agreement, its fingerprint, and the items a proposal may hold."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from yinuo.approvals.rules import wrong_amount
from yinuo.complaints.rules.choices import ItemKind
from yinuo.complaints.rules.money import lacks_amount, parse_amount, total
from yinuo.complaints.rules.sums import beyond
from yinuo.kernel.errors import Invalid
from yinuo.kernel.text import clean_line

MOST_ITEMS = 20
#: How long a customer may take to answer, in days.
VALID_DAYS, MOST_VALID_DAYS = 7, 30


@dataclass(frozen=True, slots=True)
class Item:
    kind: str
    detail: str
    amount: Decimal
    unit_id: int | None


def read_items(given: Sequence[Mapping[str, Any]]) -> tuple[list[Item], dict[str, str]]:
    """The items of a form or an API and a sentence for each wrong field (`items.0.amount`)."""
    items: list[Item] = []
    wrong: dict[str, str] = {}
    if len(given) > MOST_ITEMS:
        return [], {"items": _("一份方案最多 %(most)d 项") % {"most": MOST_ITEMS}}
    for n, one in enumerate(given):
        kind, unit = str(one.get("kind", "")), one.get("unit_id") or None
        amount, sentence = parse_amount(one.get("amount"))
        if kind not in ItemKind.values:
            wrong[f"items.{n}.kind"] = _("请选择处理方式")
            continue
        if sentence or lacks_amount(kind, amount):
            wrong[f"items.{n}.amount"] = sentence or _("请填写金额")
        try:
            detail = clean_line(str(one.get("detail", "")), 500)
            items.append(Item(kind, detail, amount, int(str(unit)) if unit else None))
        except Invalid as problem:
            wrong[f"items.{n}.detail"] = problem.message
        except ValueError:
            wrong[f"items.{n}.unit_id"] = _("没有这个部门")
    if not wrong and (sentence := wrong_amount(total(i.amount for i in items))):
        largest = max(range(len(items)), key=lambda n: items[n].amount)
        wrong[f"items.{largest}.amount"] = _("各项合计：%(why)s") % {"why": sentence}
    return items, wrong


def item_line(kind: str, detail: str, amount: Decimal) -> str:
    """One item in words: 退款 500.00 元（原路退回）."""
    words = str(ItemKind(kind).label)
    if amount > 0:
        words += _(" %(amount)s 元") % {"amount": f"{amount:,.2f}"}
    return words + (_("（%(detail)s）") % {"detail": detail} if detail else "")


def agreement_text(
    *, number: str, customer: str, about: str, items: Iterable[tuple[str, str, Decimal]], whole: Decimal
) -> str:
    """The exact words the customer is asked to confirm."""
    lines = [
        _("投诉处理协议"),
        _("投诉编号：%(number)s") % {"number": number},
        _customer_line(customer),
    ]
    lines += ["", *_about_lines(about), "", _("二、处理内容")]
    lines += [f"{n}. {item_line(*one)}" for n, one in enumerate(items, 1)]
    if whole > 0:
        lines.append(_("以上金额合计：%(total)s 元") % {"total": f"{whole:,.2f}"})
    lines += ["", _("三、说明"), _("1. 您确认后，我们立即安排执行，并由专人回访。")]
    lines.append(_("2. 您不同意本方案时，可以说明理由，我们会重新研究；您也可以申请由他人复核。"))
    lines.append(_("3. 确认本协议不影响您依法享有的其他权利。"))
    return "\n".join(lines)


def _customer_line(name: str) -> str:
    return _("客户：%(name)s") % {"name": name}


def _about_lines(about: str) -> list[str]:
    return [_("一、投诉事项"), about]


def unapproved_amounts(
    text: str, *, customer: str, about: str, items: Iterable[tuple[str, str, Decimal]], whole: Decimal
) -> list[str]:
    """Sums named in the text of an agreement beyond what was approved: the items and their total. The customer's name
    and the complaint's title stand at its head in their own words; a sum in there is not one we promise.
    """
    for quoted in (_customer_line(customer) + "\n", "\n".join(_about_lines(about)) + "\n"):
        text = text.replace(quoted, "\n", 1)
    return beyond(text, [item_line(*one) for one in items], whole)


def fingerprint(text: str) -> str:
    """SHA-256 of the exact text, as hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
