"""The rules that come with the product, read once from `data/rules.toml`."""

import tomllib
from functools import cache
from typing import Any

from yinuo.wording.rules.folding import DATA


@cache
def shipped() -> tuple[dict[str, Any], ...]:
    """Each as the columns of a row; a rule without a level has that of its category."""
    found = tomllib.loads((DATA / "rules.toml").read_text(encoding="utf-8"))
    return tuple(
        {
            "code": rule["code"],
            "phrases": "\n".join(rule["say"]),
            "category": category,
            "why": rule["why"],
            "instead": "\n".join(rule["instead"]),
            "level": rule.get("level", part["level"]),
            "kinds": rule.get("kinds", []),
            "channels": rule.get("channels", []),
        }
        for category, part in found.items()
        for rule in part["rules"]
    )
