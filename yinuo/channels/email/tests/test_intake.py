"""A mail arrives: customer, conversation, interaction, files, receipt; in the right thread or in none."""

import email
import random
from datetime import timedelta
from email import policy

import pytest

from yinuo.channels.email.commands.intake import ignore_raw, retry_raw, store_raw
from yinuo.channels.email.commands.mailboxes import save_mailbox
from yinuo.channels.email.flows import send_due, understand_stored
from yinuo.channels.email.instance import loop_mark
from yinuo.channels.email.models import OutboundMessage, RawMessage
from yinuo.channels.email.tests import samples
from yinuo.channels.email.tokens import reply_token
from yinuo.conversations.commands import queue_reply
from yinuo.conversations.models import Attachment, Conversation, Interaction
from yinuo.customers.models import ChannelIdentity
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as
from yinuo.kernel.blobs import open_blob
from yinuo.kernel.errors import Denied, Refused
from yinuo.promises.models import Promise

pytestmark = pytest.mark.django_db


def sent_mails(smtp):
    return [email.message_from_bytes(raw, policy=policy.default) for _, _, raw in smtp.messages]


def test_a_new_mail_becomes_a_conversation_with_its_files(receive):
    raw = samples.mail(
        html="<p>图<img src='cid:x'></p>",
        files=[("发票.pdf", b"%PDF-1.4", "application/pdf"), ("照片.png", samples.png(), "image/png")],
    )
    row = receive(raw)
    assert (row.state, row.reason) == ("understood", "new")
    interaction = row.interaction
    assert interaction.text == "机油没有收到，请处理。"
    assert interaction.author_name == "张三"
    assert interaction.conversation.customer.name == "张三"
    assert interaction.conversation.identity.value == "zhang@customer.cn"
    assert interaction.conversation.identity.verified_at is None
    files = Attachment.unscoped.filter(interaction=interaction).order_by("pk")
    assert [(f.name, f.is_image) for f in files] == [("发票.pdf", False), ("照片.png", True)]
    with open_blob(row.blob) as source:
        assert source.read() == raw


@pytest.mark.parametrize("name", ["", "lisi@customer.cn", "<lisi@customer.cn>", "Li lisi@customer.cn Si"])
def test_a_sender_without_a_name_is_not_called_by_the_plain_address(receive, name):
    """The author's name is on every page of the case; the address takes a reason to see."""
    first = receive(samples.mail(sender=f'"{name}" <lisi@customer.cn>' if name else "lisi@customer.cn"))
    said = first.interaction
    for shown in (said.author_name, said.customer.name):
        assert "lisi@" not in shown and "l***i@customer.cn" in shown
    assert said.conversation.identity.value == "lisi@customer.cn"
    again = receive(
        samples.mail(sender="lisi@customer.cn" if not name else f'"{name}" <lisi@customer.cn>', text="又来一封")
    )
    assert again.interaction.customer_id == said.customer_id


def test_a_broken_image_and_an_empty_file_are_kept_as_downloads(receive):
    row = receive(
        samples.mail(files=[("坏.png", b"\x89PNG\r\n\x1a\nbroken", "image/png"), ("空.txt", b"", "application/x")])
    )
    files = Attachment.unscoped.filter(interaction=row.interaction).order_by("pk")
    assert [(f.name, f.is_image, f.size) for f in files] == [("坏.png", False, 14), ("空.txt", False, 0)]


def test_the_same_bytes_twice_are_one_message(box, receive):
    raw = samples.mail()
    receive(raw)
    receive(raw)
    assert RawMessage.unscoped.count() == 1
    assert Interaction.unscoped.filter(direction="in").count() == 1


def test_a_copy_through_another_mailbox_is_recognised(box, receive, smtp):
    other = save_mailbox(
        name="投诉", address="ts@yinuo.cn", smtp_host="127.0.0.1", smtp_port=smtp.port, smtp_security="none"
    )
    raw = samples.mail(to="kf@yinuo.cn, ts@yinuo.cn")
    first = receive(b"Delivered-To: kf@yinuo.cn\n" + raw)
    second = receive(b"Delivered-To: ts@yinuo.cn\n" + raw, mailbox=other)
    assert (second.state, second.reason) == ("ignored", "duplicate")
    assert second.interaction_id == first.interaction_id


def test_one_message_id_over_two_texts_loses_neither(receive):
    receive(samples.mail("第一封", message_id="<same@x>"))
    receive(samples.mail("第二封", message_id="<same@x>"))
    assert set(Interaction.unscoped.filter(direction="in").values_list("text", flat=True)) == {"第一封", "第二封"}


def test_a_receipt_goes_once_to_a_person(receive, smtp):
    receive(samples.mail())
    receive(samples.mail("又来一封", subject="另一件事"))
    send_due()
    (receipt,) = sent_mails(smtp)
    assert receipt["To"].addresses[0].addr_spec == "zhang@customer.cn"
    assert receipt["Auto-Submitted"] == "auto-replied"
    assert receipt["X-Yinuo-Loop"] == loop_mark()
    assert "机油没有收到" in receipt["Subject"]
    assert "机油没有收到，请处理" not in receipt.get_content()


