"""What an audit entry says of what was done: fields and values in words."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from yinuo.approvals.rules import KINDS as APPROVALS
from yinuo.complaints.states import MOVES
from yinuo.identity.grants import GRANTS, ROLE_SEEDS
from yinuo.promises.rules.happenings import FULFILMENTS, OBLIGATIONS, TRIGGERS
from yinuo.web.audit.commands import in_words
from yinuo.web.audit.fields import FIELDS, LINES
from yinuo.web.audit.personal import REVEALED
from yinuo.web.formats import day, exact
from yinuo.web.forms.complaint_stage import CONFIRMED
from yinuo.web.forms.customers import CardForm
from yinuo.web.forms.standards import BREACHES

#: Fields that hold somebody who works here; the last three only where a number stands.
STAFF = ("owner", "staff", "head", "substitute", "leader", "granted_by", "escalated_to", "for", "from", "to")
#: Under which names of a model's field the words of a value are looked for.
ALIKE = {
    "to": ("stage", "state"), "frm": ("stage", "state"), "from": ("stage", "state"), "as": ("state",),
    "kept_as": ("state",), "decision": ("state",), "kinds": ("kind",), "channels": ("channel",),
    "customer_kind": ("kind",), "event": (), "state": ("state", "stage"),
}  # fmt: skip
#: What was before stands first; the database keeps no order.
FIRST = ("from", "frm", "before")
_WHEN = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d.*)?")
Names = Mapping[int, str]


def people_in(entries: Iterable[Any]) -> set[int]:
    """Whose names are needed to show these entries."""
    return {value for e in entries for key, value in _pairs(e.data) if key in STAFF and type(value) is int}


def details(entry: Any, names: Names) -> list[tuple[str, str]]:
    """Each field with its value, in words."""
    return list(_rows(entry.subject_type, entry.data, names))


def _rows(subject: str, data: Mapping[str, Any], names: Names) -> Iterator[tuple[str, str]]:
    before, after = data.get("before"), data.get("after")
    for key, value in sorted(data.items(), key=lambda one: one[0] not in FIRST):
        if key == "before" and isinstance(after, dict):
            continue
        if key == "after" and isinstance(before, dict) and isinstance(value, dict):
            for name in dict.fromkeys([*before, *value]):
                old, new = (_words(subject, name, one.get(name), names) for one in (before, value))
                yield field(name), _("%(old)s → %(new)s") % {"old": old, "new": new}
        else:
            yield field(key), _words(subject, key, value, names)


def _pairs(data: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(data, dict):
        for name, value in data.items():
            yield from _pairs(value, name)
    elif isinstance(data, list):
        for value in data:
            yield from _pairs(value, key)
    else:
        yield key, data


def field(name: str) -> str:
    """A field's name, those of a customer's card as the card calls them."""
    on_card = CardForm.base_fields.get(name.replace("profile.", "profile_"))
    return str(FIELDS.get(name) or (on_card.label if on_card else REVEALED.get(name, name)))


def _words(subject: str, key: str, value: Any, names: Names) -> str:
    if value is None or value == "" or value == [] or value == {}:
        return _("无")
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, dict):
        return "；".join(f"{field(name)}：{_words(subject, name, one, names)}" for name, one in value.items())
    if isinstance(value, list):
        return "、".join(_words(subject, key, one, names) for one in value)
    if isinstance(value, int) and key in STAFF:
        return names.get(value, str(value))
    return _text(subject, key, value) if isinstance(value, str) else str(value)


def _text(subject: str, key: str, value: str) -> str:
    if key in ("changed", "fields"):
        return field(value)
    if key == "command":
        return in_words(value)
    if key == "way" and "+" in value:  # both steps of a login
        return " + ".join(_text(subject, key, one) for one in value.split("+"))
    if _WHEN.fullmatch(value):
        return _moment(value)
    if key == "kind" and subject in KINDS and value in KINDS[subject]:
        return str(KINDS[subject][value])
    if key in OWN and value in OWN[key]:
        return str(OWN[key][value])
    for name in ALIKE.get(key, (key,)):
        found = _choices().get((subject, name), {}).get(value) or _choices().get(("", name), {}).get(value)
        if found is not None:
            return str(found)
    return value


def _moment(value: str) -> str:
    try:
        return exact(datetime.fromisoformat(value)) if "T" in value else day(date.fromisoformat(value))
    except ValueError:
        return value


#: Kinds that are no field's choices.
KINDS: dict[str, Mapping[str, Any]] = {
    "approvals.approval": APPROVALS,
    "approvals.approvalrule": APPROVALS,
    "promises.compensation": dict(BREACHES),
}
OWN: dict[str, Mapping[str, Any]] = {
    "move": {name: move.label for name, move in MOVES.items()},
    "entry": LINES,
    "obligation": OBLIGATIONS, "trigger": TRIGGERS, "happening": FULFILMENTS,
    "roles": {seed.code: seed.name for seed in ROLE_SEEDS}, "made": {seed.code: seed.name for seed in ROLE_SEEDS},
    "grants": {grant.code: grant.label for grant in GRANTS},
    "how": dict(CONFIRMED),
    "way": {
        "password": lazy("密码"), "passkey": lazy("通行密钥"), "code": lazy("验证码"), "recovery": lazy("恢复码"),
    },
    "identities": REVEALED, "identity": REVEALED, "field": REVEALED,
}  # fmt: skip


@cache
def _choices() -> dict[tuple[str, str], dict[str, Any]]:
    """Words of the values of every model's fields; under "" those that say the same in every model."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    clash: set[tuple[str, str]] = set()
    for model in apps.get_models():
        for one in model._meta.concrete_fields:
            for value, label in one.flatchoices if model.__module__.startswith("yinuo") else ():
                found.setdefault((model._meta.label_lower, one.name), {})[str(value)] = label
                shared = found.setdefault(("", one.name), {})
                if str(shared.setdefault(str(value), label)) != str(label):
                    clash.add((one.name, str(value)))
    for name, value in clash:
        del found["", name][value]
    return found
