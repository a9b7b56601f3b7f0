"""The progress page: what it says, what it hides, who gets in."""

from datetime import timedelta

import pytest

from yinuo.channels.portal import links
from yinuo.channels.portal.tests.conftest import COMPLAINT, NOW, Visitor
from yinuo.complaints.commands import reply
from yinuo.conversations.commands import queue_reply
from yinuo.conversations.models import Interaction
from yinuo.kernel.actor import acting_as
from yinuo.kernel.errors import Missing
from yinuo.matters.commands import add_note
from yinuo.matters.models import Matter, TimelineEntry

pytestmark = pytest.mark.django_db
SECRETS = ("王小明", "13812345678", "138****5678", "机油滤芯", "停了两天工", "换货", "wang@example.cn")


def test_a_forwarded_link_shows_where_the_case_is_and_nothing_personal(desk, filed, adopted):
    adopted.acknowledge()
    with acting_as(desk.wang):
        reply(complaint_id=filed.matter.pk, text="王小明您好，我们正在查批号。")
        add_note(matter_id=filed.matter.pk, text="客户情绪激动，注意安抚")
    stranger = Visitor(address="198.51.100.7").get(filed.path)
    html = stranger.content.decode()
    assert stranger.status_code == 200
    assert "已有专人负责" in html
    assert "总公司 · 王专员" in html
    assert "王芳" not in html
    assert "我们给您回了信" in html
    assert "3 个工作日内向您答复进展" in html
    assert "最晚 11月26日 周四" in html
    for secret in (*SECRETS, "正在查批号", "情绪激动", links.code_of(filed.matter.pk)):
        assert secret not in html


def test_the_customer_who_gives_the_code_reads_the_words_but_never_internal_ones(desk, visitor, filed, adopted):
    adopted.acknowledge()
    with acting_as(desk.wang):
        reply(complaint_id=filed.matter.pk, text="我们正在查批号。")
        add_note(matter_id=filed.matter.pk, text="客户情绪激动，注意安抚")
    other = Visitor(address="198.51.100.7")
    opened = other.send("/p/track/", number=filed.matter.number, code=links.code_of(filed.matter.pk))
    html = opened.content.decode()
    assert opened.status_code == 200
    assert "停了两天工" in html and "我们正在查批号。" in html
    assert "情绪激动" not in html
    assert "情绪激动" not in visitor.get(filed.path).content.decode()


@pytest.mark.parametrize("number", ["ts261123-{tail}", "TS261123{tail}", " ＴＳ261123－{tail} "])
def test_number_and_code_are_taken_as_people_type_them(desk, filed, number):
    tail = filed.matter.number.partition("-")[2]
    code = links.code_of(filed.matter.pk).lower()
    answer = Visitor().send("/p/track/", number=number.format(tail=tail), code=f"{code[:3]} {code[3:]}")
    assert answer.status_code == 200
    assert "停了两天工" in answer.content.decode()


def test_wrong_number_and_wrong_code_sound_alike(desk, filed):
    one = Visitor().send("/p/track/", number=filed.matter.number, code="AAAAAA")
    two = Visitor().send("/p/track/", number="TS261123-999999", code="AAAAAA")
    assert one.status_code == two.status_code == 422
    assert "编号和代码对不上" in one.content.decode() and "编号和代码对不上" in two.content.decode()


def guess(filed, address: str, code: str = "AAAAAA"):
    return Visitor(address=address).send("/p/track/", number=filed.matter.number, code=code).status_code


def test_guessing_a_code_stops_where_it_comes_from_and_keeps_nobody_else_out(desk, filed):
    assert [guess(filed, "198.51.100.1") for _n in range(11)] == [422] * 10 + [429]
    assert guess(filed, "198.51.100.1", links.code_of(filed.matter.pk)) == 429
    assert guess(filed, "198.51.100.99", links.code_of(filed.matter.pk)) == 200


def test_guessing_codes_is_stopped_even_from_many_addresses(desk, filed):
    assert {guess(filed, f"198.51.100.{n}") for n in range(100)} == {422}
    right = Visitor(address="198.51.100.199").send(
        "/p/track/", number=filed.matter.number, code=links.code_of(filed.matter.pk)
    )
    assert right.status_code == 429
    later = Visitor(at=NOW + timedelta(minutes=20), address="198.51.100.99")
    assert later.send("/p/track/", number=filed.matter.number, code=links.code_of(filed.matter.pk)).status_code == 200


@pytest.mark.parametrize("form", ["/add/", "/further/", "/file/1/"])
def test_the_link_alone_writes_and_reads_no_words(desk, filed, form):
    stranger = Visitor(address="198.51.100.7")
    if form == "/file/1/":
        assert stranger.get(filed.path + "file/1/").status_code == 403
        return
    answer = stranger.send(filed.path.rstrip("/") + form, page="/p/track/", text="冒充", wish="withdraw", reason="冒充")
    assert answer.status_code == 403
    assert Matter.unscoped.get(pk=filed.matter.pk).state == "received"


