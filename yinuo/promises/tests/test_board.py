"""The board and the on-time rate, each in a fixed number of statements."""

from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from yinuo.kernel import planned
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.clock import frozen
from yinuo.kernel.command import permit_writes
from yinuo.kernel.errors import Invalid, Refused
from yinuo.promises import queries
from yinuo.promises.commands import (
    announce_due,
    assign_promise,
    keep_promise,
    load_pack,
    make_good,
    make_personal_promise,
    make_promises,
)
from yinuo.promises.models import Compensation, Promise
from yinuo.promises.queries.board import narrow, rates_since
from yinuo.promises.queries.standards import packs, standards, versions
from yinuo.promises.queries.team import standing
from yinuo.promises.tests.conftest import START, inside, local, open_complaint


def call_back(desk: SimpleNamespace, hours: float, who: str = "handler") -> Promise:
    with acting_as(getattr(desk, who)):
        return make_personal_promise(title="回电", due_at=START + timedelta(hours=hours), customer_id=desk.customer.pk)


def test_the_board_groups_what_is_owed(desk: SimpleNamespace) -> None:
    load_pack(name="common")
    for hours in (1, 2, 5, 30, 24 * 20):
        call_back(desk, hours)
    at = START + timedelta(hours=1.9)
    with frozen(at):
        announce_due()
        found = queries.counts(at)
    assert found == {"broken": 1, "today": 2, "week": 1, "paused": 0, "risk": 1}
    assert queries.in_group(queries.board(), "later", at).count() == 1
    for group, number in found.items():
        assert queries.in_group(queries.board(), group, at).count() == number


def test_what_is_near_is_seen_and_counts_look_there_first(desk: SimpleNamespace, monkeypatch: Any) -> None:
    """A count may stop at what is near, but finds the rest where that is too little."""
    with acting_as(desk.handler):
        matter = open_complaint(desk)
        make_personal_promise(title="回电", due_at=START + timedelta(hours=2), matter_id=matter.pk)
        far = make_personal_promise(title="对账", due_at=START + timedelta(hours=3), matter_id=matter.pk)
    with permit_writes("test"):
        Promise.unscoped.filter(pk=far.pk).update(owner=desk.other.staff_id, unit=None)
    near = Promise.near_q(desk.handler)
    assert near is not None
    with acting_as(desk.handler), frozen(START):
        seen = set(Promise.objects.values_list("pk", flat=True))
        assert set(Promise.unscoped.filter(near).values_list("pk", flat=True)) < seen, (
            "near and not seen, or nothing far"
        )
        assert far.pk in seen
        assert queries.counts(START)["today"] == 2
        monkeypatch.setattr(import_module("yinuo.promises.queries.board"), "COUNTED", 0)
        planned._plans.clear()
        assert queries.counts(START)["today"] == 1, "more than none is all that is asked"
        planned._plans.clear()


@pytest.mark.parametrize("rows", [1, 3])
def test_statements_do_not_grow_with_rows(desk: SimpleNamespace, rows: int, django_assert_num_queries: Any) -> None:
    load_pack(name="common")
    load_pack(name="bank")
    for _n in range(rows):
        matter = open_complaint(desk)
        inside(desk, make_promises, trigger="complaint.received", matter_id=matter.pk)
    with acting_as(desk.handler):
        with django_assert_num_queries(1):
            for row in queries.board().order_by("due_at", "pk")[:25]:
                assert row.customer and row.owner and row.unit and row.standard and row.matter and row.matter.number
        with django_assert_num_queries(1):
            queries.counts(START)
        with django_assert_num_queries(1):
            queries.rates("standard", START, START + timedelta(days=30))
        with django_assert_num_queries(1):
            queries.of_matter(desk.matter)
        newest = Promise.unscoped.latest("pk").pk
        with django_assert_num_queries(3):
            assert queries.promise(newest)
        with django_assert_num_queries(1):
            assert len(queries.told_to_customer(matter.pk)) == 3
        with django_assert_num_queries(1):
            standards()
        with django_assert_num_queries(1):
            packs()
        with django_assert_num_queries(1):
            versions("common.interim-reply")


def test_making_a_complaints_promises_costs_the_same_however_many(
    desk: SimpleNamespace, django_assert_num_queries: Any
) -> None:
    load_pack(name="common")
    call_back(desk, 1)  # what a process reads once
    with django_assert_num_queries(10):
        inside(desk, make_promises, trigger="complaint.received", matter_id=desk.matter.pk)
    for pack in ("bank", "lubricant"):
        load_pack(name=pack)
    other = open_complaint(desk)
    with django_assert_num_queries(10):
        facts = {"complaint_kind": "product"}
        made = inside(desk, make_promises, trigger="complaint.received", matter_id=other.pk, facts=facts)
    assert len(made) == 4


