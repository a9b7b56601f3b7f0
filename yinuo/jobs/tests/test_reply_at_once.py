"""The hot path of answering writes what the command writes: every table is held against it, row by row."""

from datetime import timedelta

import pytest
from django.db import connection, transaction

from tests.worlds import world
from yinuo.channels.email.commands.mailboxes import save_mailbox
from yinuo.channels.portal.telling import publish_reply
from yinuo.complaints.commands import register
from yinuo.complaints.models import Complaint
from yinuo.complaints.tests import rows
from yinuo.complaints.tests.rows import NOW, PLAIN, dump, restart_sequences
from yinuo.conversations import commands
from yinuo.conversations.commands import add_interaction, open_conversation, queue_reply
from yinuo.conversations.models import Conversation, Interaction
from yinuo.customers.commands import create_customer
from yinuo.jobs import reply_at_once as hot
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, Scope, acting_as
from yinuo.kernel.errors import YinuoError
from yinuo.kernel.events import reactions_to
from yinuo.kernel.guard import permit_writes
from yinuo.matters.commands.locking import TOLD_IN_SEEN, matters_told_in
from yinuo.matters.models import Matter
from yinuo.matters.plain import finish_matter, raise_matter
from yinuo.promises.models import Promise
from yinuo.wording.commands import lay_down

pytestmark = pytest.mark.django_db
TEXT = "您好，it's \\odd\\ 我们已经核实。\n\n维修师傅今天下午三点前上门"
SYSTEM = Actor.system("test")


class Desk:
    """Threads of every kind, by name, and who answers in them."""

    def __init__(self) -> None:
        self.by = rows.actor()
        self.threads: dict[str, Conversation] = {}
        with acting_as(SYSTEM), clock.frozen(NOW - timedelta(hours=2)):
            lay_down()
            save_mailbox(name="客服", address="kf@yinuo.cn", smtp_host="127.0.0.1", smtp_security="none")
            self.who = create_customer(kind="person", name="陈先生", identities=[("phone", "13812345678")])
            mail = create_customer(kind="person", name="林女士", identities=[("email", "lin@example.cn")])
            for channel in ("portal", "phone", "email", "sms"):
                customer = mail if channel == "email" else self.who
                self.open(channel, channel, customer.pk)
                self.open(f"{channel} about", channel, customer.pk, about=True)
            self.open("portal with mail", "portal", mail.pk, about=True)
            self.open("free", "portal", self.who.pk, owner_id=None)
            own = self.open("two", "portal", self.who.pk, about=True)
            beside = self.matter("phone about")
            with permit_writes("test"):
                Conversation.unscoped.filter(pk=own.pk).update(thread_key=f"matter:{beside.pk}")
            self.open("closed", "phone", self.who.pk, about=True)
            done = self.matter("closed")
            with acting_as(self.by):
                finish_matter(matter_id=done.pk, result="办好了", expected_version=done.version)
                case = register(**{**PLAIN, "channel": "phone"})
            self.threads["case"] = case.matter.conversation

    def open(self, name: str, channel: str, customer_id: int, about: bool = False, **more) -> Conversation:
        given = {"owner_id": self.by.staff_id, "unit_id": self.by.unit_id, "subject": "机油"} | more
        thread = open_conversation(channel=channel, customer_id=customer_id, **given)
        add_interaction(conversation=thread, direction="in", text="请问", expects_answer=False)
        if about:
            with acting_as(self.by):
                raise_matter(conversation_id=thread.pk, kind="enquiry", title="问一件事")
        self.threads[name] = thread
        return thread

    def matter(self, name: str) -> Matter:
        return Matter.unscoped.get(conversation=self.threads[name])


@world
def desk():
    return Desk()


PLAIN_ONES = [
    "portal", "phone", "email", "sms", "portal about", "phone about", "email about", "free", "two", "closed", "case",
]  # fmt: skip


@pytest.fixture
def went(monkeypatch):
    """Which replies took the hot path."""
    seen: list[bool] = []

    def spied(**given):
        done = hot.reply_at_once(**given)
        seen.append(done is not None)
        return done

    monkeypatch.setattr(commands, "_plainly", [spied])
    return seen


def written(desk, name, start, **more):
    before = dump()
    restart_sequences(start)
    with acting_as(desk.by), clock.frozen(NOW):
        made = queue_reply(conversation_id=desk.threads[name].pk, text=TEXT, **more)
    after = dump()
    return {t: sorted(set(after[t]) - set(before[t])) for t in after}, (made.pk, made.delivery)


def compare(desk, name, monkeypatch, **more) -> dict[str, list[str]]:
    monkeypatch.setattr("secrets.token_hex", lambda n: "ab" * n)
    with transaction.atomic(), monkeypatch.context() as plainly:
        plainly.setattr(commands, "_plainly", [])
        slow, told = written(desk, name, 5000, **more)
        transaction.set_rollback(True)
    fast, same = written(desk, name, 5000, **more)
    for table in slow:
        assert fast[table] == slow[table], table
    assert told == same
    return fast


