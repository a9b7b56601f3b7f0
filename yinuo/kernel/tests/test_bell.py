"""The live gateway is woken after a commit, never before, and once for many."""

import time
from typing import Any

import psycopg
import pytest
from django.db import transaction

from yinuo.kernel.bell import CHANNEL, IDLE, bell
from yinuo.kernel.beside import beside
from yinuo.kernel.guard import permit_writes
from yinuo.kernel.models import Notice

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def listening(transactional_db: None) -> Any:
    with psycopg.connect(**beside(), autocommit=True) as line:
        line.execute(f"LISTEN {CHANNEL}")
        yield lambda seconds: len(list(line.notifies(timeout=seconds)))
    bell.finish()


def tell() -> None:
    from yinuo.kernel.clock import now
    from yinuo.kernel.events import write_notices
    from yinuo.kernel.work import Event

    with permit_writes("test"):
        write_notices([Event("a.b", ("topic",), {})], now())


def test_it_rings_after_the_commit_and_not_for_a_rollback(listening: Any) -> None:
    with transaction.atomic():
        tell()
        assert listening(0.2) == 0
    assert listening(1) == 1
    with transaction.atomic():
        tell()
        transaction.set_rollback(True)
    assert listening(0.3) == 0
    assert Notice.objects.count() == 1


def test_many_commits_share_a_ring_and_a_rested_bell_rings_again(listening: Any) -> None:
    for _n in range(50):
        tell()
    assert 1 <= listening(1) < 40
    time.sleep(IDLE * 2)
    tell()
    assert listening(1) == 1
