"""A small company to try the fences on."""

from types import SimpleNamespace

from tests.worlds import world
from yinuo.customers.commands import create_customer
from yinuo.identity.commands import create_staff, create_unit, seed_roles
from yinuo.identity.queries import actor_for
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.command import permit_writes
from yinuo.kernel.work import working
from yinuo.matters.commands import add_entry, open_matter


@world
def company():
    system = Actor.system("test")
    with acting_as(system):
        seed_roles()
        hq = create_unit(name="总部", code="hq", kind="company", parent_id=None)
        east = create_unit(name="东区", code="east", kind="desk", parent_id=hq.pk)
        west = create_unit(name="西区", code="west", kind="desk", parent_id=hq.pk)
        made = {}
        for name, unit, role in [("dong", east, "agent"), ("xi", west, "agent"), ("boss", hq, "leader")]:
            made[name] = create_staff(
                username=name, name=name, password="fence-7788", unit_id=unit.pk, role_codes=[role]
            )
        customer = create_customer(
            kind="person", name="王小明", identities=[("phone", "13812345678")], verified_how="agent"
        )
        matter = open_complaint(customer, east.pk, system)
    return SimpleNamespace(
        system=system, hq=hq, east=east, west=west, customer=customer, matter=matter, staff=made,
        **{name: actor_for(staff) for name, staff in made.items()},
    )  # fmt: skip


def open_complaint(customer, unit_id, system):
    """A bare matter with one timeline line, made as a trade's command would."""
    with acting_as(system), permit_writes("test"), working() as work, work.frame("test"):
        from yinuo.kernel.clock import now

        matter = open_matter(
            kind="complaint",
            title="机油渗漏",
            customer=customer,
            state="received",
            unit_id=unit_id,
            by=system,
            at=now(),
        )
        add_entry(matter=matter, kind="note", text="内部", by=system, at=now())
    return matter
