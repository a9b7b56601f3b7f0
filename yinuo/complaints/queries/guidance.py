"""Guidance texts and tunable figures of the complaint desk, from `data/*.toml`. Read once, never from the database."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from yinuo.complaints.rules.decision import Advice, advise
from yinuo.complaints.rules.decision import situation as read_situation
from yinuo.complaints.rules.money import Statute, parse_amount
from yinuo.complaints.states import Stage

DATA = Path(__file__).resolve().parent.parent / "data"


@cache
def _data(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / f"{name}.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Guidance:
    """What stands beside the form: title, goal, steps, what to say, what to avoid, and the customer's type."""

    title: str
    goal: str
    steps: tuple[str, ...]
    say: tuple[str, ...]
    avoid: tuple[str, ...]
    clear: tuple[dict[str, str], ...]
    fairness: tuple[dict[str, str], ...]
    temperament: dict[str, Any] | None
    manner: dict[str, str] | None


def guidance(stage: Stage | str, *, temperament: str = "", manner: str = "") -> Guidance:
    data = _data("guidance")
    own = data["stages"][str(Stage(stage))]
    return Guidance(
        own["title"], own["goal"], tuple(own["steps"]), tuple(own["say"]), tuple(own["avoid"]), tuple(data["clear"]),
        tuple(data["fairness"]), data["temperaments"].get(temperament), data["manners"].get(manner),
    )  # fmt: skip


def temperaments() -> dict[str, dict[str, Any]]:
    """All customer types with signs, what to do, what to avoid."""
    return dict(_data("guidance")["temperaments"])


def decision_questions() -> list[dict[str, Any]]:
    """The five questions of the decision aid, with the words for each answer."""
    return list(_data("decision")["questions"])


def decision_aid(answers: dict[str, Any], *, loss: object = "", demand: object = "") -> Advice:
    """The advice for a form's answers, weighed as `data/decision.toml` says. Never raises on odd input."""
    return advise(read_situation(answers, parse_amount(loss)[0], parse_amount(demand)[0]), _data("decision")["weights"])


def statutes() -> list[Statute]:
    return [
        Statute(s["code"], Decimal(s["times"]), Decimal(s["least"]), s["basis"]) for s in _data("decision")["statutes"]
    ]


def safe_sentences() -> list[str]:
    """What a handler may always promise."""
    return list(_data("promising")["always"])
