"""For which cases a standard holds: choices in words where the values are known, `condition=values` for the rest."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms

from yinuo.promises.rules.conditions import LABELS, VALUES, key_of, value_of
from yinuo.web.forms.base import many

#: The conditions that are ticked, and the fields they are ticked in. A unit's values are known by the form.
_KEYS = ("grade", "unit", "kind", "complaint_kind", "complaint_subkind", "channel", "severity", "complexity")
TICKED = {key: f"only_{key}" for key in _KEYS}
COMMAS = r"[,\uff0c\u3001]"


def fields() -> dict[str, forms.Field]:
    return {field: many(LABELS[key], list(VALUES.get(key, {}).items())) for key, field in TICKED.items()}


def shown(conditions: Mapping[str, Any]) -> dict[str, Any]:
    """What the form starts with."""
    ticked = {field: list(conditions.get(key, [])) for key, field in TICKED.items()}
    rest = {key: values for key, values in conditions.items() if key not in TICKED}
    return {**ticked, "more_conditions": " ".join(f"{LABELS.get(k, k)}={','.join(v)}" for k, v in rest.items())}


def given(cleaned: Mapping[str, Any]) -> dict[str, list[str]]:
    """The conditions of a filled form. Names and values are taken in words as well."""
    found: dict[str, list[str]] = {}
    for pair in (cleaned["more_conditions"] or "").split():
        name, _equals, values = pair.partition("=")
        key = key_of(name)
        found[key] = [value_of(key, v) for v in re.split(COMMAS, values) if v]
    return found | {key: cleaned[field] for key, field in TICKED.items() if cleaned.get(field)}