def test_the_clock_costs_the_same_for_one_and_for_three(desk: SimpleNamespace) -> None:
    counts = []
    for rows in (1, 3):
        matters = [open_complaint(desk) for _n in range(rows)]
        with acting_as(desk.handler):
            for matter in matters:
                make_personal_promise(title="回电", due_at=START + timedelta(hours=rows), matter_id=matter.pk)
        with frozen(START + timedelta(hours=rows, minutes=1)), CaptureQueriesContext(connection) as seen:
            assert announce_due() == rows
        # who listens from outside is read now and then, whatever is announced
        counts.append(len([q for q in seen.captured_queries if "webhook_endpoint" not in str(q["sql"])]))
    assert counts == [15, 15]


def test_the_rate_counts_kept_renewed_and_broken_but_not_waived_or_open(desk: SimpleNamespace) -> None:
    for hours, who in ((1, "handler"), (2, "handler"), (3, "other"), (40, "other")):
        call_back(desk, hours, who)
    first = Promise.unscoped.order_by("due_at").first()
    with frozen(START + timedelta(minutes=30)), acting_as(desk.handler):
        keep_promise(promise_id=first.pk, text="已回电")
    with frozen(START + timedelta(hours=4)):
        announce_due()
    since, until = START - timedelta(days=1), START + timedelta(days=1)
    found = {r.name: (r.in_time, r.late, r.owed, r.percent) for r in queries.rates("owner", since, until)}
    assert found == {"handler": (1, 1, 1, 50.0), "other": (0, 1, 1, 0.0)}
    whole = queries.rate(since, until)
    assert (whole.total, whole.percent) == (3, 33.3)
    assert queries.settled(since, until).count() == 3
    assert queries.rate(until, until + timedelta(days=1)).percent is None
    starts = [START + timedelta(hours=1), since]  # the first was kept before the shorter period began
    assert [r.total for r in rates_since(starts, until, desk.handler.staff_id)] == [1, 2]


@pytest.mark.parametrize(("handed", "late_for"), [("before", "other"), ("after", "handler")])
def test_a_promise_counts_for_whoever_had_it_when_it_broke(desk: SimpleNamespace, handed: str, late_for: str) -> None:
    promise = call_back(desk, 2)
    since, until = START - timedelta(days=1), START + timedelta(days=1)

    def hand_over(hours: int) -> None:
        with frozen(START + timedelta(hours=hours)), acting_as(desk.manager):
            assign_promise(promise_id=promise.pk, owner_id=desk.other.staff_id)

    if handed == "before":
        hand_over(1)
    with frozen(START + timedelta(hours=3)):
        announce_due()
    if handed == "after":
        hand_over(4)
    with frozen(START + timedelta(hours=5)), acting_as(desk.other):
        keep_promise(promise_id=promise.pk, text="已回电")
    assert {r.name: (r.in_time, r.late) for r in queries.rates("owner", since, until)} == {late_for: (0, 1)}
    for who in ("handler", "other"):
        person = getattr(desk, who).staff_id
        late = [(r.in_time, r.late) for r in rates_since([since], until, person)]
        assert late == [(0, int(who == late_for))]
        rows = narrow("owner", rated=True)(queries.settled(since, until), str(person))
        assert [row.rated_owner.name for row in rows] == [late_for] * (who == late_for)
        assert bool(standing([person], since, until).rates) == (who == late_for)


def test_scopes_hold_on_the_board(desk: SimpleNamespace) -> None:
    load_pack(name="common")
    inside(desk, make_promises, trigger="complaint.received", matter_id=desk.matter.pk)
    seen = {}
    for who in ("handler", "manager", "leader", "keeper"):
        with acting_as(getattr(desk, who)):
            seen[who] = queries.board().count()
    assert seen == {"handler": 1, "manager": 1, "leader": 1, "keeper": 0}
    linked = Actor.customer(customer_id=desk.customer.pk, name="王", matter_ids=frozenset({desk.matter.pk}))
    with acting_as(linked):
        told = queries.told_to_customer(desk.matter.pk)
    assert [(t.by, "即使尚无结果也会告知" in t.says) for t in told] == [("2026年3月5日 18:00", True)]
    with acting_as(Actor.customer(customer_id=desk.customer.pk, name="王")):
        assert queries.told_to_customer(desk.matter.pk) == []


def test_an_apology_is_noted_by_hand_and_money_is_not(desk: SimpleNamespace) -> None:
    load_pack(name="common")
    load_pack(name="lubricant")
    apology = {
        p.obligation: p for p in inside(desk, make_promises, trigger="complaint.received", matter_id=desk.matter.pk)
    }
    delivery = inside(
        desk, make_promises, trigger="delivery.agreed", matter_id=desk.matter.pk, facts={"agreed_on": "2026-03-03"}
    )[0]
    with frozen(local("2026-06-01 10:00")):
        announce_due()
        with acting_as(desk.handler):
            assert queries.cost_so_far(Promise.unscoped.get(pk=delivery.pk), local("2026-03-05 10:00")).late_days == 2
            with pytest.raises(Refused, match="须经审批"):
                make_good(promise_id=delivery.pk, text="已付")
            with pytest.raises(Invalid):
                make_good(promise_id=apology["interim_reply"].pk, text="")
            make_good(promise_id=apology["interim_reply"].pk, text="6月1日电话致歉")
    assert Compensation.unscoped.get(promise=apology["interim_reply"]).state == "settled"
