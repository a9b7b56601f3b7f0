"""Complaints in every stage, each taken there by the same commands people use, with the clock held at each step."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from yinuo.complaints import commands as complaints
from yinuo.customers.commands import add_contact, add_note, create_customer, propose_grade
from yinuo.customers.models import ChannelIdentity
from yinuo.identity.models import Staff
from yinuo.identity.queries import actor_for
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.operations.demo import answers
from yinuo.operations.demo.aside import make_uneven, put_aside
from yinuo.operations.demo.company import Company
from yinuo.operations.demo.desk import Case, Desk, office
from yinuo.operations.demo.people import Story, address, credit_code, firm_name, person_name, phone, stories
from yinuo.operations.demo.steps import advance
from yinuo.promises.commands.announcing import announce_due

# How far each case has come, how many days ago it began, and how often.
STAGES = (
    ("received", 0, 4),
    ("acknowledged", 0, 3),
    ("acknowledged", 2, 2),
    ("assessed", 1, 3),
    ("investigating", 3, 4),
    ("investigating", 6, 1),
    ("proposing", 4, 3),
    ("approving", 5, 4),
    ("offered", 6, 3),
    ("executing", 7, 4),
    ("callback", 9, 3),
    ("closed", 12, 5),
    ("rejected", 8, 1),
    ("withdrawn", 5, 1),
    ("escalated_out", 10, 1),
    ("merged", 2, 1),
)
FIRST_EMAIL = "customer0@demo.invalid"
CHANNELS = ("phone", "phone", "visit", "letter", "phone")


def told() -> bool:
    """Whether the cases are there; they come all at once, with their customers."""
    return ChannelIdentity.objects.filter(kind="email", value=FIRST_EMAIL).exists()


def live(made: Company, *, seed: int, say: Callable[[str], None]) -> None:
    """Some forty cases, then the promises whose time has come are announced as the clock would have."""
    desk = Desk(random.Random(seed), {}, {code: unit.pk for code, unit in made.units.items()})  # noqa: S311
    desk.actors = {login: actor_for(Staff.objects.get(pk=person.pk)) for login, person in made.staff.items()}
    customers = _customers(desk)
    tales = stories()
    desk.dice.shuffle(tales)
    number = 0
    for stage, days, count in STAGES:
        for _n in range(count):
            case = _register(desk, customers[number % len(customers)], tales[number % len(tales)], days, number)
            advance(case, stage)
            number += 1
    with acting_as(Actor.system("clock")):
        while announce_due(limit=200):
            pass
    make_uneven(desk)
    put_aside(desk)
    answers.wait(desk)
    say(_("  在办与近期投诉 %(count)d 件") % {"count": number})


def _customers(desk: Desk) -> list[Any]:
    """Firms with contacts and people, some of them A grade, checked by an agent."""
    dice, made = desk.dice, []
    with acting_as(desk.actors["supervisor"]):
        for n in range(24):
            region, street = address(dice)
            firm = n % 2 == 0
            customer = create_customer(
                kind="organisation" if firm else "person",
                name=firm_name(dice) if firm else person_name(dice),
                identities=[("phone", phone(90_000_000 + n)), ("email", f"customer{n}@demo.invalid")],
                verified_how="demo",
                region=region,
                address=street,
                status="existing",
                source="referral",
                uscc=credit_code(1000 + n) if firm else "",
            )
            if firm:
                person = create_customer(
                    kind="person", name=person_name(dice), identities=[("phone", phone(91_000_000 + n))]
                )
                add_contact(
                    organisation_id=customer.pk, person_id=person.pk, role="decision_maker", title=_("采购经理")
                )
                add_note(
                    customer_id=customer.pk,
                    with_whom="us",
                    text=_("续签年度供货合同，约定每月拜访一次。"),
                    happened_on=(clock.now() - timedelta(days=40 + n)).date(),
                )
            if n % 6 == 0:
                propose_grade(customer_id=customer.pk, grade="A", reason=_("近两年以上往来密集且金额大"))
            made.append(customer)
    return made


def _register(desk: Desk, customer: Any, story: Story, days: int, number: int) -> Case:
    agent = ("agent", "agent2", "agent3", "agent4")[number % 4]
    now = clock.now()
    began = min(office(now - timedelta(days=days, hours=desk.dice.randint(1, 3))), now - timedelta(minutes=30 + number))
    with acting_as(desk.actors[agent]):
        row = complaints.register(
            channel=desk.dice.choice(CHANNELS),
            customer_id=customer.pk,
            name=customer.name,
            title=story.title,
            phone=phone(90_000_000 + number % 24),
            content=story.content,
            demand=story.demand,
            product=story.product,
            severity=desk.dice.choice(("minor", "ordinary", "ordinary", "serious")),
            at=began,
        )
    return Case(desk, story, row, agent, began)
