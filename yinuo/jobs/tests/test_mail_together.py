"""The hot path of mail coming in writes what the command writes: every table is held against it, row by row."""

import json
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.worlds import world
from yinuo.channels.email.commands.intake import store_raw
from yinuo.channels.email.commands.mailboxes import save_mailbox
from yinuo.channels.email.flows import understand_stored
from yinuo.channels.email.instance import loop_mark
from yinuo.channels.email.models import OutboundMessage, RawMessage
from yinuo.channels.email.sealing import token_key
from yinuo.channels.email.tests import samples
from yinuo.channels.email.tokens import reply_token
from yinuo.channels.webhook import queries as webhooks
from yinuo.complaints.tests import rows
from yinuo.complaints.tests.rows import NOW, dump, restart_sequences
from yinuo.conversations.models import Conversation, Interaction
from yinuo.customers.commands import create_customer
from yinuo.customers.models import Customer
from yinuo.jobs.mail_together import draining, group
from yinuo.jobs.mail_together.draining import MAIL, drain
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.events import reactions_to
from yinuo.kernel.guard import permit_writes
from yinuo.promises.models import Promise

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
OLD = NOW - timedelta(days=9)


def mail(name: str, **more) -> bytes:
    with clock.frozen(more.pop("sent", NOW - timedelta(minutes=7))):
        return samples.mail(**{"sender": f"{name} <{name}@customer.cn>", "message_id": f"<{name}@customer.cn>"} | more)


class Desk:
    """Three mailboxes, and people we know."""

    def __init__(self) -> None:
        self.by = rows.actor()
        with acting_as(SYSTEM), clock.frozen(NOW - timedelta(hours=2)):
            able = {"smtp_host": "127.0.0.1", "smtp_security": "none"}
            self.box = save_mailbox(name="客服", address="kf@yinuo.cn", unit_id=self.by.unit_id, **able)
            self.checked = save_mailbox(name="总台", address="info@yinuo.cn", authserv_id="mx.yinuo.cn", **able)
            self.quiet = save_mailbox(name="不回", address="no@yinuo.cn", receipt_enabled=False, **able)
            self.person("林女士", "lin", verified_how="agent", owner_id=self.by.staff_id)
            self.person("w", "w")
            old, new = self.person("旧", "old", verified_how="agent"), self.person("新", "new")
            with permit_writes("test"):
                Customer.unscoped.filter(pk=old.pk).update(merged_into=new)
            self.understood(mail("told"))

    def person(self, name: str, local: str, **more) -> Customer:
        return create_customer(kind="person", name=name, identities=[("email", f"{local}@customer.cn")], **more)

    def store(self, raw: bytes, box=None, **more) -> RawMessage:
        number = RawMessage.unscoped.count()
        given = {"mailbox_id": (box or self.box).pk, "external_id": f"1:{number}"} | more
        return store_raw(raw=raw, at=NOW - timedelta(minutes=5) + timedelta(seconds=number), **given)[0]

    def understood(self, raw: bytes) -> RawMessage:
        row = self.store(raw)
        understand_stored(row.pk)
        row.refresh_from_db()
        return row


@world
def desk():
    return Desk()


@pytest.fixture
def left(monkeypatch):
    """The mails the hot path left to the command."""
    seen: list[int] = []

    def spied(*given, **more):
        done = group.understand_group(*given, **more)
        seen.extend(raw_id for raw_id, _inbound in done.left) if done else None
        return done

    monkeypatch.setattr(draining, "understand_group", spied)
    return seen


PLAIN = {
    "somebody new": {},
    "with HTML": {"html": "<p>机油<b>没有</b>收到 <img src='https://a.cn/b.png'></p>"},
    "somebody recognised": {"sender": "林 <lin@customer.cn>"},
    "the same stranger again": {"sender": "w <w@customer.cn>"},
    "another of that address": {"sender": "老魏 <w@customer.cn>"},
    "no name": {"sender": "nobody@customer.cn"},
    "the address for a name": {"sender": '"x@customer.cn" <x@customer.cn>'},
    "no subject": {"subject": ""},
    "no id": {"message_id": ""},
    "told before": {"sender": "told <told@customer.cn>", "text": "又来信"},
    "a list": {"headers": {"List-Id": "<a.b>"}},
    "looks automatic": {"subject": "自动回复：谢谢"},
    "words to quote": {"text": "it's \\odd\\ 'a' \x0b机油 13812345678\n\n> 以前的话\n> 又一行"},
    "not to be believed": {"sent": NOW - timedelta(days=40)},
    "of tomorrow": {"sent": NOW + timedelta(days=1)},
    "an answer to what we never had": {"headers": {"References": "<elsewhere@x.cn>"}},
}  # fmt: skip


