"""What an open page hears: its own topics, each event once, whatever commits, breaks or reconnects in between."""

import random
import threading
import time

import pytest
from django.db import connection

from yinuo.live.tests.conftest import ORIGIN, started


@pytest.fixture(autouse=True)
def origin(settings):
    settings.PUBLIC_URL = ORIGIN
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1"]


def test_who_may_listen(gateway):
    good = gateway.ticket("matter:1")
    assert gateway.get("").status_code == 401
    assert gateway.get(good[:-2] + "xx").status_code == 401
    assert gateway.get(gateway.ticket("matter:1", life=-1)).status_code == 401
    assert gateway.get(good, Origin="http://evil.example").status_code == 403
    assert gateway.client.post("/live", params={"ticket": good}).status_code == 405
    assert gateway.client.get("/other").status_code == 404
    with gateway.client.stream("GET", "/live", params={"ticket": good}, headers={"Origin": ORIGIN}) as answer:
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert answer.headers["content-type"].startswith("text/event-stream")


def test_a_page_hears_its_topics_and_no_others(gateway, tell):
    with gateway.listen("matter:7", "staff:3") as page:
        tell("not.for.me", "matter:8")
        tell("complaint.stage_changed", "matter:7")
        page.until("complaint.stage_changed")
        tell("matter.assigned", "staff:3")
        assert page.until("matter.assigned") == ["complaint.stage_changed", "matter.assigned"]


def test_a_page_that_comes_back_hears_what_committed_out_of_order(gateway, tell):
    slow = tell.begin()
    tell.insert(slow, "slow", "t")  # lower id, older transaction, commits last
    with gateway.listen("t") as page:
        tell("fast", "t")
        assert page.until("fast") == ["fast"]
        cursor = page.id
    slow.commit()
    tell("later", "t")
    with gateway.listen("t", last=cursor) as page:
        assert page.until("slow", "later") == ["slow", "later"]
    with gateway.listen("t", last=page.id) as page:
        tell("last", "t")
        assert page.until("last") == ["last"]


def test_a_long_transaction_holds_nobody_up(gateway, tell):
    long = tell.begin()
    tell.insert(long, "long", "other")
    with gateway.listen("t") as page:
        started = time.monotonic()
        tell("quick", "t")
        page.until("quick")
        assert time.monotonic() - started < 5
    long.rollback()


@pytest.mark.parametrize("cursor", ["nonsense", "5:3:@1", "1:1:@1", "999999999:999999999:@9999999999"])
def test_a_cursor_that_means_nothing_makes_the_page_look_anew(gateway, cursor):
    with gateway.listen("a", "b", last=cursor) as page:
        assert page.first == {"topics": ["a", "b"], "events": [], "reset": True}
        assert page.id != cursor


def test_the_database_may_go_away(gateway, tell):
    with gateway.listen("t") as page:
        tell("before", "t")
        page.until("before")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                "WHERE datname = current_database() AND query LIKE '%%yinuo_live%%' AND pid <> pg_backend_pid()"
            )
        tell("meanwhile", "t")
        tell("after", "t")
        assert page.until("meanwhile", "after") == ["before", "meanwhile", "after"]


def test_a_gateway_started_anew_tells_what_happened_meanwhile(transactional_db, tell):
    with started() as first, first.listen("t") as page:
        tell("before", "t")
        page.until("before")
    tell("meanwhile", "t")
    with started() as second, second.listen("t", last=page.id) as page:
        tell("after", "t")
        assert page.until("meanwhile", "after") == ["meanwhile", "after"]


def test_a_silent_stream_says_that_it_lives(gateway, monkeypatch):
    monkeypatch.setattr("yinuo.live.app.KEEPALIVE", 0.05)
    with gateway.client.stream("GET", "/live", params={"ticket": gateway.ticket("t")}) as answer:
        assert "event: beat" in answer.iter_lines(), "something a page can hear, not a comment"


def test_every_event_once_in_a_storm_of_commits_and_reconnects(gateway, tell):
    rng = random.Random(7)
    expected = {f"{worker}.{n}" for worker in range(6) for n in range(25)}

    def commit(worker: int) -> None:
        mine = random.Random(worker)
        conn = tell.begin()
        for n in range(25):
            tell.insert(conn, f"{worker}.{n}", "t")
            time.sleep(mine.random() * 0.01)
            conn.commit()

    heard: list[str] = []
    with gateway.listen("t") as page:
        cursor = page.id
    threads = [threading.Thread(target=commit, args=(w,)) for w in range(6)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 30
    while len(heard) < len(expected) and time.monotonic() < deadline:
        with gateway.listen("t", last=cursor) as page:
            for _message in range(rng.randint(0, 3)):
                if len(heard) + len(page.names) < len(expected):
                    page.next()
            heard += page.names
            cursor = page.id
    for thread in threads:
        thread.join()
    assert sorted(heard) == sorted(expected)


def test_the_notices_are_read_once_for_all_pages(gateway, tell):
    from yinuo.live import app as gateway_app

    pages = [gateway.listen("t").__enter__() for _n in range(20)]
    before = gateway_app.hub.reads
    tell("one", "t")
    for page in pages:
        assert page.until("one") == ["one"]
    assert gateway_app.hub.reads - before <= 2
    for page in pages:
        page.__exit__(None, None, None)
