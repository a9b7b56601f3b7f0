"""A mail that says it comes from a customer, and what our own server found out about that."""

import pytest

from yinuo.channels.email.commands.mailboxes import save_mailbox
from yinuo.channels.email.commands.senders import accept_sender, separate_sender
from yinuo.channels.email.flows import send_due
from yinuo.channels.email.models import OutboundMessage
from yinuo.channels.email.parsing.authentication import FAILED, PASSED, verdict, without_comments
from yinuo.channels.email.parsing.understand import parse
from yinuo.channels.email.tests import samples
from yinuo.conversations.commands import queue_reply
from yinuo.conversations.models import Conversation
from yinuo.customers.commands import create_customer
from yinuo.kernel.actor import acting_as
from yinuo.kernel.errors import Invalid, Refused

OURS = "mx.yinuo.cn"
PASS = (
    f"{OURS}; spf=pass smtp.mailfrom=chen@example.cn; dkim=pass header.d=example.cn; dmarc=pass header.from=example.cn"
)
FAIL = f"{OURS}; spf=pass smtp.mailfrom=evil@thief.cn; dkim=none; dmarc=fail header.from=example.cn"


def judged(*headers, sender="chen@example.cn", ours=OURS):
    raw = b"".join(f"Authentication-Results: {h}\r\n".encode() for h in headers)
    inbound = parse(raw + f"From: {sender}\r\nSubject: x\r\n\r\nx\r\n".encode())
    return verdict(inbound.extra["authentication"], ours, inbound.sender)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (PASS, PASSED),
        (FAIL, FAILED),
        (f"{OURS}; dmarc=pass (p=none) header.from=example.cn", PASSED),
        (f"{OURS}; dmarc=pass header.from=thief.cn", FAILED),
        (f"{OURS}; dmarc=none; spf=pass smtp.mailfrom=chen@example.cn", PASSED),
        (f"{OURS}; spf=pass smtp.mailfrom=bounce.example.cn; dkim=fail", PASSED),
        (f"{OURS}; spf=fail; dkim=pass header.d=mail.example.cn", PASSED),
        (f"{OURS}; dkim=pass header.i=@example.cn", PASSED),
        (f"{OURS}; spf=softfail smtp.mailfrom=chen@example.cn; dkim=neutral header.d=example.cn", FAILED),
        (f"{OURS}; spf=pass smtp.mailfrom=x@thief.cn; dkim=pass header.d=thief.cn; dmarc=none", FAILED),
        (f"{OURS}; spf=pass smtp.mailfrom=x@notexample.cn", FAILED),
        (f"{OURS}; dkim=pass header.d=cn", FAILED),
        (f"{OURS}; spf=pass smtp.helo=example.cn", FAILED),
        (f"{OURS}; spf=pass", FAILED),
        (f"{OURS}; none", FAILED),
        (f"{OURS}", FAILED),
        (f"{OURS.upper()} 1; SPF=Pass smtp.mailfrom=chen@EXAMPLE.cn", PASSED),
        (f"{OURS} (a (nested; dkim=fail) note) 1; dkim=pass (2048-bit; key) reason=\"a; b\" header.d=example.cn", PASSED),
        (f"(dmarc=pass) {OURS} (; dmarc=pass header.from=example.cn); spf=fail", FAILED),
        (f'{OURS}; spf=fail reason="x; dkim=pass header.d=example.cn"', FAILED),
        (f'{OURS}; spf=fail reason="x\\"; dkim=pass header.d=example.cn; y=\\""', FAILED),
        (f"{OURS}; dkim=pass header.d=example.cn (never ends", FAILED),
        (f"mx.thief.cn; {PASS}", FAILED),
        (f"{OURS}.thief.cn; dmarc=pass header.from=example.cn", FAILED),
        ("", FAILED),
        (";;;", FAILED),
    ],
)  # fmt: skip
def test_what_a_header_is_worth(header, expected) -> None:
    assert judged(header) == expected


def test_only_the_newest_word_of_our_own_server_counts() -> None:
    assert judged(FAIL, PASS) == FAILED, "the one below was there before our server looked"
    assert judged(PASS, FAIL) == PASSED
    assert judged("mx.thief.cn; dmarc=pass header.from=example.cn", FAIL, PASS) == FAILED
    assert judged("mx.thief.cn; dmarc=fail", PASS) == PASSED
    assert judged() == FAILED, "our server says something of every mail"
    assert judged(FAIL, ours="") == "", "nobody said whose word to trust"
    assert judged(*[f"x{n}.cn; dmarc=pass" for n in range(200)], PASS) == FAILED


