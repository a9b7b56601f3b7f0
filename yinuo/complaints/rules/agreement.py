"""The text of a settlement agreement, its fingerprint, and the items a proposal may hold."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from yinuo.approvals.rules import wrong_amount
from yinuo.complaints.rules.choices import ItemKind
from yinuo.complaints.rules.money import lacks_amount, parse_amount, total
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
        _("客户：%(name)s") % {"name": customer},
    ]
    lines += ["", _("一、投诉事项"), about, "", _("二、处理内容")]
    lines += [f"{n}. {item_line(*one)}" for n, one in enumerate(items, 1)]
    if whole > 0:
        lines.append(_("以上金额合计：%(total)s 元") % {"total": f"{whole:,.2f}"})
    lines += ["", _("三、说明"), _("1. 您确认后，我们立即安排相关部门执行，并由专人回访。")]
    lines.append(_("2. 您不同意本方案时，可以说明理由，我们会重新研究；您也可以申请由他人复核。"))
    lines.append(_("3. 确认本协议不影响您依法享有的其他权利。"))
    return "\n".join(lines)


# An amount of money in running text: ¥500, 500.00 yuan, 5 wan yuan, or Chinese numerals before yuan or kuai.
_MONEY = re.compile(
    r"[\u00a5\uffe5]\s*(?P<sign>\d[\d,]*(?:\.\d+)?)"
    r"|(?P<plain>\d[\d,]*(?:\.\d+)?)\s*(?P<wan>\u4e07)?\s*[\u5143\u5757]"
    r"|(?P<words>[\u3007\u96f6\u4e00\u4e8c\u4e24\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d\u5341\u767e\u5343\u4e07\u4ebf]+)\s*[\u5143\u5757]"
)


def amounts_in(text: str) -> dict[str, str]:
    """Every sum of money a text names: its value (or its words, for Chinese numerals) and how it is written there."""
    found: dict[str, str] = {}
    for one in _MONEY.finditer(unicodedata.normalize("NFKC", text)):
        digits = one["sign"] or one["plain"]
        value = one["words"] or str((Decimal(digits.replace(",", "")) * (10_000 if one["wan"] else 1)).normalize())
        found.setdefault(value, one[0].strip())
    return found


def unapproved_amounts(text: str, composed: str) -> list[str]:
    """Sums named in `text` that the approved proposal, as composed, does not name."""
    approved = amounts_in(composed)
    return [written for value, written in amounts_in(text).items() if value not in approved]


def fingerprint(text: str) -> str:
    """SHA-256 of the exact text, as hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
