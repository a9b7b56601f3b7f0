"""Mails on their way out: tried until taken, recorded once, never again after that."""

import email
from datetime import timedelta
from email import policy

import pytest

from yinuo.channels.contract import Outbound, TransportError
from yinuo.channels.email import flows
from yinuo.channels.email.commands.mailboxes import save_mailbox
from yinuo.channels.email.commands.outbound import prepare_outbound, resend
from yinuo.channels.email.flows import send_due, send_queued
from yinuo.channels.email.models import Mailbox, OutboundMessage
from yinuo.channels.email.tests import samples
from yinuo.channels.email.tests.servers import free_port, smtp_server
from yinuo.channels.registry import adapter
from yinuo.conversations.commands import queue_reply, upload_attachment
from yinuo.conversations.models import Interaction
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as
from yinuo.kernel.command import permit_writes
from yinuo.kernel.errors import Invalid, Refused
from yinuo.web.reads.timeline import delivery_badge

pytestmark = pytest.mark.django_db


@pytest.fixture
def reply(receive, agent, box):
    """An agent's reply waiting to be sent; receipts are off so that only it goes out."""
    save_mailbox(mailbox_id=box.pk, receipt_enabled=False)

    def make(text: str = "我们周二下午给您回电。", **more) -> OutboundMessage:
        conversation = receive(samples.mail(f"来信 {text}")).interaction.conversation
        with acting_as(agent):
            interaction = queue_reply(conversation_id=conversation.pk, text=text, **more)
        return OutboundMessage.unscoped.get(interaction=interaction)

    return make


def parsed(smtp, index=-1):
    return email.message_from_bytes(smtp.messages[index][2], policy=policy.default)


def test_a_reply_goes_out_with_everything_it_needs(reply, agent, smtp, box):
    save_mailbox(
        mailbox_id=box.pk, plus_addressing=True, signature="一诺客户服务中心\n400-800-0000", receipt_enabled=False
    )
    with acting_as(agent):
        upload_attachment(file=b"%PDF-1.4 offer", name="处理方案 一.pdf", upload_key="k1")
    row = reply(upload_key="k1")
    assert send_queued(row.pk) == "sent"
    mail = parsed(smtp)
    assert mail["Message-ID"] == f"<{row.message_id}>"
    assert mail["From"].addresses[0].addr_spec == "kf@yinuo.cn"
    assert mail["From"].addresses[0].display_name == "李客服"
    assert mail["To"].addresses[0].display_name == "张三"
    assert mail["Subject"] == "Re: 投诉：机油没有收到"
    assert mail["Reply-To"].addresses[0].addr_spec.startswith("kf+yn")
    assert mail["In-Reply-To"] in mail["References"]
    assert "Auto-Submitted" not in mail
    body = mail.get_body().get_content()
    assert body.startswith("我们周二下午给您回电。")
    assert "400-800-0000" in body
    (file,) = mail.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("处理方案 一.pdf", b"%PDF-1.4 offer")
    interaction = Interaction.unscoped.get(pk=row.interaction_id)
    assert interaction.delivery == "sent"


def test_prepared_once_however_often_asked(reply, root):
    row = reply()
    assert prepare_outbound(interaction_id=row.interaction_id).pk == row.pk


def test_sent_is_final(reply, smtp):
    row = reply()
    assert send_queued(row.pk) == "sent"
    assert send_queued(row.pk) == ""
    with clock.frozen(clock.now() + timedelta(days=9)):
        assert send_due() == 0
    assert len(smtp.messages) == 1
    with pytest.raises(Refused):
        resend(outbound_id=row.pk)


def test_a_busy_server_is_tried_again_later_under_the_same_id(reply, smtp):
    row = reply()
    smtp.refuse_data = "451 4.3.0 try later"
    assert send_queued(row.pk) == "queued"
    row.refresh_from_db()
    assert "451" in row.last_error
    assert send_queued(row.pk) == ""  # not yet due
    smtp.refuse_data = None
    with clock.frozen(row.next_try_at):
        assert send_due() == 1
    assert parsed(smtp)["Message-ID"] == f"<{row.message_id}>"
    assert len(smtp.messages) == 1