@pytest.mark.parametrize(
    "raw",
    [
        samples.mail(headers={"Auto-Submitted": "auto-generated"}),
        samples.mail(headers={"List-Id": "<x.y>"}),
        samples.mail(headers={"Precedence": "bulk"}),
        samples.mail(sender="noreply@shop.cn"),
        samples.mail(headers={"X-Auto-Response-Suppress": "All"}),
        b"Return-Path: <>\n" + samples.mail(),
        samples.bounce("none@x", "a@b.cn"),
    ],
)
def test_robots_lists_and_bounces_get_no_receipt(receive, smtp, raw):
    receive(raw)
    assert OutboundMessage.unscoped.count() == 0


def test_our_own_mail_coming_back_is_stopped(receive):
    assert receive(samples.mail(headers={"X-Yinuo-Loop": loop_mark()})).reason == "loop"
    assert receive(samples.mail(sender="KF@yinuo.cn")).reason == "own_mail"
    assert Interaction.unscoped.count() == 0


def _answered(receive, agent, smtp):
    """A conversation in which we have answered; (conversation, our mail as the customer got it)."""
    row = receive(samples.mail())
    conversation = row.interaction.conversation
    with acting_as(agent):
        queue_reply(conversation_id=conversation.pk, text="请告知订单号。")
    send_due()
    return conversation, sent_mails(smtp)[-1]


def test_an_answer_joins_by_references_and_verifies_the_address(receive, agent, smtp):
    conversation, ours = _answered(receive, agent, smtp)
    row = receive(
        samples.mail(
            "订单号 123", subject="Re: x", headers={"In-Reply-To": ours["Message-ID"], "References": ours["Message-ID"]}
        )
    )
    assert row.reason == "thread"
    assert row.interaction.conversation_id == conversation.pk
    identity = ChannelIdentity.unscoped.get(value="zhang@customer.cn")
    assert identity.verified_how == "mail_reply"


def test_an_answer_without_references_joins_by_the_quoted_token(receive, agent, smtp):
    conversation, ours = _answered(receive, agent, smtp)
    quoted = f"订单号 123\n\n-----Original Message-----\nFrom: kf\nSent: x\nTo: y\nSubject: z\n\n{ours.get_content()}"
    row = receive(samples.mail(quoted, subject="新主题"))
    assert row.interaction.conversation_id == conversation.pk
    assert row.interaction.text == "订单号 123"


def test_a_bare_number_opens_nothing(receive, agent, smtp):
    conversation, _ = _answered(receive, agent, smtp)
    row = receive(
        samples.mail(
            f"会话 {conversation.pk}", subject=f"[#{conversation.pk}] TS261122-000001", sender="李四 <li@other.cn>"
        )
    )
    assert row.reason == "new"
    assert row.interaction.conversation_id != conversation.pk


def test_a_forged_token_opens_nothing(receive, agent, smtp):
    conversation, _ = _answered(receive, agent, smtp)
    forged = reply_token(conversation.pk, b"another key")
    row = receive(
        samples.mail(f"编号 {forged}", sender="李四 <li@other.cn>", headers={"In-Reply-To": f"<{forged}.00@yinuo.cn>"})
    )
    assert row.reason == "new"


def test_a_stranger_with_a_forwarded_mail_is_marked_and_told_nothing(receive, agent, smtp):
    conversation, ours = _answered(receive, agent, smtp)
    before = len(smtp.messages)
    row = receive(samples.mail("这是什么？", sender="李四 <li@other.cn>", headers={"References": ours["Message-ID"]}))
    assert (row.state, row.reason) == ("understood", "unverified")
    assert row.interaction.conversation_id == conversation.pk
    assert row.interaction.unverified_sender
    send_due()
    assert len(smtp.messages) == before
    with acting_as(agent):
        queue_reply(conversation_id=conversation.pk, text="进展如下。")
    send_due()
    assert smtp.messages[-1][1] == ["zhang@customer.cn"]
    assert row.message_id not in str(sent_mails(smtp)[-1]["References"])
    assert not ChannelIdentity.unscoped.filter(customer_id=conversation.customer_id, value="li@other.cn").exists()


def test_an_unverified_address_is_nobody_elses_customer(receive, unit):
    """Somebody typed this address into another customer's file: the mail does not open that file."""
    from yinuo.customers.commands import create_customer

    victim = create_customer(kind="person", name="王五", identities=[("email", "zhang@customer.cn")])
    row = receive(samples.mail())
    assert row.interaction.conversation.customer_id != victim.pk


def test_a_verified_address_is_recognised(receive, unit):
    from yinuo.customers.commands import create_customer

    known = create_customer(
        kind="person", name="张三丰", identities=[("email", "zhang@customer.cn")], verified_how="agent"
    )
    assert receive(samples.mail()).interaction.conversation.customer_id == known.pk


