"""What the tests of merging begin with: two files, something on them, and the two commands."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from yinuo.customers.commands import (
    add_note,
    create_customer,
    merge_customers,
    split_customers,
)
from yinuo.customers.queries import goes_over
from yinuo.kernel.actor import Actor, acting_as
from yinuo.matters.plain import raise_matter, register_contact
from yinuo.promises.commands import make_personal_promise

SYSTEM = Actor.system("test")
AT = datetime(2026, 11, 22, 4, tzinfo=UTC)


def customer(name="王小明", *identities, verified="agent", **values):
    with acting_as(SYSTEM):
        kind = values.pop("kind", "person")
        return create_customer(kind=kind, name=name, identities=identities, verified_how=verified, **values)


def busy(desk, row, word):
    """A conversation with a matter, a promise and a note."""
    with acting_as(desk.agent):
        talk = register_contact(channel="phone", text=f"{word}什么时候送到", customer_id=row.pk)
        matter = raise_matter(conversation_id=talk.pk, kind="enquiry", title=f"{word}送货")
        make_personal_promise(title=f"{word}回电", due_at=AT + timedelta(days=1), matter_id=matter.pk)
        add_note(customer_id=row.pk, with_whom="us", happened_on=AT.date(), text=f"{word}续约")
    return SimpleNamespace(talk=talk, matter=matter)


def holdings(row) -> Counter:
    return Counter({label: n for label, n in goes_over(row).items() if label != "customers.ChannelIdentity.customer"})


def merge(desk, survivor, absorbed, **more):
    with acting_as(desk.boss):
        return merge_customers(survivor_id=survivor.pk, absorbed_id=absorbed.pk, reason="回拨核实", **more)


def split(desk, row, reason="并错了"):
    with acting_as(desk.boss):
        return split_customers(merge_id=row.pk, reason=reason)
