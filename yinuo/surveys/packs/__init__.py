"""Questionnaires that come with the product, as data. Each becomes an editable copy."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

NAMES = ("csat", "nps", "ces", "fairness", "servqual")


@cache
def pack(name: str) -> dict[str, Any]:
    """One of them, its questions written out in full: SERVQUAL's items are asked twice."""
    found: dict[str, Any] = tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text("utf-8"))
    if "items" in found:
        items = found.pop("items")
        found["questions"] = [
            *(_item(one, side, found[side]) for side in ("expectation", "perception") for one in items),
            *found.get("questions", ()),
        ]
    return found


def _item(one: dict[str, Any], side: str, how: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "scale", "title": f"{how['before']}{one['says']}", "low": 1, "high": 7, "ends": how["ends"],
        "part": one["part"], "side": side, "required": True,
    }  # fmt: skip
