"""Addresses of two files made one: none is lost, and none is better proved than before."""

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yinuo.channels.email.threads import takes_part
from yinuo.conversations.commands import open_conversation
from yinuo.conversations.models import Conversation
from yinuo.customers.commands import (
    add_identity,
    resolve_customer,
    verify_identity,
)
from yinuo.customers.models import ChannelIdentity
from yinuo.customers.queries import mail_address
from yinuo.customers.tests.merging import SYSTEM, busy, customer, holdings, merge, split
from yinuo.kernel.actor import acting_as

KINDS = st.sampled_from(["phone", "email"])
ADDRESS = st.tuples(KINDS, st.integers(0, 3), st.booleans())


def address(kind: str, n: int) -> tuple[str, str]:
    return (kind, f"+861381234567{n}" if kind == "phone" else f"c{n}@example.cn")


def identities(*rows) -> list[tuple]:
    found = ChannelIdentity.unscoped.filter(customer__in=rows).order_by("pk")
    return list(found.values_list("customer_id", "kind", "value", "active", "verified_at", "verified_how"))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(own=st.lists(ADDRESS, max_size=4), other=st.lists(ADDRESS, max_size=4), talks=st.integers(0, 2))
def test_no_address_is_lost_or_made_better_and_a_split_restores_all(desk, own, other, talks) -> None:
    with transaction.atomic():
        one, two = customer("甲"), customer("乙")
        for row, given_ in ((one, own), (two, other)):
            for kind, n, checked in given_:
                with acting_as(SYSTEM):
                    taken = ChannelIdentity.unscoped.filter(
                        value=address(kind, n)[1], verified_at__isnull=False
                    ).exists()
                    add_identity(
                        customer_id=row.pk, kind=kind, value=address(kind, n)[1],
                        verified_how="agent" if checked and not taken else "",
                    )  # fmt: skip
        for _n in range(talks):
            busy(desk, two, "乙")
        before, held = identities(one, two), holdings(two)
        standing_values = {(k, v) for _c, k, v, _a, _at, _h in before}
        proved = {(k, v) for _c, k, v, _a, verified, _h in before if verified}
        done = merge(desk, one, two)
        now = identities(one)
        assert {(k, v) for _c, k, v, active, _at, _h in now if active} == standing_values
        assert {(k, v) for _c, k, v, active, verified, _h in now if active and verified} == proved
        assert not [i for i in identities(two) if i[3]]
        split(desk, done)
        assert identities(one, two) == before
        assert holdings(two) == held and not holdings(one)
        transaction.set_rollback(True)


def test_what_was_proved_opens_the_survivor_and_nothing_else_does(desk) -> None:
    """A verified address of either takes part in both their threads; an unchecked one only in its own."""
    one = customer("王小明", ("email", "ming@example.cn"))
    two = customer("王先生", ("email", "xian@example.cn"))
    with acting_as(SYSTEM):
        add_identity(customer_id=two.pk, kind="email", value="stranger@example.cn")
        own = open_conversation(channel="email", customer_id=one.pk, subject="甲", unit_id=desk.unit.pk)
        other = open_conversation(channel="email", customer_id=two.pk, subject="乙", unit_id=desk.unit.pk)
    done = merge(desk, one, two)
    own, other = Conversation.unscoped.get(pk=own.pk), Conversation.unscoped.get(pk=other.pk)
    for talk in (own, other):
        assert takes_part(talk, "ming@example.cn") and takes_part(talk, "xian@example.cn")
        assert not takes_part(talk, "stranger@example.cn")
    with acting_as(desk.agent):
        for known in ("xian@example.cn", "ming@example.cn"):
            with acting_as(SYSTEM):
                assert resolve_customer(name="谁", identities=[("email", known)]).pk == one.pk
        with acting_as(SYSTEM):
            assert resolve_customer(name="谁", identities=[("email", "stranger@example.cn")]).pk not in (one.pk, two.pk)
    split(desk, done)
    own, other = Conversation.unscoped.get(pk=own.pk), Conversation.unscoped.get(pk=other.pk)
    assert not takes_part(own, "xian@example.cn") and not takes_part(other, "ming@example.cn")


def test_an_unchecked_address_is_not_written_to_about_the_others_cases(desk) -> None:
    for first, second in (((), (("email", "typed@example.cn"),)), ((("email", "typed2@example.cn"),), ())):
        one, two = customer("甲", *first, verified=""), customer("乙", *second, verified="")
        with acting_as(SYSTEM):
            typed = mail_address(one.pk) or mail_address(two.pk)
        done = merge(desk, one, two)
        with acting_as(SYSTEM):
            assert mail_address(one.pk) is None
        split(desk, done)
        with acting_as(SYSTEM):
            assert (mail_address(one.pk) or mail_address(two.pk)) == typed


def test_the_better_proof_of_the_same_address_survives(desk) -> None:
    one, two = customer("甲", ("phone", "13812345678"), verified=""), customer("乙", ("phone", "13812345678"))
    done = merge(desk, one, two)
    assert [(a, bool(v), h) for _c, _k, _v, a, v, h in identities(one)] == [(True, True, "agent")]
    split(desk, done)
    assert [bool(i[4]) for i in identities(one)] == [False]
    assert [bool(i[4]) for i in identities(two)] == [True]


def test_proved_after_the_merge_stays_proved(desk) -> None:
    one, two = customer("甲"), customer("乙", ("email", "b@example.cn"), verified="")
    done = merge(desk, one, two)
    with acting_as(SYSTEM):
        row = ChannelIdentity.unscoped.get(customer=one)
        assert verify_identity(identity_id=row.pk, how="agent").verified_at
        assert mail_address(one.pk).pk == row.pk
    split(desk, done)
    assert identities(two)[0][4] is not None
