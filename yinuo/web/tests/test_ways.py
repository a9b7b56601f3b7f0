"""Beside every editor: by which way the answer goes, whether that works now, what became of the last; and what waits."""

from datetime import timedelta

import pytest

from yinuo.channels.email.commands.mailboxes import save_mailbox
from yinuo.channels.email.models import Mailbox, OutboundMessage
from yinuo.complaints import commands as c
from yinuo.complaints.tests.conftest import Walk
from yinuo.conversations.commands import mark_delivery, queue_reply
from yinuo.conversations.holding import place
from yinuo.conversations.models import Interaction
from yinuo.customers.commands import add_identity
from yinuo.customers.models import ChannelIdentity
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.command import permit_writes
from yinuo.web.tests.conftest import make_case

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")


@pytest.fixture
def case(company):
    return make_case(company, 1)


@pytest.fixture
def box(company):
    with acting_as(SYSTEM):
        return save_mailbox(
            name="客服", address="kf@yinuo.cn", unit_id=company.desk.pk, smtp_host="127.0.0.1", smtp_port=9,
            smtp_security="none",
        )  # fmt: skip


def said(client, **about) -> str:
    answer = client.get("/way/", about, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.content.decode()


def test_mail_goes_to_a_masked_address_and_says_when_it_cannot(case, agent, box) -> None:
    for about in ({"conversation": case.conversation.pk}, {"matter": case.matter.pk}):
        good = said(agent, **about)
        assert "将发往 c***@example.cn" in good and "c1@example.cn" not in good and "alert-triangle" not in good
    with permit_writes("test"):
        Mailbox.unscoped.update(active=False)
    assert "没有能发信的邮箱" in said(agent, matter=case.matter.pk)
    with permit_writes("test"):
        ChannelIdentity.unscoped.filter(kind="email").update(active=False)
    assert "这位客户没有可以发送的邮箱地址" in said(agent, conversation=case.conversation.pk)


def test_a_server_that_refuses_and_the_last_message_are_told(case, agent, box, company) -> None:
    with acting_as(company.actor("agent")):
        sent = queue_reply(conversation_id=case.conversation.pk, text="明天送到")
    with permit_writes("test"):
        OutboundMessage.unscoped.filter(interaction=sent).update(attempts=2, last_error="connection refused")
    shown = said(agent, conversation=case.conversation.pk)
    assert "最近没有发成（connection refused）" in shown and "上一次发给客户" in shown and "待发送" in shown
    with acting_as(SYSTEM):
        mark_delivery(interaction_id=sent.pk, delivery="bounced", note="550 no such user")
    shown = said(agent, conversation=case.conversation.pk)
    assert "被退回" in shown and "550 no such user" in shown


def test_a_complaint_goes_the_way_that_is_chosen(firm, wang) -> None:
    case = Walk(firm)
    own = said(wang, matter=case.id)
    assert "电话：不能从这里发出，回复会作为记录保存" in own
    assert "将发往 c***n@example.cn" in said(wang, matter=case.id, via="email")
    assert "登记为已经告诉客户" in said(wang, matter=case.id, via="told")
    online = Walk(firm, channel="portal")
    assert "客户在查询页面看到" in said(wang, matter=online.id)


def test_the_mail_goes_where_the_way_said(firm, wang) -> None:
    with acting_as(SYSTEM):
        add_identity(customer_id=firm.customer.pk, kind="email", value="other@example.cn", verified_how="agent")
    case = Walk(firm, email="other@example.cn")
    assert "将发往 o***r@example.cn" in said(wang, matter=case.id, via="email")
    with acting_as(firm.wang):
        c.reply(complaint_id=case.id, text="正在核实", via="email")
    assert Interaction.unscoped.get(text="正在核实").to_address == "other@example.cn"


def test_who_does_not_see_it_learns_no_way(firm, client_of) -> None:
    case = Walk(firm)
    assert client_of("cang").get("/way/", {"matter": case.id}).status_code in (403, 404)
    assert client_of("wang").get("/way/", {"matter": case.id + 999}).status_code == 404
    assert client_of("wang").get("/way/").status_code == 404


def test_what_waits_stands_on_the_story_until_it_goes(firm, client_of) -> None:
    case = Walk(firm)
    now = clock.now()
    with acting_as(firm.wang):
        place(
            command="complaint.reply", values={"complaint_id": case.id, "text": "检测报告已出"}, text="检测报告已出",
            kind="later", due_at=now + timedelta(days=1), matter_id=case.id, at=now,
        )  # fmt: skip
    mine, theirs = (client_of(who).get(f"/complaints/{case.id}/").content.decode() for who in ("wang", "li"))
    for page in (mine, theirs):
        assert 'data-kind="held"' in page and "检测报告已出" in page and "待发送" in page
    assert 'href="/outbox/"' in mine.partition('data-kind="held"')[2].partition("</li>")[0]
    assert 'href="/outbox/"' not in theirs.partition('data-kind="held"')[2].partition("</li>")[0]


def test_what_waits_stands_in_the_conversation_and_its_matter(case, agent, company) -> None:
    now, number = clock.now(), case.conversation.pk
    with acting_as(company.actor("agent")):
        place(
            command="conversation.reply", values={"conversation_id": number, "text": "后天送到"}, text="后天送到",
            kind="later", due_at=now + timedelta(hours=5), conversation_id=number, matter_id=case.matter.pk, at=now,
        )  # fmt: skip
    for path in (f"/inbox/{number}/", f"/inbox/{number}/thread/", f"/matters/{case.matter.pk}/"):
        page = agent.get(path).content.decode()
        assert 'data-kind="held"' in page and "后天送到" in page, path
