"""Names, firms and stories out of a seed: the same seed tells the same company."""

import random
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

CODE = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


@cache
def words() -> dict[str, Any]:
    with (Path(__file__).parent / "words.toml").open("rb") as file:
        return tomllib.load(file)


@dataclass(frozen=True, slots=True)
class Story:
    """What happened to a customer: product, headline, content, demand and how it will be judged."""

    trade: str
    product: str
    title: str
    content: str
    demand: str
    kind: str
    subkind: str


def person_name(dice: random.Random) -> str:
    return f"{dice.choice(words()['surnames'])}{dice.choice(words()['given'])}"


def firm_name(dice: random.Random) -> str:
    have = words()
    return f"{dice.choice(have['regions'])[:2]}{dice.choice(have['org_heads'])}{dice.choice(have['org_tails'])}"


def phone(serial: int) -> str:
    """A mobile number in a range no carrier assigns to people in tests: 199 and eight digits of the serial."""
    return f"199{serial % 100_000_000:08d}"


def address(dice: random.Random) -> tuple[str, str]:
    region = dice.choice(words()["regions"])
    return region, f"{region}{dice.choice(words()['streets'])}{dice.randint(1, 300)}"


def credit_code(serial: int) -> str:
    """A unified social credit code with a right check character (GB 32100-2015)."""
    body = f"91370100{serial:09d}"
    total = sum(CODE.index(c) * w for c, w in zip(body, WEIGHTS, strict=True))
    return body + CODE[(31 - total % 31) % 31]


def stories() -> list[Story]:
    return [
        Story(trade["code"], product, title, content, demand, kind, subkind)
        for trade in words()["trades"]
        for product in trade["products"]
        for title, content, demand, kind, subkind in trade["stories"]
    ]
