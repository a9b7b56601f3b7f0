"""Reading from a real Dovecot: nothing lost, nothing twice, whatever dies in between."""

import hashlib
import itertools
import os
import signal
import threading
import time
from datetime import timedelta

import imap_tools.idle
import pytest

from yinuo.channels.contract import TransportError
from yinuo.channels.email import imap, receiver
from yinuo.channels.email.commands.mailboxes import save_mailbox
from yinuo.channels.email.flows import understand_stored, understand_waiting
from yinuo.channels.email.models import Mailbox, RawMessage
from yinuo.channels.email.parsing.understand import parse
from yinuo.channels.email.positions import moment_of
from yinuo.channels.email.tests import samples
from yinuo.channels.email.tests.test_sandbox import large
from yinuo.conversations.models import Interaction
from yinuo.kernel import clock
from yinuo.kernel.blobs import open_blob

_users = itertools.count()


@pytest.fixture
def user():
    return f"kf{os.getpid()}x{next(_users)}"


@pytest.fixture
def imap_box(box, dovecot_server, user):
    dovecot_server.deliver(user, samples.mail("连接之前的旧信"))
    save_mailbox(
        mailbox_id=box.pk, imap_host="127.0.0.1", imap_port=dovecot_server.port, imap_security="none", imap_user=user,
        imap_password=dovecot_server.password, take_existing=True,
    )  # fmt: skip
    return Mailbox.unscoped.get(pk=box.pk)


def fetch(mailbox):
    server = imap.connect(mailbox)
    try:
        return imap.fetch_new(server, mailbox)
    finally:
        imap.close(server)


def raws():
    out = []
    for row in RawMessage.unscoped.select_related("blob").order_by("pk"):
        with open_blob(row.blob) as source:
            out.append(source.read())
    return out


