"""Pickers of units, people and customers for forms: the value is a primary key or None."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yinuo.complaints.rules.choices import Satisfaction
from yinuo.identity.queries import receivers, staff_choices, units

NONE = gettext_lazy("（不指定）")


def number(
    label: Any, choices: Any, *, required: bool = True, empty: Any = None, help: Any = ""
) -> forms.TypedChoiceField:
    """One of several rows by key."""

    def options() -> list[Any]:
        return [("", empty or "—"), *(choices() if callable(choices) else choices)]

    return forms.TypedChoiceField(
        label=label,
        choices=options,
        required=required,
        coerce=int,
        empty_value=None,
        help_text=help,
        error_messages={
            "invalid_choice": gettext_lazy("这个选项已经不在了，请重新选择"),
            "required": gettext_lazy("请选择"),
        },
    )


def unit(label: Any, *, required: bool = False, help: Any = "") -> forms.TypedChoiceField:
    """A department, indented by its place in the tree."""
    return number(label, unit_options, required=required, empty=NONE, help=help)


def staff(label: Any, *, required: bool = False, help: Any = "") -> forms.TypedChoiceField:
    """A person who works here, grouped by department."""
    return number(label, staff_options, required=required, empty=NONE, help=help)


def unit_options() -> list[tuple[int, str]]:
    rows = units()
    return [(u.pk, "　" * max(u.path.strip("/").count("/"), 0) + u.name) for u in rows]


def staff_options() -> list[tuple[str, list[tuple[int, str]]]]:
    groups: dict[str, list[tuple[int, str]]] = {}
    for person in staff_choices():
        groups.setdefault(person.unit.name, []).append((person.pk, person.name))
    return list(groups.items())


def leader(label: Any) -> forms.TypedChoiceField:
    """Somebody who receives customers as a leader."""
    return number(label, lambda: [(p.pk, f"{p.name}（{p.unit.name}）") for p in receivers()])


def percent(label: Any, *, required: bool = False, help: Any = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=required,
        min_value=0,
        max_value=100,
        help_text=help,
        widget=forms.NumberInput(attrs={"min": "0", "max": "100", "inputmode": "numeric"}),
        error_messages={"min_value": gettext_lazy("在 0 到 100 之间"), "max_value": gettext_lazy("在 0 到 100 之间")},
    )


def count(label: Any, low: int, high: int, *, initial: int | None = None, help: Any = "") -> forms.IntegerField:
    sentence = _("在 %(low)d 到 %(high)d 之间") % {"low": low, "high": high}
    return forms.IntegerField(
        label=label,
        min_value=low,
        max_value=high,
        initial=initial,
        help_text=help,
        widget=forms.NumberInput(attrs={"min": str(low), "max": str(high), "inputmode": "numeric"}),
        error_messages={"min_value": sentence, "max_value": sentence},
    )


def yes_no(label: Any, yes: Any, no: Any, *, required: bool = True) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        choices=[("yes", yes), ("no", no)],
        coerce=lambda v: v == "yes",
        required=required,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选择一项")},
    )


FAIR = [
    ("5", gettext_lazy("很公平")),
    ("4", gettext_lazy("公平")),
    ("3", gettext_lazy("一般")),
    ("2", gettext_lazy("不公平")),
    ("1", gettext_lazy("很不公平")),
]


def five(label: Any, *, help: Any = "", levels: Any = Satisfaction.choices) -> forms.TypedChoiceField:
    """The five levels of satisfaction, or of fairness, as a number."""
    return forms.TypedChoiceField(
        label=label,
        choices=levels,
        coerce=int,
        empty_value=None,
        required=False,
        help_text=help,
        widget=forms.RadioSelect,
    )
