"""The demo company: believable, the same for the same seed, of any size, and gone on with when it was stopped."""

import re
from datetime import timedelta

import pytest
from django.db import connection, transaction

from yinuo.approvals.models import ApprovalRule
from yinuo.channels.email.models import Mailbox
from yinuo.complaints.models import Complaint
from yinuo.complaints.queries.searching import found_by, search_tokens
from yinuo.complaints.states import Stage
from yinuo.conversations.models import Conversation
from yinuo.customers.commands import search_tokens as customer_tokens
from yinuo.customers.models import Customer
from yinuo.identity.models import Staff
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as
from yinuo.kernel.command import permit_writes
from yinuo.kernel.errors import Refused
from yinuo.kernel.text import grams
from yinuo.matters.commands import matter_tokens, next_number
from yinuo.matters.models import Matter
from yinuo.operations import demo, prepare
from yinuo.operations.demo import bulk, cases, company
from yinuo.operations.demo.people import words
from yinuo.promises.models import Promise, Standard

pytestmark = pytest.mark.django_db
NEARLY_THREE_YEARS = timedelta(days=1000)


def said_by(build, capsys, **options) -> str:
    build(**options)
    return capsys.readouterr().out


def test_a_company_stopped_in_its_middle_is_gone_on_with_by_the_next_start(capsys, monkeypatch):
    assert sum(count for _stage, _days, count in cases.STAGES) > 40
    monkeypatch.setattr(cases, "STAGES", tuple((stage, days, 1) for stage, days, _count in cases.STAGES))
    real, begun = cases.advance, []

    def stopped(case, stage):
        begun.append(stage)
        if len(begun) == 3:
            raise KeyboardInterrupt
        real(case, stage)

    monkeypatch.setattr(cases, "advance", stopped)
    with pytest.raises(KeyboardInterrupt):
        demo.run(customers=400, seed=1)
    assert Staff.objects.filter(username="agent").exists()
    assert set(Complaint.unscoped.values_list("stage", flat=True)) <= {"received", "closed"}, "no case half told"
    assert demo.unfinished()
    monkeypatch.setattr(cases, "advance", real)
    with monkeypatch.context() as small:
        small.setattr(prepare, "_demo", lambda: demo.run(customers=400, seed=1) or ["the logins"])
        assert prepare._first_people(demo=True) == ["the logins"]
    assert not demo.unfinished()
    _believable()

    before = Customer.unscoped.count(), Matter.unscoped.count(), Staff.objects.count()
    monkeypatch.setattr(prepare, "_demo", lambda: pytest.fail("a company that stands is left alone"))
    assert prepare._first_people(demo=True) == company.login_lines()
    demo.run(customers=400, seed=1)
    assert (Customer.unscoped.count(), Matter.unscoped.count(), Staff.objects.count()) == before

    said = said_by(demo.run, capsys, customers=450)
    assert "客户 450 / 450" in said
    assert Customer.unscoped.filter(profile__has_key="demo").count() == 450


def _believable() -> None:
    found = dict.fromkeys(Stage, 0)
    for stage in Complaint.unscoped.values_list("stage", flat=True):
        found[stage] += 1
    assert all(found.values()), f"a stage nobody is in: {found}"

    trades = {trade["code"]: {story[0] for story in trade["stories"]} for trade in words()["trades"]}
    assert len(trades) == 4
    titles = set(Matter.unscoped.values_list("title", flat=True))
    assert all(titles & stories for stories in trades.values())

    names = list(Customer.unscoped.filter(kind="person").values_list("name", flat=True)[:50])
    assert all(re.fullmatch(r"[一-鿿]{2,4}", name) for name in names)
    assert Matter.unscoped.earliest("opened_at").opened_at < clock.now() - NEARLY_THREE_YEARS
    open_promises = Promise.unscoped.filter(outstanding=True)
    assert open_promises.filter(due_at__gt=clock.now(), due_at__lt=clock.now() + timedelta(hours=24)).count() >= 3
    assert Mailbox.unscoped.get().rehearses  # mail to invented customers stays in the house, and is not stuck
    wrote = Conversation.unscoped.filter(channel="email")
    assert wrote.exists() and not wrote.exclude(customer__identities__kind="email").exists(), "and can be answered"
    lines = company.login_lines()
    assert company.PASSWORD in lines[0]
    assert [line.split()[0] for line in lines[1:4]] == ["agent", "supervisor", "leader"]