@pytest.mark.django_db
class TestReading:
    def test_everything_is_stored_byte_for_byte_and_only_once(self, imap_box, dovecot_server, user):
        assert fetch(imap_box) == 1
        mails = [samples.mail(f"第{n}封", files=[("照片.png", samples.png(), "image/png")]) for n in range(5)]
        for one in mails:
            dovecot_server.deliver(user, one)
        assert fetch(imap_box) == 5
        assert fetch(imap_box) == 0
        # A mail server hands out CRLF line ends.
        assert {raw.replace(b"\r\n", b"\n") for raw in raws()[1:]} == set(mails)

    def test_old_mail_is_left_alone_unless_asked_for(self, imap_box, dovecot_server, user):
        save_mailbox(mailbox_id=imap_box.pk, take_existing=False)
        assert fetch(imap_box) == 0
        dovecot_server.deliver(user, samples.mail("新信"))
        assert fetch(imap_box) == 1

    def test_back_after_three_days(self, imap_box, dovecot_server, user):
        fetch(imap_box)
        for n in range(30):
            dovecot_server.deliver(user, samples.mail(f"三天里的第{n}封"))
        assert fetch(imap_box) == 30

    def test_cut_off_in_the_middle_goes_on_where_it_stopped(self, imap_box, dovecot_server, user):
        for n in range(6):
            dovecot_server.deliver(user, samples.mail(f"第{n}封"))
        server = imap.connect(imap_box)
        seen = itertools.count()
        imap.fetch_new(server, imap_box, stop=lambda: next(seen) >= 3)
        imap.close(server)
        assert RawMessage.unscoped.count() == 3
        assert fetch(imap_box) == 4

    def test_a_hundred_megabytes_stop_nobody(self, imap_box, dovecot_server, user):
        """Fetched in pieces, kept whole, its words shown; the mails round it come as ever."""
        fetch(imap_box)
        sender = b"From: zhang@customer.cn\nSubject: =?utf-8?B?5aSn6YKu5Lu2?=\n"
        raw = sender + large(75 << 20).replace(b"\r\n", b"\n")
        assert len(raw) > 100_000_000
        for one in (samples.mail("大邮件之前"), raw, samples.mail("大邮件之后")):
            dovecot_server.deliver(user, one)
        assert fetch(imap_box) == 3
        digests = {hashlib.sha256(one.replace(b"\r\n", b"\n")).hexdigest() for one in raws()}
        assert hashlib.sha256(raw).hexdigest() in digests
        for pk in RawMessage.unscoped.values_list("pk", flat=True).order_by("pk"):
            assert understand_stored(pk) == "understood"
        assert {"大邮件之前", "大邮件", "大邮件之后"} <= set(Interaction.unscoped.values_list("text", flat=True))
        assert RawMessage.unscoped.get(size__gt=100_000_000).problems == ["too_large"]

    def test_the_server_dies_in_the_middle_of_a_message(self, imap_box, dovecot_server, user, monkeypatch):
        """Half a message is no message: nothing of it is kept, and it comes whole when the server is back."""
        fetch(imap_box)
        mails = [
            samples.mail("先到的"),
            samples.mail(files=[("大.bin", os.urandom(1 << 20), "application/octet-stream")]),
        ]
        for one in mails:
            dovecot_server.deliver(user, one)
            time.sleep(0.01)
        monkeypatch.setattr(imap, "CHUNK", 64 << 10)
        real, pieces = imap._one_fetch, itertools.count()

        def dies(server, uid, what):
            if "BODY" in what and next(pieces) == 6:
                dovecot_server.stop(signal.SIGKILL)
            return real(server, uid, what)

        server = imap.connect(imap_box)
        with monkeypatch.context() as patch:
            patch.setattr(imap, "_one_fetch", dies)
            with pytest.raises(TransportError):
                imap.fetch_new(server, imap_box)
        imap.close(server)
        before = RawMessage.unscoped.count()
        assert before in (1, 2), "the one that was being read is not there, not even in part"
        dovecot_server.start()
        with clock.frozen(clock.now() + timedelta(days=3)):
            assert fetch(imap_box) == 3 - before
        assert {one.replace(b"\r\n", b"\n") for one in raws()} >= set(mails)
        assert RawMessage.unscoped.count() == 3

    def test_a_message_of_exactly_one_piece(self, imap_box, dovecot_server, user, monkeypatch):
        fetch(imap_box)
        raw = samples.mail("整").replace(b"\n", b"\r\n")
        monkeypatch.setattr(imap, "CHUNK", len(raw))
        dovecot_server.deliver(user, raw)
        assert fetch(imap_box) == 1
        assert raws()[-1] == raw

    def test_a_wrong_password_is_one_clear_trouble(self, imap_box):
        save_mailbox(mailbox_id=imap_box.pk, imap_password="wrong")
        with pytest.raises(TransportError):
            imap.connect(Mailbox.unscoped.get(pk=imap_box.pk))

    @pytest.mark.parametrize("security", ["tls", "starttls"])
    def test_encrypted_connections(self, imap_box, dovecot_server, security):
        port = dovecot_server.tls_port if security == "tls" else dovecot_server.port
        save_mailbox(mailbox_id=imap_box.pk, imap_port=port, imap_security=security)
        with pytest.raises(TransportError, match="证书"):
            imap.connect(Mailbox.unscoped.get(pk=imap_box.pk))
        save_mailbox(mailbox_id=imap_box.pk, verify_certificate=False)
        assert fetch(Mailbox.unscoped.get(pk=imap_box.pk)) == 1

    def test_dying_between_stored_and_understood_loses_nothing(self, imap_box, monkeypatch):
        fetch(imap_box)
        row = RawMessage.unscoped.get()
        assert row.state == "stored"
        with clock.frozen(clock.now() + timedelta(minutes=5)):
            assert understand_waiting() == 1
            assert understand_waiting() == 0
        assert Interaction.unscoped.filter(direction="in").count() == 1


@pytest.fixture
def ahead():
    return timedelta(0)


@pytest.fixture
def our_clock(ahead):
    """By how much our clock runs ahead of the mail server's."""
    with clock.frozen(clock.now() + ahead):
        yield


