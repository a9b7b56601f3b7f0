"""A customer who is called otherwise now: their matters are found by the new name and by nothing of the old one."""

import pytest

from tests.worlds import world
from yinuo.complaints.tests.conftest import Walk, build
from yinuo.customers.commands import edit_customer
from yinuo.customers.models import Customer
from yinuo.jobs.tasks import customers as jobs
from yinuo.kernel.actor import Actor, acting_as
from yinuo.matters.models import Matter
from yinuo.matters.queries import find

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")


@world
def firm():
    return build()


def found(query: str) -> set[int]:
    with acting_as(SYSTEM):
        return {row.pk for row in find(query)}


def rename(customer_id: int, name: str) -> str:
    with acting_as(SYSTEM):
        row = Customer.objects.get(pk=customer_id)
        edit_customer(customer_id=row.pk, expected_version=row.version, name=name)
        return row.name


def test_matters_follow_a_new_name_and_keep_their_own_words(firm, monkeypatch) -> None:
    monkeypatch.setattr(jobs, "BATCH", 2)
    asked: list[dict] = []
    monkeypatch.setattr(jobs, "defer", lambda name, **given: asked.append(given))
    told = {"name": "海润油品", "phone": "13955550001"}
    cases = [Walk(firm, product=product, **told) for product in ("柴机油", "海润牌齿轮油", "刹车油")]
    ids = [case.id for case in cases]
    customers = set(Matter.unscoped.filter(pk__in=ids).values_list("customer_id", flat=True))
    assert len(customers) == 1
    customer_id = customers.pop()
    assert found("海润油品") == set(ids)
    old = rename(customer_id, "东岳贸易")
    given: dict = {"customer_id": customer_id, "old": old}
    for _round in range(5):
        jobs.renamed(**given)
        if not asked:
            break
        given = {name: value for name, value in asked.pop().items() if name != "lock"}
    assert found("东岳贸易") == set(ids) == found("dymy")
    assert found("海润油品") == set() == found("hryp")
    assert found("海润") == {ids[1]} and found("柴机油") == {ids[0]}, "words of their own stay"