def written(way, start: int = 5000):
    before = dump()
    restart_sequences(start)
    with acting_as(MAIL), clock.frozen(NOW):
        way()
    after = dump()
    return {table: sorted(set(after[table]) - set(before[table])) for table in after}


def one_by_one() -> None:
    waiting = RawMessage.unscoped.filter(state="stored", attempts=0)
    for pk in waiting.order_by("stored_at", "pk").values_list("pk", flat=True):
        understand_stored(pk)


def told(notices: list[str]) -> set[tuple[str, ...]]:
    return {tuple(pair) for row in notices for pair in json.loads(row)["events"]}


def compare(monkeypatch) -> dict[str, list[str]]:
    monkeypatch.setattr("secrets.token_hex", lambda n: "ab" * n)
    with transaction.atomic():
        slow = written(one_by_one)
        transaction.set_rollback(True)
    fast = written(drain)
    assert told(fast.pop("kernel_notice")) == told(slow.pop("kernel_notice"))
    for table in slow:
        assert fast[table] == slow[table], table
    return fast


def letters(desk) -> None:
    with acting_as(SYSTEM):
        for n, more in enumerate(PLAIN.values()):
            given = {"sender": f"客户{n} <c{n}@customer.cn>", "message_id": f"<m{n}@customer.cn>"} | more
            desk.store(mail(f"c{n}", **given))
        desk.store(mail("quiet"), desk.quiet)
        desk.store(mail("silent", sent=OLD), silent=True)
        desk.store(mail("file"), desk.checked, external_id="file:a")
        ok = {"Authentication-Results": "mx.yinuo.cn; dkim=pass header.d=customer.cn"}
        desk.store(mail("vouched", headers=ok), desk.checked)


def test_the_same_rows_together(desk, monkeypatch, left):
    """All at once: each knows what it must of itself alone, and the keys are taken in the same order."""
    letters(desk)
    with permit_writes("test"):  # of those that write from one address, one
        again = RawMessage.unscoped.get(external_id="1:5")
        RawMessage.unscoped.filter(pk=again.pk).update(attempts=1)
    found = compare(monkeypatch)
    assert left == []
    assert len(found["email_rawmessage"]) == len(PLAIN) + 3
    assert sum(map(len, found.values())) > 300
    assert Promise.unscoped.filter(conversation__channel="email").count() > 10


@pytest.mark.parametrize("name", PLAIN)
def test_the_same_rows(desk, monkeypatch, left, name):
    with acting_as(SYSTEM):
        desk.store(mail("c", **PLAIN[name]))
    compare(monkeypatch)
    assert left == []


def test_statements_do_not_grow_with_the_group(desk, left):
    counts = []
    for first, many in ((0, 2), (10, 9)):
        with acting_as(SYSTEM):
            for n in range(first, first + many):
                desk.store(mail(f"c{n}"))
        with acting_as(MAIL), clock.frozen(NOW), CaptureQueriesContext(connection) as caught:
            done = group.understand_group(draining.FIRST)
        assert done.seen == many and not done.left
        counts.append(len(caught))
    assert counts[0] == counts[1] <= 13


def named(desk, **given):
    thread = Conversation.unscoped.get(thread_key="mail:told@customer.cn")
    sent = OutboundMessage.unscoped.get(interaction__conversation=thread)
    return {"References": f"<{sent.message_id}>"} | given


