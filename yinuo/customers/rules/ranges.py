"""Figures of a setting: whole numbers within their bounds. Pure."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from yinuo.kernel.errors import Invalid


def within(values: Mapping[str, Any], limits: Mapping[str, tuple[int, int]]) -> dict[str, int]:
    """Exactly the figures of `limits`, each inside its bounds; a sentence beside each that is not."""
    wrong: dict[str, str] = {}
    for name, (low, high) in limits.items():
        given = values.get(name)
        if isinstance(given, bool) or not isinstance(given, int) or not low <= given <= high:
            wrong[name] = _("请填 %(low)s 到 %(high)s 之间的整数") % {"low": f"{low:,}", "high": f"{high:,}"}
    if wrong or set(values) - set(limits):
        raise Invalid(_("有的数字不对"), fields=wrong)
    return {name: values[name] for name in limits}