def test_a_server_that_is_down_costs_nothing(reply, box, smtp):
    row = reply()
    with_port = box.smtp_port
    save_mailbox(mailbox_id=box.pk, smtp_port=free_port())
    assert send_queued(row.pk) == "queued"
    save_mailbox(mailbox_id=box.pk, smtp_port=with_port)
    row.refresh_from_db()
    with clock.frozen(row.next_try_at):
        send_due()
    assert len(smtp.messages) == 1


def test_a_server_down_for_good_is_given_up_and_a_person_can_send_again(reply, smtp):
    row = reply()
    smtp.refuse_data = "451 4.3.0 try later"
    at = clock.now()
    for _ in range(20):
        row.refresh_from_db()
        if row.state != "queued":
            break
        at = row.next_try_at
        with clock.frozen(at):
            send_due()
    assert row.state == "failed"
    assert at - row.queued_at > timedelta(days=2)
    smtp.refuse_data = None
    with clock.frozen(at):
        resend(outbound_id=row.pk)
        assert send_queued(row.pk) == "sent"


def test_an_unknown_recipient_fails_at_once(reply, smtp):
    row = reply()
    smtp.refuse_rcpt = "550 5.1.1 no such user"
    assert send_queued(row.pk) == "failed"
    interaction = Interaction.unscoped.get(pk=row.interaction_id)
    assert interaction.delivery == "failed"
    assert "5.1.1" in interaction.delivery_note


def test_a_wrong_password_is_our_fault_and_waits(reply, box):
    with smtp_server(password="right") as (inbox, port):
        save_mailbox(mailbox_id=box.pk, smtp_port=port, smtp_user="kf", smtp_password="wrong")
        row = reply()
        assert send_queued(row.pk) == "queued"
        save_mailbox(mailbox_id=box.pk, smtp_password="right")
        row.refresh_from_db()
        with clock.frozen(row.next_try_at):
            send_due()
        assert len(inbox.messages) == 1


def test_dying_between_taken_and_recorded_sends_the_same_id_once_more(reply, smtp, monkeypatch):
    """At least once to the network, exactly once on the timeline."""
    row = reply()

    def die(**_):
        raise KeyboardInterrupt

    monkeypatch.setattr(flows, "record_sent", die)
    with pytest.raises(KeyboardInterrupt):
        send_queued(row.pk)
    monkeypatch.undo()
    row.refresh_from_db()
    assert row.state == "sending"
    assert send_due() == 0  # the claim still holds: perhaps the other worker lives
    with clock.frozen(row.claimed_until):
        assert send_due() == 1
    assert [parsed(smtp, n)["Message-ID"] for n in (0, 1)] == [f"<{row.message_id}>"] * 2
    assert parsed(smtp, 0).as_bytes() == parsed(smtp, 1).as_bytes()
    assert Interaction.unscoped.filter(direction="out").count() == 1
    row.refresh_from_db()
    assert row.state == "sent"


def test_two_workers_send_one_mail(reply, smtp):
    row = reply()
    smtp.on_data = lambda: None
    assert flows.claim_outbound(outbound_id=row.pk) is not None
    assert send_queued(row.pk) == ""


def test_a_bounce_marks_the_mail_it_is_about(reply, receive, smtp):
    row = reply()
    send_queued(row.pk)
    report = receive(samples.bounce(row.message_id, row.to_address))
    assert (report.state, report.reason) == ("understood", "bounce")
    interaction = Interaction.unscoped.get(pk=row.interaction_id)
    assert interaction.delivery == "bounced"
    assert "User unknown" in interaction.delivery_note
    row.refresh_from_db()
    assert row.state == "bounced"
    assert Interaction.unscoped.filter(direction="in").count() == 1