@pytest.fixture
def built(db):
    with acting_as(demo.SYSTEM):
        company.build()
        yield


def _history(seed: int, customers: int = 60) -> list[tuple[str, ...]]:
    with transaction.atomic():
        bulk.fill(customers=customers, seed=seed, say=lambda text: None)
        rows = [
            *Customer.unscoped.filter(profile__has_key="demo").order_by("pk").values_list("name", "address", "grade"),
            *Matter.unscoped.order_by("pk").values_list("title", "customer__name", "state"),
        ]
        transaction.set_rollback(True)
    return rows


def test_the_same_seed_tells_the_same_company(built):
    first = _history(1)
    assert len(first) > 100
    assert _history(1) == first
    assert _history(2) != first


def test_history_is_found_by_what_the_commands_would_index(built):
    bulk.fill(customers=20, seed=1, say=lambda text: None)
    for customer in Customer.unscoped.filter(profile__has_key="demo"):
        values = customer.identities(manager="unscoped").values_list("value", flat=True)
        assert lexemes(customer.search) == set(customer_tokens(customer, values)) - {"", *grams(customer.industry)}
    for matter in Matter.unscoped.select_related("customer").filter(customer__profile__has_key="demo"):
        row = Complaint.unscoped.filter(pk=matter.pk).first()
        texts = found_by(row) if row else (matter.conversation.interactions(manager="unscoped").earliest("at").text,)
        assert lexemes(matter.search) == set(matter_tokens(matter, matter.customer.name, *texts)) - {""}
        assert row is None or lexemes(row.search) == set(search_tokens(row))


def lexemes(vector: str) -> set[str]:
    return {token.replace("''", "'") for token in re.findall(r"'((?:[^']|'')*)'", vector)}


def test_a_large_one_goes_in_blocks_with_progress_and_keeps_what_is_written(built, monkeypatch):
    monkeypatch.setattr(bulk, "BLOCK", 100)
    monkeypatch.setattr(bulk, "DROP_INDEXES_OVER", 150)
    said: list[str] = []

    def say(text: str) -> None:
        connection.check_constraints()  # what a commit would do: the test is one transaction
        said.append(text.strip())
        if len(said) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bulk.fill(customers=300, seed=1, say=say)
    assert not bulk.missing_indexes(), "a run that is stopped leaves search as quick as it was"
    bulk.fill(customers=300, seed=1, say=say)
    assert [line for line in said if line.startswith("客户")] == ["客户 100 / 300", "客户 200 / 300", "客户 300 / 300"]
    assert Customer.unscoped.filter(profile__has_key="demo").count() == 300
    assert Matter.unscoped.count() == 240


def test_what_is_opened_after_the_history_has_a_number_of_its_own(built):
    bulk.fill(customers=20, seed=1, say=lambda text: None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval('matters_number', 999995)")
    bulk.fill(customers=40, seed=1, say=lambda text: None)
    running = [int(number.rpartition("-")[2]) for number in Matter.unscoped.values_list("number", flat=True)]
    assert len(set(running)) == len(running) == 32 and max(running) > 1_000_000
    assert int(next_number("complaint", clock.now()).rpartition("-")[2]) > max(running)


def test_search_indexes_lost_with_the_power_are_built_again(built):
    with permit_writes("test"):
        bulk._drop_search_indexes()
    assert [index.name for _model, index in bulk.missing_indexes()] == [
        "customer_search",
        "matter_search",
        "interaction_search",
        "complaint_search",
    ]
    assert demo.unfinished()
    bulk.fill(customers=0, seed=1, say=lambda text: None)
    assert not bulk.missing_indexes()


def test_people_with_a_known_password_never_come_into_a_company_that_works():
    assert "admin" in prepare._first_people(demo=False)[0]
    assert ApprovalRule.objects.exists(), "amounts could not be approved by anybody"
    assert Standard.objects.filter(key="common.interim-reply", in_force=True).exists(), "no answer would be owed"
    with pytest.raises(Refused, match="只能装进空的数据库"):
        demo.run(customers=10)
    assert Staff.objects.get().username == "admin"
    assert not demo.unfinished()


def test_a_first_start_stopped_between_its_first_rows_leaves_none(monkeypatch):
    from yinuo.identity import commands

    def stopped(**_given):
        raise KeyboardInterrupt

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(commands, "create_staff", stopped)
        with pytest.raises(KeyboardInterrupt):
            prepare._first_people(demo=False)
    assert "admin" in prepare._first_people(demo=False)[0]