NOT_PLAIN = {
    "a file": lambda desk: {"files": [("a.txt", b"x", "text/plain")]},
    "an answer": lambda desk: {"sender": "told <told@customer.cn>", "headers": named(desk)},
    "a stranger with our letter": lambda desk: {"headers": named(desk)},
    "a token of ours": lambda desk: {
        "text": reply_token(Conversation.unscoped.latest("pk").pk, token_key()), "sender": "told <told@customer.cn>"
    },
    "an automatic answer": lambda desk: {"headers": {"Auto-Submitted": "auto-replied"}},
    "a loop": lambda desk: {"headers": {"X-Yinuo-Loop": loop_mark()}},
    "ours": lambda desk: {"sender": "KF@yinuo.cn"},
    "a copy": lambda desk: {"sender": "told <told@customer.cn>", "message_id": "<told@customer.cn>", "headers": {"X-Road": "2"}},
    "of a merged customer": lambda desk: {"sender": "旧 <old@customer.cn>"},
    "no address to answer": lambda desk: {"sender": "root@localhost"},
    "large": lambda desk: {"html": f"<p>机油</p><!--{'x' * 300_000}-->"},
}  # fmt: skip


def outcome(way, row: RawMessage) -> tuple[str, str, int]:
    with acting_as(MAIL), clock.frozen(NOW):
        way()
    row.refresh_from_db()
    return row.state, row.reason, Conversation.unscoped.count()


@pytest.mark.parametrize("name", [*NOT_PLAIN, "nobody vouches for the sender"])
def test_left_to_the_command(desk, left, name):
    box = None if name in NOT_PLAIN else desk.checked
    with acting_as(SYSTEM):
        row = desk.store(mail("c", **NOT_PLAIN.get(name, lambda _desk: {})(desk)), box)
    with transaction.atomic():
        slow = outcome(one_by_one, row)
        transaction.set_rollback(True)
    assert outcome(drain, row) == slow
    assert slow[0] != "stored" and left == [row.pk]


def test_two_of_one_new_sender_make_one_customer_in_order(desk, left):
    with acting_as(SYSTEM):
        stored = [desk.store(mail("twice", text=f"第{n}封", message_id=f"<t{n}@x.cn>")) for n in range(3)]
    with clock.frozen(NOW):
        drain()
    assert left == [row.pk for row in stored[1:]]
    assert Customer.unscoped.filter(name="twice").count() == 1
    said = Interaction.unscoped.filter(customer__name="twice", direction="in").order_by("pk")
    assert [one.text for one in said] == ["第0封", "第1封", "第2封"]


def test_an_answer_to_one_of_the_same_group_joins_its_conversation(desk, left):
    with acting_as(SYSTEM):
        first = desk.store(mail("first"))
        second = desk.store(mail("second", headers={"References": "<first@customer.cn>"}))
    with clock.frozen(NOW):
        drain()
    assert left == [second.pk]
    first.refresh_from_db(), second.refresh_from_db()
    assert first.interaction.conversation_id == second.interaction.conversation_id
    assert second.interaction.unverified_sender


def test_what_fails_is_taken_by_itself_and_holds_nobody_up(desk, monkeypatch, left):
    with acting_as(SYSTEM):
        desk.store(mail("good"))
        broken = desk.store(b"Subject: nobody\n\nx")
        desk.store(mail("last"))
    with clock.frozen(NOW), monkeypatch.context() as patch:
        patch.setattr(group, "write_at_once", lambda *_given: 1 / 0)
        assert drain() == 3
    assert len(left) == 3
    states = dict(RawMessage.unscoped.filter(stored_at__gte=NOW - timedelta(minutes=5)).values_list("pk", "state"))
    assert states.pop(broken.pk) == "failed"
    assert set(states.values()) == {"understood"}


def test_what_went_wrong_before_waits_for_the_sweep(desk):
    with acting_as(SYSTEM):
        row = desk.store(mail("c"))
    with permit_writes("test"):
        RawMessage.unscoped.filter(pk=row.pk).update(attempts=1)
    assert drain() == 0


def test_a_webhook_is_told_by_the_command(desk, monkeypatch, left):
    monkeypatch.setattr(draining, "subscribed", lambda: frozenset({"interaction.received"}))
    with acting_as(SYSTEM):
        row = desk.store(mail("c"))
    with clock.frozen(NOW):
        drain()
    assert left == [row.pk]
    webhooks.forget_subscribed()


def test_a_new_reaction_is_written_here_too():
    """Who adds a reaction to a letter adds its rows to the hot path, or leaves such letters to the command."""
    found = {event: tuple(one.__name__ for one in reactions_to(event)) for event in group.STANDS_FOR}
    assert found == group.STANDS_FOR
