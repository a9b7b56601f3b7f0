"""The code of the portal by text message, from the button to the case."""

import pytest

from yinuo.channels.portal.models import SentCode
from yinuo.channels.portal.tests.conftest import COMPLAINT, Visitor
from yinuo.channels.portal.tests.conftest import desk as desk
from yinuo.channels.portal.tests.conftest import made_desk as made_desk
from yinuo.channels.sms.flows import send_queued
from yinuo.channels.sms.models import SmsMessage
from yinuo.channels.sms.tests.conftest import gateway as gateway
from yinuo.channels.sms.tests.conftest import setup
from yinuo.conversations.models import Conversation, Interaction
from yinuo.customers.models import ChannelIdentity
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.models import AuditEntry
from yinuo.matters.models import Matter, TimelineEntry
from yinuo.operations.finding import BAD, GOOD, WARNING
from yinuo.operations.work import sms

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(desk):
    Visitor().send("/p/new/complaint/", **{**COMPLAINT, "phone": "139 1234 0000", "email": ""})
    return Matter.unscoped.latest("pk")


def ask(matter, address="198.51.100.7"):
    return Visitor(address=address).send("/p/track/code/", page="/p/track/", number=matter.number, code="")


def send_all():
    with acting_as(Actor.system("test")):
        return [send_queued(pk) for pk in SmsMessage.unscoped.values_list("pk", flat=True).order_by("pk")]


def examined():
    with acting_as(Actor.system("doctor")):
        (found,) = sms()
    return found


@pytest.mark.parametrize("kind", ["aliyun", "http"])
def test_the_code_on_the_phone_opens_the_case(case, gateway, settings, kind):
    setup(settings, gateway, kind)
    assert "手机号或邮箱" in ask(case).content.decode()
    assert send_all() == ["sent"]
    (taken,) = gateway.taken
    code = taken["TemplateParam"].split('"')[3] if kind == "aliyun" else taken["code"]
    opened = Visitor(address="198.51.100.7").send("/p/track/", number=case.number, code=code)
    assert opened.status_code == 200 and "停了两天工" in opened.content.decode()
    assert ChannelIdentity.unscoped.get(kind="phone", customer=case.customer).verified_how == "portal_code"
    row = SmsMessage.unscoped.select_related("interaction").get()
    assert (row.code, row.interaction.delivery) == ("", "sent")
    assert send_all() == ["done"] and len(gateway.taken) == 1
    assert Conversation.unscoped.get(channel="sms").state == "closed"
    assert not TimelineEntry.unscoped.filter(interaction__channel="sms").exists()
    assert code not in str(list(AuditEntry.unscoped.values_list("data", flat=True)))
    assert examined().level == GOOD


def test_a_phone_of_a_known_customer_proves_nothing_without_a_person(desk, gateway, settings):
    setup(settings, gateway, "http")
    Visitor().send("/p/new/complaint/", **{**COMPLAINT, "phone": "13812345678", "email": ""})
    matter = Matter.unscoped.latest("pk")
    ask(matter)
    send_all()
    Visitor(address="198.51.100.7").send("/p/track/", number=matter.number, code=gateway.taken[0]["code"])
    matter.refresh_from_db()
    assert matter.customer_id != desk.customer.pk
    assert TimelineEntry.unscoped.filter(matter=matter, kind="identity", text__contains="证明手机号").exists()


def test_without_a_gateway_nobody_speaks_of_text_messages(case, settings):
    page = Visitor().get("/p/track/").content.decode()
    assert "手机" not in page and "短信" not in page
    assert ask(case).status_code == 200
    assert not SmsMessage.unscoped.exists() and not SentCode.unscoped.exists()
    assert examined().level == GOOD


def test_trouble_is_tried_again_until_the_code_is_no_use(case, gateway, settings):
    setup(settings, gateway, "http")
    gateway.answers += [(503, b"")] * 9
    ask(case)
    assert [send_all()[0] for _ in range(6)] == ["queued"] * 4 + ["failed", "done"]
    said = Interaction.unscoped.get(channel="sms")
    assert said.delivery == "failed" and "HTTP 503" in said.delivery_note
    assert len({one["id"] for one in gateway.taken}) == 1, "one reference over all attempts"
    found = examined()
    assert found.level == WARNING and "HTTP 503" in found.words and found.advice


def test_a_refusal_is_final(case, gateway, settings):
    setup(settings, gateway, "http", secret="wrong")
    ask(case)
    assert send_all() == ["failed"] and gateway.taken == []


def test_one_phone_gets_three_an_hour_over_all_its_cases(desk, gateway, settings):
    setup(settings, gateway, "http")
    for n in range(5):
        given = {**COMPLAINT, "phone": "13812345678", "email": "", "content": f"第 {n} 件：停了两天工"}
        Visitor(address=f"198.51.100.{n}").send("/p/new/complaint/", **given)
        assert ask(Matter.unscoped.latest("pk"), f"203.0.113.{n}").status_code == 200
    assert SmsMessage.unscoped.count() == 3


def test_a_landline_gets_none_and_an_address_is_the_next_way(desk, gateway, settings):
    setup(settings, gateway, "http")
    Visitor().send("/p/new/complaint/", **{**COMPLAINT, "phone": "010-62345678", "email": "wang@example.cn"})
    ask(Matter.unscoped.latest("pk"))
    assert SentCode.unscoped.get().way == "email" and not SmsMessage.unscoped.exists()


def test_half_a_gateway_is_seen_by_the_doctor(case, gateway, settings):
    setup(settings, gateway, "aliyun")
    settings.SMS = {**settings.SMS, "template": ""}
    found = examined()
    assert found.level == BAD and "YINUO_SMS_TEMPLATE" in found.words