@pytest.fixture
def beside_old_letters(box, dovecot_server, user, our_clock):
    """A mailbox told to leave alone what it finds: five letters from before."""
    for n in range(5):
        dovecot_server.deliver(user, samples.mail(f"以前的第{n}封"), days_ago=(5 - n) / 24)
    return connected(box, dovecot_server, user)


@pytest.fixture
def beside_nothing(box, dovecot_server, user):
    """The same, and there is nothing yet."""
    return connected(box, dovecot_server, user)


def connected(box, server, user):
    save_mailbox(
        mailbox_id=box.pk, imap_host="127.0.0.1", imap_port=server.port, imap_security="none", imap_user=user,
        imap_password=server.password,
    )  # fmt: skip
    mailbox = Mailbox.unscoped.get(pk=box.pk)
    assert fetch(mailbox) == 0
    return mailbox


@pytest.mark.django_db
class TestNewNumbers:
    """The server numbers the folder anew: old letters stay where they are, every other comes once."""

    @pytest.mark.parametrize("ahead", [timedelta(0), timedelta(days=3), timedelta(hours=-20)])
    def test_nothing_twice_nothing_lost(self, beside_old_letters, dovecot_server, user, ahead):
        dovecot_server.deliver(user, samples.mail("第一封"))
        assert fetch(beside_old_letters) == 1
        before = Mailbox.unscoped.get(pk=beside_old_letters.pk).uidvalidity
        dovecot_server.deliver(user, samples.mail("停机时的"))
        dovecot_server.renumber(user)
        assert fetch(beside_old_letters) == 1
        assert Mailbox.unscoped.get(pk=beside_old_letters.pk).uidvalidity != before
        assert fetch(beside_old_letters) == 0
        assert words_stored() == ["第一封", "停机时的"]

    def test_no_mail_since_connecting(self, beside_old_letters, dovecot_server, user):
        dovecot_server.renumber(user)
        assert [fetch(beside_old_letters) for _ in range(3)] == [0, 0, 0]
        dovecot_server.deliver(user, samples.mail("新信"))
        assert [fetch(beside_old_letters) for _ in range(2)] == [1, 0]
        assert words_stored() == ["新信"]

    @pytest.mark.parametrize("read", [0, 1])
    def test_a_link_that_dies_among_them(self, beside_old_letters, dovecot_server, user, read):
        for n in range(3):
            dovecot_server.deliver(user, samples.mail(f"停机时的第{n}封"))
        dovecot_server.renumber(user)
        server, seen = imap.connect(beside_old_letters), itertools.count()
        assert imap.fetch_new(server, beside_old_letters, stop=lambda: next(seen) >= read) == read
        imap.close(server)
        assert [fetch(beside_old_letters) for _ in range(2)] == [3 - read, 0]
        assert sorted(words_stored()) == [f"停机时的第{n}封" for n in range(3)]

    def test_numbers_in_no_order(self, beside_old_letters, dovecot_server, user):
        """A restore may put old letters behind and between the new ones."""
        dovecot_server.deliver(user, samples.mail("停机时的"))
        for days in (30, 20):
            dovecot_server.deliver(user, samples.mail(f"{days}天前的"), days_ago=days)
        dovecot_server.renumber(user)
        assert [fetch(beside_old_letters) for _ in range(2)] == [1, 0]
        dovecot_server.deliver(user, samples.mail("从垃圾箱移回来的"), days_ago=40)
        assert [fetch(beside_old_letters) for _ in range(2)] == [1, 0]
        assert words_stored() == ["停机时的", "从垃圾箱移回来的"]

    def test_a_folder_that_was_empty_is_wholly_ours(self, beside_nothing, dovecot_server, user):
        dovecot_server.deliver(user, samples.mail("第一封"))
        assert fetch(beside_nothing) == 1
        dovecot_server.deliver(user, samples.mail("停机时的"))
        dovecot_server.renumber(user)
        assert [fetch(beside_nothing) for _ in range(2)] == [1, 0]

    def test_a_letter_from_the_future_hides_nothing(self, beside_nothing, dovecot_server, user):
        dovecot_server.deliver(user, samples.mail("来自将来"), days_ago=-4000)
        assert fetch(beside_nothing) == 1
        save_mailbox(mailbox_id=beside_nothing.pk, imap_folder="inbox")  # seen for the first time again
        assert fetch(beside_nothing) == 0
        dovecot_server.deliver(user, samples.mail("停机时的"), days_ago=-1 / 1440)
        dovecot_server.renumber(user)
        assert [fetch(beside_nothing) for _ in range(2)] == [1, 0]