def test_comments_end() -> None:
    assert without_comments("a (b (c) \\) d) e") == ("a    e", True)
    assert without_comments('"(not a comment)"') == ('"(not a comment)"', True)
    assert without_comments("a ) b")[1] is False


@pytest.fixture
def chen(box):
    """A known customer, and a mailbox whose server checks senders."""
    save_mailbox(mailbox_id=box.pk, authserv_id=OURS)
    return create_customer(
        kind="person", name="陈建国", identities=[("email", "chen@example.cn")], verified_how="agent"
    )


def letter(text, result, **headers):
    given = {"Authentication-Results": result, **headers} if result else headers
    return samples.mail(text, sender="陈建国 <chen@example.cn>", headers=given)


@pytest.mark.django_db
class TestForged:
    def test_a_forged_sender_is_not_the_customer(self, chen, receive):
        row = receive(letter("把我的退款打到新账户", FAIL))
        said = row.interaction
        assert said.customer_id != chen.pk and said.conversation.customer_id != chen.pk
        assert said.unauthenticated
        assert not said.conversation.identity.verified_at
        assert OutboundMessage.unscoped.count() == 0, "no receipt to an address somebody else used"
        again = receive(letter("再说一次", FAIL))
        assert again.interaction.customer_id == said.customer_id, "a stranger who comes back is one stranger"

    def test_a_genuine_one_is(self, chen, receive):
        said = receive(letter("机油没有收到", PASS)).interaction
        assert (said.customer_id, said.unauthenticated) == (chen.pk, False)

    def test_a_header_the_forger_wrote_is_no_use(self, chen, receive):
        raw = b"Authentication-Results: " + FAIL.encode() + b"\n" + letter("退款", PASS)
        assert receive(raw).interaction.customer_id != chen.pk

    def test_without_the_setting_all_is_as_before(self, chen, receive, box):
        save_mailbox(mailbox_id=box.pk, authserv_id="")
        said = receive(letter("机油没有收到", FAIL)).interaction
        assert (said.customer_id, said.unauthenticated) == (chen.pk, False)

    def test_in_the_customers_own_thread_it_waits_for_a_person(self, chen, receive, agent, smtp):
        conversation = receive(letter("机油没有收到", PASS)).interaction.conversation
        with acting_as(agent):
            queue_reply(conversation_id=conversation.pk, text="请告知订单号。")
        send_due()
        sent = OutboundMessage.unscoped.latest("pk")
        about = {"References": f"<{sent.message_id}>"}
        row = receive(letter("改寄到别处", FAIL, **about))
        assert row.reason == "unverified" and row.interaction.conversation_id == conversation.pk
        assert row.interaction.unverified_sender and row.interaction.unauthenticated
        with acting_as(agent):
            made = separate_sender(interaction_id=row.interaction.pk)
        assert Conversation.unscoped.get(pk=made.pk).customer_id != chen.pk
        second = receive(letter("我换了邮箱服务商", FAIL, **about))
        with acting_as(agent):
            accept_sender(interaction_id=second.interaction.pk)
        third = receive(letter("谢谢", FAIL, **about))
        assert third.reason == "thread", "a person has accepted this address here"
        assert third.interaction.unauthenticated, "and still sees what the server thinks"

    def test_a_person_may_vouch_for_a_letter_of_its_own(self, chen, receive, agent):
        said = receive(letter("机油没有收到", FAIL)).interaction
        with acting_as(agent):
            with pytest.raises(Refused, match="已经是单独的会话"):
                separate_sender(interaction_id=said.pk)
            accept_sender(interaction_id=said.pk)
        said.refresh_from_db()
        assert not said.unauthenticated
        assert said.customer_id != chen.pk, "who it belongs to is decided by merging"

    def test_it_stands_beside_the_mail(self, chen, receive, agent, client):
        from yinuo.identity.models import Staff

        said = receive(letter("把退款打到新账户", FAIL)).interaction
        client.force_login(Staff.objects.get(pk=agent.staff_id))
        page = client.get(f"/inbox/{said.conversation_id}/").content.decode()
        assert "发件人未通过验证" in page and "核实发件人" in page
        page = client.get(f"/mail/{said.pk}/").content.decode()
        assert "可能有人冒用这个地址" in page and "已核实是本人" in page

    def test_the_setting_is_a_bare_name(self, box):
        with pytest.raises(Invalid):
            save_mailbox(mailbox_id=box.pk, authserv_id="mx.cn; dmarc=pass")
