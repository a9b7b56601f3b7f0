"""Standards and packs as pages show them."""

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.aggregates import JSONBAgg
from django.db.models import Count, Q

from yinuo.calendars.wording import span_text
from yinuo.promises.models import Standard
from yinuo.promises.packs import pack_names, read_pack
from yinuo.promises.rules.happenings import AUTOMATIC


@dataclass(frozen=True, slots=True)
class Pack:
    name: str
    title: str
    about: str
    shipped: int
    in_force: int
    outstanding: int
    #: The codes of units some of it holds for only; empty when all of it holds for the whole company.
    units: tuple[str, ...] = ()


def standards() -> list[Standard]:
    """All in force, by pack and title, each with the number of promises it is owed on. One statement."""
    owed = Count("promises", filter=Q(promises__outstanding=True))
    rows = Standard.objects.filter(in_force=True).annotate(owed=owed).order_by("pack", "title")
    return list(rows)


def standard(key: str) -> Standard | None:
    """The version in force, or the newest one of a standard taken out of force. One statement."""
    return Standard.objects.filter(key=key).order_by("-in_force", "-version").first()


def versions(key: str) -> list[Any]:
    """Every version, the newest first, with how many promises were made under it. One statement."""
    return list(Standard.objects.filter(key=key).annotate(made=Count("promises")).order_by("-version"))


def packs() -> list[Pack]:
    """What is shipped, how much of it is in force, and for whom. One statement."""
    live = (
        Standard.objects.filter(in_force=True).exclude(pack="").values("pack")
        .annotate(
            n=Count("pk", distinct=True), owed=Count("promises", filter=Q(promises__outstanding=True)),
            narrowed=JSONBAgg("data__conditions__unit", distinct=True),
        )
    )  # fmt: skip
    known: dict[str, Any] = {row["pack"]: row for row in live}
    found = []
    for name in pack_names():
        pack, row = read_pack(name), known.get(name, {})
        units = dict.fromkeys(code for codes in row.get("narrowed") or () for code in codes or ())
        shipped = len(pack["standard"])
        found.append(
            Pack(name, pack["title"], pack["about"], shipped, row.get("n", 0), row.get("owed", 0), tuple(units))
        )
    return found


def target_text(standard: Standard) -> str:
    return span_text(standard.spec.span)


def by_hand() -> list[Standard]:
    """Standards in force whose promise somebody makes by hand. One statement."""
    return list(Standard.objects.filter(in_force=True).exclude(trigger__in=AUTOMATIC).order_by("pack", "key"))
