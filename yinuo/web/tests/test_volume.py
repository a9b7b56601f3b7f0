"""No list goes through more of the database the larger it is: counts and pages walk an index and stop."""

from importlib import import_module
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from tests.plans import chips, reads_of
from tests.worlds import world
from yinuo.identity.models import Staff
from yinuo.kernel import planned
from yinuo.kernel.actor import acting_as
from yinuo.operations import demo
from yinuo.operations.demo import bulk, company
from yinuo.web import listing

pytestmark = pytest.mark.slow
CUSTOMERS = 1_500  # with twice as many matters and conversations
COUNTED = 60
MOST = 1_400
#: The longest customers stand at the end of "newest first" where nobody has dealt with them since.
LEFT = {"/customers/": {"?dealing=loyal"}}
LISTS = ("/", "/inbox/", "/complaints/", "/matters/", "/promises/", "/customers/")


@world
def crowded() -> None:
    with acting_as(demo.SYSTEM):
        company.build()
        bulk.fill(customers=CUSTOMERS, seed=1, say=lambda text: None, shape=bulk.CROWDED)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lists and boards stop counting early, and the planner is not tempted by tables that are small here alone."""
    monkeypatch.setattr(listing, "COUNT_LIMIT", COUNTED)
    monkeypatch.setattr(import_module("yinuo.promises.queries.board"), "COUNTED", COUNTED)
    monkeypatch.setattr(import_module("yinuo.promises.queries.board"), "LOOKED_AT", COUNTED)
    planned._plans.clear()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        yield
    planned._plans.clear()


def test_what_a_list_reads_does_not_grow(crowded: None, small: None) -> None:
    wrong = []
    for who in ("leader", "agent"):
        client = Client()
        client.force_login(Staff.objects.get(username=who))
        for path in LISTS:
            for query in {"", *chips(client.get(path).content.decode())} - LEFT.get(path, set()):
                wrong += [
                    f"{who} {path}{query} {read.rows} {sorted(read.whole)} {read.sql[:70]}"
                    for read in reads_of(client, path + query)
                    if read.rows > MOST
                ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("table", ["matters_matter", "customers_customer"])
def test_the_database_knows_how_frequent_more_than_a_thousand_words_are(table: str, crowded: None) -> None:
    """Else it takes a word nobody wrote for a frequent one and walks the whole list to find it (seen at two million)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT cardinality(most_common_elem_freqs) FROM pg_stats WHERE tablename = %s AND attname = 'search'",
            [table],
        )
        assert cursor.fetchone()[0] > 2_000
