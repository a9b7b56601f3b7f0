"""Codes sent to the address left with a case."""

import re
from datetime import timedelta

import pytest

from yinuo.channels.portal.models import SentCode
from yinuo.channels.portal.tests.conftest import COMPLAINT, NOW, Visitor
from yinuo.conversations.models import Conversation, Interaction
from yinuo.customers.commands import create_customer
from yinuo.customers.models import ChannelIdentity
from yinuo.kernel.actor import acting_as
from yinuo.matters.models import Matter, TimelineEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def by_mail(desk):
    Visitor().send("/p/new/complaint/", **{**COMPLAINT, "phone": "", "email": "Wang@Example.cn"})
    return Matter.unscoped.latest("pk")


def ask(matter, address="198.51.100.7"):
    return Visitor(address=address).send("/p/track/code/", page="/p/track/", number=matter.number, code="")


def sent_code() -> str:
    return re.search(r"验证码是 (\d{6})", Interaction.unscoped.latest("pk").text)[1]


def test_a_code_goes_to_the_typed_address_opens_the_case_once_and_proves_the_address(by_mail):
    assert "如果编号正确" in ask(by_mail).content.decode()
    mail = Interaction.unscoped.latest("pk")
    assert mail.author_name == "一诺"
    assert (mail.to_address, mail.delivery, mail.channel) == ("wang@example.cn", "queued", "email")
    opened = Visitor(address="198.51.100.7").send("/p/track/", number=by_mail.number, code=sent_code())
    assert opened.status_code == 200 and "停了两天工" in opened.content.decode()
    identity = ChannelIdentity.unscoped.get(kind="email", customer=by_mail.customer)
    assert identity.verified_how == "portal_code"
    again = Visitor(address="198.51.100.8").send("/p/track/", number=by_mail.number, code=sent_code())
    assert again.status_code == 422, "a code counts once"


def test_a_code_is_on_no_timeline_and_its_mail_stands_in_no_inbox(by_mail):
    ask(by_mail)
    code = sent_code()
    assert not TimelineEntry.unscoped.filter(interaction__text__contains=code).exists()
    assert Conversation.unscoped.get(thread_key=f"code:{by_mail.pk}").state == "closed"
    assert code not in SentCode.unscoped.get().digest


def test_a_code_grows_old_and_tries_run_out(by_mail):
    ask(by_mail)
    code = sent_code()
    late = Visitor(at=NOW + timedelta(minutes=11)).send("/p/track/", number=by_mail.number, code=code)
    assert late.status_code == 422
    for n in range(5):
        wrong = f"{(int(code) + n + 1) % 1_000_000:06d}"
        assert (
            Visitor(address=f"198.51.100.{n}").send("/p/track/", number=by_mail.number, code=wrong).status_code == 422
        )
    assert Visitor().send("/p/track/", number=by_mail.number, code=code).status_code == 422


def test_the_answer_does_not_tell_whether_there_is_such_a_case(desk, by_mail):
    one, two = ask(by_mail), Visitor().send("/p/track/code/", page="/p/track/", number="TS261123-999999")
    assert one.status_code == two.status_code == 200
    assert "如果编号正确" in two.content.decode()
    assert SentCode.unscoped.count() == 1


def test_codes_are_not_sent_without_end(by_mail):
    assert [ask(by_mail, f"198.51.100.{n}").status_code for n in range(4)] == [200, 200, 200, 429]


def test_proving_an_address_of_a_known_customer_only_tells_staff(desk):
    with acting_as(desk.system):
        known = create_customer(
            kind="person", name="王明", identities=[("email", "wang@example.cn")], verified_how="agent"
        )
    Visitor().send("/p/new/complaint/", **{**COMPLAINT, "email": "wang@example.cn"})
    matter = Matter.unscoped.latest("pk")
    ask(matter)
    Visitor(address="198.51.100.9").send("/p/track/", number=matter.number, code=sent_code())
    matter.refresh_from_db()
    assert matter.customer_id != known.pk
    assert TimelineEntry.unscoped.filter(matter=matter, kind="identity", public=False).count() == 2
