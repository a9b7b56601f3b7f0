"""The team of a supervisor: each person's load, hours, rate and next rows, and what is nobody's."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yinuo.calendars.queries import current_book, path_ids
from yinuo.identity.queries import substitutes, team
from yinuo.kernel.actor import Actor
from yinuo.kernel.clock import CST
from yinuo.promises.queries import team as queries
from yinuo.promises.queries.board import Rate, began

#: People on one page, and rows of the one who was opened.
PEOPLE, MORE, MOST = 24, queries.MORE, 200


@dataclass(frozen=True)
class Card:
    """One person, or nobody (`pk` None)."""

    pk: int | None
    name: str
    unit: str
    load: queries.Load
    rate: Rate | None
    hours: str
    away: str
    rows: list[Any]
    more: bool
    opened: bool

    @property
    def drop(self) -> str:
        return str(self.pk or "none")


@dataclass(frozen=True)
class Team:
    cards: list[Card]
    newer: int | None
    older: int | None
    aside: dict[int, Any]


def standing(actor: Actor, at: datetime, *, start: int = 0, person: str = "", most: int = queries.MORE) -> Team:
    """Nine statements, one more for whoever is opened, whatever the number of people."""
    people = team(actor, start=start, most=PEOPLE)
    further, people = len(people) > PEOPLE, people[:PEOPLE]
    ids = [s.pk for s in people]
    found = queries.standing(ids, began("month", at), at)
    gone = substitutes(ids, at)
    known: dict[str, int | None] = {"none": None, **{str(pk): pk for pk in ids}}
    rows = queries.owed_rows(known[person], most) if person in known else []
    cards = []
    book, today = current_book(), at.astimezone(CST).date()
    for s in [None, *people]:
        pk = s.pk if s else None
        mine = person in known and known[person] == pk
        load = found.loads.get(pk, queries.Load())
        own = rows[:most] if mine else found.rows.get(pk, [])
        calendar = book.calendar(path_ids(s.unit.path)).assuming_plain_weeks() if s else None
        cards.append(
            Card(
                pk, s.name if s else _("没人负责"), s.unit.name if s else "", load, found.rates.get(pk),
                _hours(calendar.hours(today)) if calendar else "", _away(gone.get(pk or 0)), own,
                load.open > len(own), mine,
            )
        )  # fmt: skip
    aside = queries.put_aside([row.pk for card in cards for row in card.rows])
    return Team(cards, max(start - PEOPLE, 0) if start else None, start + PEOPLE if further else None, aside)


def _hours(intervals: Any) -> str:
    """Today's working hours in words."""
    spans = [f"{a // 60}:{a % 60:02}–{b // 60}:{b % 60:02}" for a, b in intervals]
    return "，".join(spans) or _("今天休息")


def _away(absence: Any) -> str:
    if absence is None:
        return ""
    values = {"day": f"{absence.ends_on:%m-%d}", "name": absence.substitute.name}
    return _("不在岗，到 %(day)s；代审批 %(name)s") % values
