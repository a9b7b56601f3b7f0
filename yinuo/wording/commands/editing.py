"""Adding, changing and switching off rules, one by one or from a table."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Stale
from yinuo.kernel.text import clean_line, clean_text
from yinuo.wording.models import WordingEdition, WordingRule
from yinuo.wording.rules import WrongPhrase, read_phrase
from yinuo.wording.shipped import shipped
from yinuo.wording.words import CHANNELS, KINDS

MOST_RULES = 5000
MOST_LINES = 40


def _next_edition() -> None:
    """Held until the end: two changes at once become two editions."""
    no = secrets.randbits(53)
    if not WordingEdition.unscoped.update(no=no):
        WordingEdition.unscoped.create(pk=1, no=no)


def _wrong_phrase(wrong: WrongPhrase, phrase: str) -> str:
    why = {
        "empty": _("请填写要留意的说法"), "long": _("一条说法太长"), "loose": _("太宽：至少要有两个确定的字"),
        "brackets": _("括号不成对，或括号里又有括号"), "gaps": _("“…”不能放在开头或结尾，至多三个"),
    }[str(wrong.args[0])]  # fmt: skip
    return _("“%(phrase)s”：%(why)s") % {"phrase": phrase[:40], "why": why}


def lines(text: str, most: int = 300) -> list[str]:
    found = [clean_line(line[: most * 2], most * 2)[:most] for line in clean_text(text, 20_000).split("\n")]
    return list(dict.fromkeys(line for line in found if line))


def cleaned(given: dict[str, Any]) -> dict[str, Any]:
    """The columns of a rule as they are kept. Raises `Invalid`, each field with its sentence."""
    wrong: dict[str, str] = {}
    says = lines(given["phrases"])
    if not says:
        wrong["phrases"] = _("请填写要留意的说法")
    if len(says) > MOST_LINES:
        wrong["phrases"] = _("一条规则最多 %(n)d 种说法") % {"n": MOST_LINES}
    for say in says[:MOST_LINES]:
        try:
            read_phrase(say)
        except WrongPhrase as problem:
            wrong.setdefault("phrases", _wrong_phrase(problem, say))
    why = clean_line(given["why"][:1000], 1000)[:300]
    if not why:
        wrong["why"] = _("请用一句话说明为什么不妥")
    if given["category"] not in WordingRule.Category.values:
        wrong["category"] = _("请选择类别")
    if given["level"] not in WordingRule.Level.values:
        wrong["level"] = _("请选择级别")
    for name, known in (("kinds", KINDS), ("channels", CHANNELS)):
        if set(given[name]) - set(known):
            wrong[name] = _("有不认识的选项")
    if wrong:
        raise Invalid(_("规则没有填完整"), fields=wrong)
    return {
        "phrases": "\n".join(says), "category": given["category"], "why": why,
        "instead": "\n".join(lines(given["instead"])[:MOST_LINES]), "level": given["level"],
        "kinds": sorted(set(given["kinds"])), "channels": sorted(set(given["channels"])),
        "active": bool(given.get("active", True)),
    }  # fmt: skip


@command("wording.lay_down", needs="wording.edit")
def lay_down(*, by: Actor, at: datetime) -> int:
    """The shipped rules that are not there yet; those a person has changed stay as they are."""
    _next_edition()
    have = set(WordingRule.unscoped.exclude(code="").values_list("code", flat=True))
    made = WordingRule.unscoped.bulk_create(WordingRule(**one) for one in shipped() if one["code"] not in have)
    record("wording.wordingrule", {"laid_down": len(made)})
    return len(made)


@command("wording.add_rule", needs="wording.edit")
def add_rule(
    *, phrases: str, category: str, why: str, instead: str = "", level: str = "hint", kinds: Sequence[str] = (),
    channels: Sequence[str] = (), active: bool = True, by: Actor, at: datetime,
) -> WordingRule:  # fmt: skip
    """A rule of the company's own. `phrases` and `instead` one on each line."""
    values = cleaned({
        "phrases": phrases, "category": category, "why": why, "instead": instead, "level": level, "kinds": kinds,
        "channels": channels, "active": active,
    })  # fmt: skip
    _next_edition()
    if WordingRule.unscoped.count() >= MOST_RULES:
        raise Invalid(_("规则太多，最多 %(n)d 条") % {"n": MOST_RULES})
    made: WordingRule = WordingRule.unscoped.create(**values, changed_at=at, changed_by_id=by.staff_id)
    record(made, values)
    return made


def _locked(rule_id: int, expected_version: int | None) -> WordingRule:
    _next_edition()
    row = WordingRule.objects.select_for_update(no_key=True, of=("self",)).filter(pk=rule_id).first()
    if row is None:
        raise Missing(_("没有这条话术规则"))
    if expected_version is not None and row.version != expected_version:
        raise Stale(_("这条规则刚被别人改过"), current=row)
    return row


def _save(row: WordingRule, values: dict[str, Any], by: Actor, at: datetime) -> WordingRule:
    before = {name: value for name, value in row.fields.items() if name in values and value != values[name]}
    for name, value in values.items():
        setattr(row, name, value)
    row.version, row.changed_at, row.changed_by_id = row.version + 1, at, by.staff_id
    row.save()
    record(row, {"before": before, "after": {name: values[name] for name in before}})
    return row


@command("wording.change_rule", needs="wording.edit")
def change_rule(
    *, rule_id: int, phrases: str, category: str, why: str, instead: str = "", level: str = "hint",
    kinds: Sequence[str] = (), channels: Sequence[str] = (), active: bool = True, expected_version: int | None = None,
    by: Actor, at: datetime,
) -> WordingRule:  # fmt: skip
    values = cleaned({
        "phrases": phrases, "category": category, "why": why, "instead": instead, "level": level, "kinds": kinds,
        "channels": channels, "active": active,
    })  # fmt: skip
    return _save(_locked(rule_id, expected_version), values, by, at)


@command("wording.switch_rule", needs="wording.edit")
def switch_rule(*, rule_id: int, active: bool, by: Actor, at: datetime) -> WordingRule:
    """Off: it is kept and does nothing."""
    return _save(_locked(rule_id, None), {"active": active}, by, at)


@command("wording.import_rules", needs="wording.edit")
def import_rules(*, rows: Sequence[dict[str, Any]], by: Actor, at: datetime) -> dict[str, int]:
    """Rules from a table, all of them or none; one with the number of a rule that is there changes it."""
    _next_edition()
    numbers = {row["id"] for row in rows if row.get("id")}
    known = {row.pk: row for row in WordingRule.unscoped.filter(pk__in=numbers)}
    if WordingRule.unscoped.count() + len(rows) - len(known) > MOST_RULES:
        raise Invalid(_("规则太多，最多 %(n)d 条") % {"n": MOST_RULES})
    fresh, changed = [], 0
    for given in rows:
        values = cleaned(given)
        row = known.get(given.get("id") or 0)
        if row is None:
            fresh.append(WordingRule(**values, changed_at=at, changed_by_id=by.staff_id))
        elif row.fields != values:
            changed += 1
            WordingRule.unscoped.filter(pk=row.pk).update(
                **values, version=row.version + 1, changed_at=at, changed_by_id=by.staff_id
            )
    WordingRule.unscoped.bulk_create(fresh)
    record("wording.wordingrule", {"imported": len(fresh), "changed": changed, "rows": len(rows)})
    return {"made": len(fresh), "changed": changed}