def test_a_delay_report_is_not_a_bounce(reply, receive):
    row = reply()
    send_queued(row.pk)
    receive(samples.bounce(row.message_id, row.to_address, status="4.4.1", action="delayed"))
    row.refresh_from_db()
    assert row.state == "sent"


def test_a_bounce_about_somebody_else_marks_nothing(reply, receive):
    row = reply()
    send_queued(row.pk)
    receive(samples.bounce(row.message_id, "other@else.cn"))
    assert receive(samples.bounce("unknown@x", row.to_address)).reason == "bounce_unknown"
    row.refresh_from_db()
    assert row.state == "sent"


def test_without_any_mailbox_a_reply_waits(reply, box):
    row = reply()
    save_mailbox(mailbox_id=box.pk, active=False)
    assert send_queued(row.pk) == "queued"


def test_header_injection_is_impossible(reply, agent, smtp):
    row = reply(subject="正常\r\nBcc: victim@x.cn")
    send_queued(row.pk)
    assert smtp.messages[-1][1] == ["zhang@customer.cn"]
    assert parsed(smtp)["Bcc"] is None


def test_the_contract_sends_and_refuses(box, smtp):
    channel = adapter("email")
    assert channel.verify("KF@yinuo.cn") == "kf@yinuo.cn"
    receipt = channel.send("kf@yinuo.cn", Outbound(external_id="x1@yinuo.cn", to="a@b.cn", text="您好", subject="测试"))
    assert receipt.external_id == "x1@yinuo.cn"
    assert parsed(smtp).get_content().startswith("您好")
    with pytest.raises(TransportError) as told:
        channel.send("none@yinuo.cn", Outbound(external_id="x2", to="a@b.cn", text="x"))
    assert told.value.permanent


def test_passwords_are_sealed(box):
    save_mailbox(mailbox_id=box.pk, smtp_password="秘密-password")
    row = Mailbox.unscoped.get(pk=box.pk)
    assert "password" not in row.smtp_password
    from yinuo.channels.email.sealing import unseal

    assert unseal(row.smtp_password) == "秘密-password"
    from yinuo.kernel.models import AuditEntry

    assert not any("秘密" in str(entry.data) for entry in AuditEntry.unscoped.all())


def test_a_stored_password_is_not_sent_to_a_server_it_was_not_entered_for(box):
    save_mailbox(mailbox_id=box.pk, smtp_password="秘密-password")
    with pytest.raises(Invalid) as told:
        save_mailbox(mailbox_id=box.pk, smtp_host="localhost")
    assert set(told.value.fields) == {"smtp_password"}
    assert Mailbox.unscoped.get(pk=box.pk).smtp_host == "127.0.0.1"
    save_mailbox(mailbox_id=box.pk, smtp_host="localhost", smtp_password="另一个密码")
    assert Mailbox.unscoped.get(pk=box.pk).smtp_host == "localhost"


def test_the_demo_s_mailbox_sends_nothing_and_says_so_until_it_has_a_server(reply, box, smtp):
    row = reply()
    with permit_writes("test"):
        Mailbox.unscoped.filter(pk=box.pk).update(active=False)
    shown = save_mailbox(name="演示客服", address="kefu@demo.invalid", rehearsal=True)
    assert not shown.is_default
    assert send_queued(row.pk) == "suppressed" and smtp.messages == []
    row.refresh_from_db()
    said = Interaction.unscoped.get(pk=row.interaction_id)
    assert (row.next_try_at, row.last_error, said.delivery) == (None, "", "suppressed")
    assert delivery_badge(said) == ("演示：不外发", "plain")
    assert send_queued(row.pk) == "" and send_due() == 0
    with permit_writes("test"):
        Mailbox.unscoped.filter(pk=box.pk).update(active=True)
    real = reply("这一封要发出去")
    assert send_queued(real.pk) == "sent" and len(smtp.messages) == 1
    assert not Mailbox(rehearsal=True, smtp_host="smtp.example.cn").rehearses