def words_stored():
    return [parse(raw).text.strip() for raw in raws()]


def wait_for(condition, seconds=25.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.usefixtures("own_queue")
@pytest.mark.django_db(transaction=True)
def test_the_receiver_hears_of_mail_at_once_and_survives_a_dead_server(imap_box, dovecot_server, user, monkeypatch):
    """IDLE brings mail within moments; the server is killed as by a power cut, comes back, and nothing is missing."""
    monkeypatch.setattr(receiver, "FIRST_PAUSE", 0.2)
    monkeypatch.setattr(receiver, "LONGEST_PAUSE", 1.0)
    stop = threading.Event()
    running = threading.Thread(target=receiver.Receiver().run, args=(stop,))
    running.start()
    count = RawMessage.unscoped.count
    try:
        assert wait_for(lambda: count() == 1)
        time.sleep(1)
        began = time.monotonic()
        dovecot_server.deliver(user, samples.mail("空闲时到的信"))
        assert wait_for(lambda: count() == 2, 10)
        assert time.monotonic() - began < 8
        dovecot_server.stop(signal.SIGKILL)
        for n in range(3):
            dovecot_server.deliver(user, samples.mail(f"停机时的第{n}封"))
        assert wait_for(lambda: bool(Mailbox.unscoped.get(pk=imap_box.pk).trouble))
        dovecot_server.start()
        assert wait_for(lambda: count() == 5)
        assert wait_for(lambda: not Mailbox.unscoped.get(pk=imap_box.pk).trouble)
    finally:
        stop.set()
        running.join(30)
        if dovecot_server.process is None:
            dovecot_server.start()
    assert not running.is_alive()


@pytest.mark.usefixtures("own_queue")
@pytest.mark.django_db(transaction=True)
def test_mail_announced_in_the_moment_idle_began_is_found_all_the_same(imap_box, dovecot_server, user, monkeypatch):
    """imap_tools listens to the socket alone and misses what came along with "+ idling": here it hears nothing."""
    deaf = threading.Event()

    def wait(_idle, timeout):
        assert timeout <= 20
        deaf.set()
        time.sleep(0.3)
        return []

    monkeypatch.setattr(imap_tools.idle.IdleManager, "wait", wait)
    stop = threading.Event()
    running = threading.Thread(target=receiver.Receiver().run, args=(stop,))
    running.start()
    try:
        assert deaf.wait(25)
        dovecot_server.deliver(user, samples.mail("没有人听见的信"))
        assert wait_for(lambda: RawMessage.unscoped.count() == 2, 25)
    finally:
        stop.set()
        running.join(30)
    assert not running.is_alive()


@pytest.mark.usefixtures("own_queue")
@pytest.mark.django_db(transaction=True)
def test_only_one_receiver_watches_a_mailbox(imap_box):
    results = []
    with receiver._sole_watcher(imap_box.pk) as mine:

        def other():
            from django.db import connection

            with receiver._sole_watcher(imap_box.pk) as also:
                results.append(also)
            connection.close()

        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        assert mine
    assert results == [False]


@pytest.mark.parametrize(
    "odd", [b"00-Jan-1970 00:00:00 +0000", b"02-Jan-2026 10:00:60 +0000", b"02-Jan-2026 10:00:00 +0860", b"\xff"]
)
def test_a_date_that_no_clock_shows_stops_nobody(odd):
    assert moment_of(odd) is None
    assert moment_of(b" 2-Jan-2026 10:00:00 +0800").isoformat() == "2026-01-02T10:00:00+08:00"