AUTOMATIC = {"Auto-Submitted": "auto-replied"}


def test_an_automatic_answer_joins_its_thread_but_asks_for_nothing(receive, agent, smtp):
    conversation, ours = _answered(receive, agent, smtp)
    owed = Promise.unscoped.filter(outstanding=True).count()
    row = receive(
        samples.mail("我在休假", subject="自动回复: x", headers=AUTOMATIC | {"In-Reply-To": ours["Message-ID"]})
    )
    assert row.interaction.conversation_id == conversation.pk
    assert Promise.unscoped.filter(outstanding=True).count() == owed
    stranger = receive(samples.mail("我在休假", subject="自动回复: y", sender="a@b.cn", headers=AUTOMATIC))
    assert (stranger.state, stranger.reason) == ("ignored", "auto_reply")


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("自动回复太多，投诉", "每次来信都只有自动回复，没有人处理我的退款，请处理。"),
        ("自动回复:投诉：机油没有收到", "您好，我最近正在休假中，无法亲自回复您的邮件。"),
        ("Automatic reply: 投诉", "I am out of the office until Monday."),
    ],
)
def test_a_subject_that_looks_automatic_is_read_and_answered_by_people_only(receive, smtp, subject, text):
    row = receive(samples.mail(text, subject=subject))
    assert (row.state, row.reason, row.interaction.text) == ("understood", "new", text)
    again = receive(samples.mail(text + "。", subject=subject))
    assert again.state == "understood"
    send_due()
    assert OutboundMessage.unscoped.count() == 0 and smtp.messages == []


def test_what_nobody_understands_waits_visibly_with_its_bytes(receive, agent):
    raw = b"Subject: nobody sent this\n\nbody"
    row = receive(raw)
    assert (row.state, row.reason) == ("failed", "no_sender")
    assert row.subject == "nobody sent this"
    with open_blob(row.blob) as source:
        assert source.read() == raw
    with pytest.raises(Denied), acting_as(agent):
        retry_raw(raw_id=row.pk)
    retry_raw(raw_id=row.pk)
    assert understand_stored(row.pk) == "failed"
    with pytest.raises(Refused):
        ignore_raw(raw_id=row.pk, reason=" ")
    assert ignore_raw(raw_id=row.pk, reason="垃圾").state == "ignored"


def test_a_message_whose_bytes_are_gone_is_told(box, receive, monkeypatch):
    row, _ = store_raw(mailbox_id=box.pk, external_id="x", raw=samples.mail())
    from yinuo.kernel.blobs import path_of

    path_of(row.blob.sha256).unlink()
    assert understand_stored(row.pk) == "failed"


def test_an_impossible_date_is_not_believed(receive):
    raw = samples.mail().replace(b"Date: ", b"X-Date: ")
    row = receive(b"Date: Fri, 01 Jan 2199 00:00:00 +0000\n" + raw)
    assert abs(row.interaction.at - clock.now()) < timedelta(minutes=1)
    row = receive(b"Date: Fri, 01 Jan 1999 00:00:00 +0000\n" + samples.mail("x").replace(b"Date: ", b"X-Date: "))
    assert abs(row.interaction.at - clock.now()) < timedelta(minutes=1)


def test_an_address_that_cannot_be_answered_still_arrives(receive):
    row = receive(samples.mail(sender="root@localhost"))
    assert row.state == "understood"
    assert row.interaction.conversation.identity is None


def test_understanding_twice_changes_nothing(receive):
    row = receive(samples.mail())
    assert understand_stored(row.pk) == "understood"
    assert Conversation.unscoped.count() == 1
    assert Interaction.unscoped.filter(direction="in").count() == 1


def test_emoji_nul_and_direction_marks(receive):
    row = receive(samples.mail("很生气😡\u202e请处理\u200b", subject="😡\u202e投诉"))
    assert row.interaction.text == "很生气😡请处理"
    assert row.interaction.subject == "😡投诉"


def test_whatever_comes_in_is_kept_byte_for_byte_and_has_an_outcome(receive):
    """Random damage all over real mails: nothing raises, nothing is lost, nothing stays without an outcome."""
    chance = random.Random(20261122)
    base = (
        samples.mail(html="<p>x</p>", files=[("照片.png", samples.png(), "image/png")]),
        samples.bounce("a@b", "c@d.cn"),
    )
    for _ in range(40):
        raw = bytearray(chance.choice(base))
        for _ in range(chance.randint(1, 60)):
            raw[chance.randrange(len(raw))] = chance.randrange(256)
        cut = bytes(raw[: chance.randint(1, len(raw))])
        row = receive(cut)
        assert row.state in ("understood", "failed", "ignored"), row.detail
        assert row.reason != "error", row.detail
        with open_blob(row.blob) as source:
            assert source.read() == cut