@pytest.mark.parametrize("name", PLAIN_ONES)
def test_the_same_rows(desk, monkeypatch, went, name):
    found = compare(desk, name, monkeypatch)
    assert went == [True]
    assert len(found["conversations_interaction"]) == len(found["kernel_notice"]) == 1


def test_what_else_was_given(desk, monkeypatch, went):
    compare(desk, "portal about", monkeypatch, kind="care", subject="  关于  您的机油 ")
    assert went == [True]


def test_a_promise_is_renewed_and_the_next_round_as_well(desk, monkeypatch, went):
    first = compare(desk, "case", monkeypatch)
    assert len(first["promises_promise"]) > 2
    assert went == [True]


def test_what_tells_by_mail_is_left_to_the_command(desk, went):
    written(desk, "portal with mail", 5000)
    assert went == [False]


@pytest.mark.parametrize("change", [{"state": "broken"}, {"wakes_at": NOW}, {"wakes_at": None}])
def test_a_promise_that_is_not_quiet_is_left_to_the_command(desk, went, change):
    with permit_writes("test"):
        assert Promise.unscoped.filter(matter__conversation=desk.threads["case"]).update(**change)
    written(desk, "case", 5000)
    assert went == [False]


def test_somebody_new_to_the_case_has_handled_it_from_now_on(desk, monkeypatch, went):
    with permit_writes("test"):
        Complaint.unscoped.update(handler_ids=[], stage="acknowledged")
    found = compare(desk, "case", monkeypatch)
    assert went == [True] and len(found["complaints_complaint"]) == 1
    assert Complaint.unscoped.get().handler_ids == [desk.by.staff_id]


def test_a_closed_case_on_the_portal_is_told_by_the_command(desk, went):
    with permit_writes("test"):
        Matter.unscoped.filter(conversation=desk.threads["portal about"]).update(open=False)
    written(desk, "portal about", 5000)
    assert went == [False]


@pytest.mark.parametrize(("text", "more"), [(" ", {}), ("这不归我管", {}), ("x" * 100_001, {})])
def test_it_refuses_what_the_command_refuses(desk, monkeypatch, went, text, more):
    said = []
    for way in (commands._plainly, []):
        monkeypatch.setattr(commands, "_plainly", way)
        with acting_as(desk.by), pytest.raises(YinuoError) as wrong:
            queue_reply(conversation_id=desk.threads["portal"].pk, text=text, **more)
        said.append((type(wrong.value), wrong.value.message, wrong.value.fields))
    assert said[0] == said[1]
    assert Interaction.unscoped.filter(direction="out").count() == 0


def test_who_may_not_see_the_thread_holds_nothing(desk, went):
    stranger = Actor("api", 10**6, "x", desk.by.grants, matter_scope=Scope.OWN)
    for thread in (desk.threads["portal"].pk, 2**70):
        with acting_as(stranger), pytest.raises(YinuoError) as wrong:
            queue_reply(conversation_id=thread, text=TEXT)
        assert wrong.value.status == 404
    assert went == [False, False]


def test_statements(desk, django_assert_num_queries):
    for name, many in (("portal about", 3), ("email about", 8), ("case", 14)):
        with acting_as(desk.by):
            queue_reply(conversation_id=desk.threads[name].pk, text=TEXT)
            with transaction.atomic(), django_assert_num_queries(many + 2):  # a savepoint, and the end of it
                queue_reply(conversation_id=desk.threads[name].pk, text=TEXT)


def test_a_new_reaction_is_written_here_too():
    """Who adds a reaction to a reply adds its rows to the hot path, or leaves such replies to the command."""
    found = {event: tuple(one.__name__ for one in reactions_to(event)) for event in hot.STANDS_FOR}
    assert found == hot.STANDS_FOR
    assert publish_reply.__name__ in found["interaction.published"]


@pytest.mark.parametrize("key", ["", "complaint:7", "matter:7", "portal:7", "mail:7", "matter:x", "matter:" + "9" * 18])
def test_both_say_alike_which_matters_a_thread_tells_of(desk, key):
    about, other = desk.matter("phone about"), desk.matter("two")
    thread = desk.threads["two"]
    thread.thread_key = key.replace(":7", f":{about.pk}")
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH seen AS (SELECT %s::bigint id, %s thread_key) SELECT m.id FROM matters_matter m WHERE {TOLD_IN_SEEN}",
            [thread.pk, thread.thread_key],
        )
        found = {pk for (pk,) in cursor.fetchall()}
    assert found == set(matters_told_in(thread).values_list("pk", flat=True))
    assert other.pk in found
