"""Files by content, throttles that count across processes, once-keys under a race."""

import io
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.blobs import open_blob, path_of, store
from yinuo.kernel.command import COMMANDS, command, permit_writes
from yinuo.kernel.errors import AlreadyDone, TooMany
from yinuo.kernel.models import Once
from yinuo.kernel.throttle import count_try, forget_tries

AT = datetime(2026, 11, 22, 4, tzinfo=UTC)


@pytest.mark.django_db
def test_the_same_bytes_are_stored_once() -> None:
    with permit_writes("test"):
        first, second = store(b"\x00same" * 1000), store(io.BytesIO(b"\x00same" * 1000))
    assert first.pk == second.pk and first.size == 5000
    with open_blob(first) as file:
        assert file.read(5) == b"\x00same"
    assert not list(path_of(first.sha256).parents[2].joinpath("incoming").iterdir())


@pytest.mark.django_db
def test_a_throttle_stops_and_starts_again() -> None:
    for _n in range(3):
        count_try("login:li", limit=3, window=timedelta(minutes=5), at=AT)
    with pytest.raises(TooMany) as problem:
        count_try("login:li", limit=3, window=timedelta(minutes=5), at=AT + timedelta(minutes=1))
    assert problem.value.retry_after == 240
    count_try("login:wang", limit=3, window=timedelta(minutes=5), at=AT)
    count_try("login:li", limit=3, window=timedelta(minutes=5), at=AT + timedelta(minutes=6))
    forget_tries("login:li")


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_moment_write_once() -> None:
    barrier = threading.Barrier(2)
    results: list[object] = []

    @command("test.race", needs="self.use")
    def race(*, by, at):
        record("test")
        return 42

    def click() -> None:
        barrier.wait()
        try:
            results.append(race(by=Actor.system("t"), at=AT, once="double-click"))
        except AlreadyDone as done:
            results.append(("again", done.result))
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _n in range(2)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        COMMANDS.pop("test.race")
    assert sorted(map(str, results)) == ["('again', 42)", "42"]
    assert Once.objects.filter(command="test.race").count() == 1