def test_a_cookie_for_one_case_does_not_open_another(desk, visitor, filed):
    other = Visitor(address="198.51.100.8")
    other.send("/p/new/enquiry/", content="别人的事，很私密", name="别人", phone="13912345678")
    theirs = Matter.unscoped.latest("pk")
    page = visitor.get(f"/p/c/{links.case_token(theirs.pk, NOW)}/").content.decode()
    assert "很私密" not in page and "是您本人的事？" in page


def test_scope_itself_hides_every_other_case(desk, filed):
    from yinuo.channels.portal.queries import case
    from yinuo.kernel.actor import Actor

    with acting_as(
        Actor.customer(customer_id=filed.matter.customer_id, name="x", matter_ids=frozenset({filed.matter.pk + 1}))
    ):
        with pytest.raises(Missing):
            case(filed.matter.pk, at=NOW, unlocked=True)
        assert not TimelineEntry.objects.exists()
    with acting_as(Actor.customer(customer_id=None, name="x", matter_ids=frozenset({filed.matter.pk}))):
        assert all(e.public for e in TimelineEntry.objects.all())


@pytest.mark.parametrize(("token", "status"), [("x", 404), ("eyJhIjoxfQ.AAAA", 404), ("", 404)])
def test_a_forged_link_is_a_calm_page(db, visitor, token, status):
    answer = visitor.get(f"/p/c/{token}/" if token else "/p/c/%20/")
    assert answer.status_code == status
    assert "用编号查进展" in answer.content.decode()


def test_an_expired_link_says_how_to_get_on(desk, filed):
    late = Visitor(at=NOW + timedelta(days=91)).get(filed.path)
    assert late.status_code == 410
    assert "已经过期" in late.content.decode()
    wrong_end = filed.path.replace("/p/c/", "/p/v/")
    assert Visitor().get(wrong_end).status_code == 404, "a link for one purpose serves no other"


def test_adding_words_and_withdrawing(desk, visitor, filed):
    added = visitor.send(filed.path + "add/", page=filed.path, text="批号是 A-77")
    assert added.status_code == 200
    assert "批号是 A-77" in added.content.decode()
    said = Interaction.unscoped.latest("pk")
    assert (said.direction, said.channel, said.conversation_id) == ("in", "portal", filed.matter.conversation_id)
    empty = visitor.send(filed.path + "add/", page=filed.path, text="  ")
    assert empty.status_code == 422
    gone = visitor.send(filed.path + "further/", page=filed.path, wish="withdraw", reason="自己修好了")
    assert gone.status_code == 200
    assert Matter.unscoped.get(pk=filed.matter.pk).state == "withdrawn"
    back = visitor.send(filed.path + "further/", page=filed.path, wish="reopen", reason="又坏了")
    assert back.status_code == 200
    assert Matter.unscoped.get(pk=filed.matter.pk).state == "investigating"


def test_an_answer_on_the_portal_joins_the_story_and_is_mailed_without_its_words(desk):
    visitor = Visitor()
    answer = visitor.send("/p/new/enquiry/", content="保修多久？", name="孙丽", email="sun@example.cn")
    matter = Matter.unscoped.latest("pk")
    assert "我们给您回了信" not in answer.content.decode(), "a receipt by mail is no answer"
    assert "4 小时内答复" in answer.content.decode()
    with acting_as(desk.zhao):
        queue_reply(conversation_id=matter.conversation_id, text="整机一年，轴承三年。")
    path = answer.redirect_chain[-1][0].split("?")[0]
    assert "轴承三年" in visitor.get(path).content.decode()
    masked = Visitor(address="198.51.100.7").get(path).content.decode()
    assert "轴承三年" not in masked and "已答复" in masked
    mails = Interaction.unscoped.filter(channel="email", direction="out").order_by("pk")
    assert [m.to_address for m in mails] == ["sun@example.cn"] * 2
    assert links.code_of(matter.pk) not in mails[0].text and matter.number in mails[0].subject
    assert "轴承" not in mails[1].text


def test_the_masked_page_needs_a_fixed_number_of_statements(desk, visitor, filed, adopted, django_assert_num_queries):
    adopted.acknowledge()
    for n in range(3):
        with acting_as(desk.wang):
            reply(complaint_id=filed.matter.pk, text=f"进展 {n}")
    with django_assert_num_queries(6):
        Visitor().get(filed.path)
    with django_assert_num_queries(11):
        visitor.get(filed.path)


def test_a_case_by_phone_only_gets_no_mail(desk, filed):
    assert not Interaction.unscoped.filter(channel="email").exists()
    assert COMPLAINT["email"] == ""
