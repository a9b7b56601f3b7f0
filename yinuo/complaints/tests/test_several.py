"""Whole intakes that come at the same moment: the rows of one after the other in two statements, each its own answer."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from tests.worlds import world
from yinuo.complaints.commands import register
from yinuo.complaints.intake import register_at_once, several
from yinuo.complaints.intake.plain import Intake, plain_intake
from yinuo.complaints.intake.several import register_several
from yinuo.complaints.models import Complaint
from yinuo.complaints.tests import rows
from yinuo.complaints.tests.rows import FULL, NOW, PLAIN
from yinuo.complaints.tests.test_group import told
from yinuo.complaints.tests.test_intake import written
from yinuo.customers.commands import create_customer
from yinuo.customers.models import Customer
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.command import permit_writes
from yinuo.kernel.errors import AlreadyDone
from yinuo.kernel.models import Once
from yinuo.kernel.once import Claim
from yinuo.matters.models import TimelineEntry

MANY = [PLAIN, FULL, {**PLAIN, "phone": "13900001111"}, {**PLAIN, "name": "王五"}, {"channel": "api", "content": "漏"}]
SYSTEM = Actor.system("test")
actor = world(rows.actor)


def moment(n: int):
    return NOW + timedelta(minutes=n)


def intakes(actor: Actor) -> list[Intake]:
    with acting_as(actor):
        return [
            plain_intake(
                by=actor, at=moment(n), channel=given["channel"], content=given["content"], given=without(given)
            )
            for n, given in enumerate(MANY)
        ]


def without(given):
    return {name: value for name, value in given.items() if name not in ("channel", "content")}


@pytest.mark.django_db
def test_they_write_what_the_command_writes_one_after_the_other(actor):
    def one_by_one(**_given):
        for n, given in enumerate(MANY):
            with clock.frozen(moment(n)):
                register(by=actor, at=moment(n), **given)

    with transaction.atomic():
        slow, _none = written(one_by_one, actor, {}, 5000)
        transaction.set_rollback(True)
    with transaction.atomic():
        register_several(intakes(actor)[:1])  # from now on the standards are known
        transaction.set_rollback(True)

    def together(**_given):
        with CaptureQueriesContext(connection) as caught:
            made = register_several(intakes(actor))
        assert len(caught) == 2
        return made

    fast, made = written(together, actor, {}, 5000)
    assert told(fast.pop("kernel_notice")) == told(slow.pop("kernel_notice"))
    for table in slow:
        assert fast[table] == slow[table], table
    assert [row.content for row in made] == [given["content"] for given in MANY]
    assert sum(map(len, slow.values())) > 80


@pytest.mark.django_db
def test_one_the_command_must_see_to_is_left_to_it_and_the_others_are_registered(actor):
    with acting_as(SYSTEM):
        important = create_customer(
            kind="person", name="陈先生", identities=[("phone", "13900001111")], verified_how="agent"
        )
    with permit_writes("test"):
        Customer.unscoped.filter(pk=important.pk).update(grade="A")
    made = register_several(intakes(actor))
    assert [row is None for row in made] == [False, False, True, False, False]
    assert Complaint.unscoped.count() == 4


@pytest.fixture
def crowd(transactional_db):
    """crowd(calls): each in a thread of its own; all but the first come while that one is at work."""
    who, begun, go = rows.actor(), threading.Event(), threading.Event()
    groups: list[int] = []
    original = several.register_several

    def held(items):
        groups.append(len(items))
        begun.set()
        assert go.wait(20)
        return original(items)

    def call(given, language):
        try:
            with acting_as(who), translation.override(language):
                return register_at_once(by=who, at=clock.now(), **given)
        finally:
            connection.close()

    def run(calls):
        several._company.cache_clear()
        with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(len(calls)) as pool:
            patch.setattr(several, "register_several", held)
            answers = [pool.submit(call, *calls[0])]
            assert begun.wait(20)
            answers += [pool.submit(call, *each) for each in calls[1:]]
            while sum(len(several._company(lang)._waiting) for lang in ("zh-hans", "en")) + len(groups) < len(calls):
                threading.Event().wait(0.005)
            go.set()
            done = [answer.exception(30) or answer.result() for answer in answers]
        several._company.cache_clear()
        return done, groups

    return run


def test_threads_share_a_group_and_each_gets_its_own(crowd):
    bodies = [{**PLAIN, "content": f"第{n}件", "phone": f"1390000{n:04d}"} for n in range(6)]
    made, groups = crowd([(body, "zh-hans") for body in bodies])
    assert groups == [1, 5]
    assert [row.content for row in made] == [body["content"] for body in bodies]
    stored = Complaint.unscoped.select_related("matter")
    assert {row.content: row.matter.number for row in stored} == {row.content: row.matter.number for row in made}
    assert len({row.matter.number for row in stored}) == Customer.unscoped.count() == 6


def test_a_group_that_fails_is_done_one_by_one(crowd, monkeypatch):
    original = several.write_at_once

    def stumbling(rows, *given, **more):
        if sum(isinstance(row, Complaint) for row in rows) > 1:
            raise ZeroDivisionError
        return original(rows, *given, **more)

    monkeypatch.setattr(several, "write_at_once", stumbling)
    made, groups = crowd([({**PLAIN, "phone": f"1390000{n:04d}"}, "zh-hans") for n in range(4)])
    assert groups == [1, 3, 1, 1, 1] and all(isinstance(row, Complaint) for row in made)
    assert Complaint.unscoped.count() == 4


def test_what_is_written_beside_a_case_is_in_its_senders_language(crowd):
    made, _groups = crowd([({**PLAIN, "phone": f"1390000{n:04d}"}, "en" if n % 2 else "zh-hans") for n in range(4)])
    said = TimelineEntry.unscoped.filter(kind="received")
    texts = [said.get(matter=row.pk).text for row in made]
    assert texts[0] == texts[2] == "投诉已登记" and texts[1] == texts[3] != texts[0]


def claim(key: str = "form-1") -> Claim:
    return Claim("api", key, lambda row: {"number": row.matter.number})


@pytest.fixture
def kept():
    return lambda: {row.key: row.result for row in Once.objects.all()}


def test_a_key_is_taken_with_what_it_is_for_and_a_twin_in_the_same_group_learns_of_it(crowd, kept):
    twin = {**PLAIN, "claim": claim()}
    other = {**PLAIN, "phone": "13900000009", "claim": claim("form-2")}
    [first, second, third] = crowd([(other, "zh-hans"), (twin, "zh-hans"), (twin, "zh-hans")])[0]
    assert Complaint.unscoped.count() == 2
    again, made = sorted((second, third), key=lambda found: isinstance(found, Complaint))
    assert isinstance(again, AlreadyDone) and again.result == {"number": made.matter.number}
    assert kept() == {"form-1": again.result, "form-2": {"number": first.matter.number}}


@pytest.mark.django_db(transaction=True)
def test_a_twin_at_this_very_moment_in_another_process_is_noticed_by_the_write(kept, monkeypatch):
    who = rows.actor()
    with acting_as(who):
        made = register_at_once(by=who, at=NOW, claim=claim(), **PLAIN)
        original = several.read_known
        monkeypatch.setattr(
            several, "read_known", lambda *given, **more: replace(original(*given, **more), taken=set())
        )
        with pytest.raises(AlreadyDone) as again:
            register_at_once(by=who, at=NOW, claim=claim(), **PLAIN)
    assert again.value.result == kept()["form-1"] == {"number": made.matter.number}
    assert Complaint.unscoped.count() == 1


@pytest.mark.django_db
def test_a_clock_that_cannot_be_woken_undoes_nothing(actor, monkeypatch):
    def broken(*_given):
        raise DatabaseError("notify")

    monkeypatch.setattr(several, "wake_clock", broken)
    assert all(register_several(intakes(actor))) and Complaint.unscoped.count() == len(MANY)
