"""A file nobody needs is deleted; a file somebody is storing at that very moment is not. Real connections, real races."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from yinuo.conversations.models import Attachment
from yinuo.kernel import clock
from yinuo.kernel.beside import beside
from yinuo.kernel.blobs import forget_strays, forget_unreferred, open_blob, path_of, store, unreferred
from yinuo.kernel.command import permit_writes
from yinuo.kernel.models import Blob

pytestmark = pytest.mark.django_db(transaction=True)
BYTES = b"the same photograph"


def refer(blob: Blob) -> Attachment:
    """A row that needs the file."""
    return Attachment.unscoped.create(
        blob=blob, name="a", media_type="x/y", size=blob.size, upload_key="k", created_at=clock.now()
    )  # fmt: skip


def stored(data: bytes = BYTES) -> Blob:
    with transaction.atomic(), permit_writes("test"):
        return store(data)


def test_row_and_bytes_go_together() -> None:
    gone, kept = stored(), stored(b"needed")
    with permit_writes("test"):
        refer(kept)
    assert forget_unreferred() == 1
    assert not path_of(gone.sha256).exists() and path_of(kept.sha256).exists()
    assert list(Blob.objects.values_list("pk", flat=True)) == [kept.pk]
    assert forget_unreferred() == 0


def test_every_table_that_names_a_file_is_asked() -> None:
    asked = str(unreferred().query)
    for table in ("conversations_attachment", "email_rawmessage", "complaints_agreement"):
        assert f'"{table}"' in asked


def test_while_it_is_being_stored_it_stays() -> None:
    """The form is sent in the very moment the sweeper looks: the row is not committed yet, so nobody sees it."""
    old = stored()
    found_there, may_commit = threading.Event(), threading.Event()

    def send() -> None:
        try:
            with transaction.atomic(), permit_writes("test"):
                blob = store(BYTES)  # the bytes are there already: nothing is written
                found_there.set()
                assert may_commit.wait(10)
                refer(blob)
        finally:
            connection.close()

    sender = threading.Thread(target=send)
    sender.start()
    assert found_there.wait(10)
    assert forget_unreferred() == 0
    may_commit.set()
    sender.join()
    assert Attachment.unscoped.get().blob_id == old.pk
    with open_blob(old) as file:
        assert file.read() == BYTES


def test_whoever_comes_while_it_is_deleted_stores_it_anew(monkeypatch) -> None:
    """The sweeper has the lock: the sender waits for it and then writes the bytes again."""
    from pathlib import Path

    old = stored()
    unlink, results = Path.unlink, []

    def send() -> None:
        try:
            with transaction.atomic(), permit_writes("test"):
                blob = store(BYTES)
                refer(blob)
            results.append(blob)
        finally:
            connection.close()

    sender = threading.Thread(target=send)

    def slowly(self: Path, missing_ok: bool = False) -> None:
        if self == path_of(old.sha256) and not sender.ident:
            sender.start()
            sender.join(0.5)  # it is waiting: the row's end is not committed yet
            assert sender.is_alive() and not results
        unlink(self, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", slowly)
    assert forget_unreferred() == 1
    sender.join(10)
    assert results and results[0].pk != old.pk
    assert path_of(old.sha256).read_bytes() == BYTES
    assert Attachment.unscoped.get().blob_id == results[0].pk


def test_many_storing_and_sweeping_lose_nothing() -> None:
    stop, wrong = threading.Event(), []

    def churn(number: int) -> None:
        try:
            for turn in range(12):
                with transaction.atomic(), permit_writes("test"):
                    row = refer(store(BYTES))
                if not path_of(row.blob.sha256).exists():
                    wrong.append((number, turn))
                with permit_writes("test"):
                    Attachment.unscoped.filter(pk=row.pk).delete()
        except Exception as error:
            wrong.append(error)
        finally:
            connection.close()

    def sweep() -> None:
        try:
            while not stop.is_set():
                forget_unreferred()
        finally:
            connection.close()

    sweeper = threading.Thread(target=sweep)
    senders = [threading.Thread(target=churn, args=(n,)) for n in range(3)]
    for thread in (sweeper, *senders):
        thread.start()
    for thread in senders:
        thread.join()
    stop.set()
    sweeper.join()
    assert wrong == []


def test_nothing_is_deleted_during_a_backup() -> None:
    from psycopg.conninfo import make_conninfo

    from yinuo.operations.backup import _files_kept

    blob, now = stored(), clock.now()
    with _files_kept(make_conninfo(**beside())):
        assert forget_unreferred() == 0 and path_of(blob.sha256).exists()
        with permit_writes("test"):
            Blob.objects.all().delete()
        assert forget_strays(now + timedelta(days=1)) == 0 and path_of(blob.sha256).exists()
    assert forget_strays(now + timedelta(days=1)) >= 1 and not path_of(blob.sha256).exists()


def test_bytes_without_a_row_go_after_a_day() -> None:
    from django.conf import settings

    kept = stored(b"needed")
    with pytest.raises(ZeroDivisionError), transaction.atomic(), permit_writes("test"):
        lost = store(b"rolled back")
        raise ZeroDivisionError
    left = path_of(kept.sha256).parents[2] / "incoming" / "tmp-left"
    left.write_bytes(b"half")
    odd = settings.FILES_DIR / "aa" / "bb" / "not-a-hash"
    odd.parent.mkdir(parents=True, exist_ok=True)
    odd.write_bytes(b"x")
    assert forget_strays(clock.now() - timedelta(days=1)) == 0 and path_of(lost.sha256).exists()
    before = {path for path in settings.FILES_DIR.rglob("*") if path.is_file()}
    assert forget_strays(clock.now() + timedelta(seconds=5)) >= 3
    assert (
        not path_of(lost.sha256).exists() and not left.exists() and not odd.exists() and path_of(kept.sha256).exists()
    )
    assert before - {path for path in settings.FILES_DIR.rglob("*") if path.is_file()} >= {path_of(lost.sha256), left}


def test_bytes_that_are_being_stored_are_no_stray() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic(), permit_writes("test"):
        lost = store(BYTES)
        raise ZeroDivisionError
    found_there, may_commit = threading.Event(), threading.Event()

    def send() -> None:
        try:
            with transaction.atomic(), permit_writes("test"):
                blob = store(BYTES)
                found_there.set()
                assert may_commit.wait(10)
                refer(blob)
        finally:
            connection.close()

    sender = threading.Thread(target=send)
    sender.start()
    assert found_there.wait(10)
    forget_strays(clock.now() + timedelta(seconds=5))
    may_commit.set()
    sender.join()
    assert path_of(lost.sha256).read_bytes() == BYTES
