"""Answering by link, rating in two touches, and the link a customer passes on."""

import re
from datetime import timedelta

import pytest

from yinuo.channels.portal import links
from yinuo.channels.portal.sharing import share, share_token
from yinuo.channels.portal.tests.conftest import NOW, Visitor
from yinuo.complaints.commands import reply, restate
from yinuo.complaints.models import Complaint
from yinuo.customers.models import ChannelIdentity, Customer
from yinuo.identity.models import Staff
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.command import permit_writes
from yinuo.kernel.models import AuditEntry
from yinuo.matters.models import Matter
from yinuo.promises.commands import make_personal_promise
from yinuo.surveys.commands import ask_by_hand, save_questionnaire, seed_questionnaires
from yinuo.surveys.links import answer_token
from yinuo.surveys.models import Invitation, Questionnaire, SurveyAnswer

pytestmark = pytest.mark.django_db
MARK = "泄漏标记"


def ask(desk, filed, shipped="csat"):
    with acting_as(desk.system):
        seed_questionnaires()
    with acting_as(desk.wang):
        row = ask_by_hand(questionnaire_id=Questionnaire.unscoped.get(shipped=shipped).pk, matter_id=filed.matter.pk)
    return f"/p/s/{answer_token(row.pk, NOW + timedelta(days=14))}/"


def test_opening_the_link_answers_nothing_and_the_first_answer_stays(desk, filed, adopted):
    link = ask(desk, filed)
    scanner = Visitor(address="192.0.2.1")
    opened = scanner.get(link + "?s=2").content.decode()
    assert 'value="2" checked' in opened and not SurveyAnswer.unscoped.exists()
    assert 'value="9" checked' not in scanner.get(link + "?s=9").content.decode()
    assert scanner.client.head(link).status_code == 200
    customer = Visitor()
    sent = customer.send(link, page=link + "?s=4", q1="4", q2="<script>x</script>")
    assert sent.status_code == 200 and "谢谢您告诉我们" in sent.content.decode()
    again = customer.post(link, q1="1", ticket="stale", csrfmiddlewaretoken=customer.client.cookies["csrftoken"].value)
    assert "谢谢您告诉我们" in again.content.decode()
    assert (SurveyAnswer.unscoped.get().score, SurveyAnswer.unscoped.get().comment) == (4, "<script>x</script>")
    assert "谢谢您告诉我们" in customer.get(link).content.decode(), "the back button shows the thanks"


def test_who_was_not_satisfied_hears_who_calls_and_by_when(desk, filed, adopted):
    link = ask(desk, filed)
    customer = Visitor()
    empty = customer.send(link, q1="", q2="太慢")
    assert empty.status_code == 422 and "太慢" in empty.content.decode()
    html = customer.send(link, q1="1", q2="太慢", wants_call="1").content.decode()
    assert "对不起，没有让您满意" in html and "2 个工作日内与您联系" in html and "最晚" in html
    followup = Matter.unscoped.latest("pk")
    assert (followup.kind, followup.customer_id) == ("suggestion", filed.matter.customer_id)


def test_an_anonymous_one_leaves_neither_address_nor_name(desk, filed, adopted):
    with acting_as(desk.system):
        seed_questionnaires()
    link = ask(desk, filed, "nps")
    before = AuditEntry.unscoped.count()
    done = Visitor(address="203.0.113.77").send(link, q1="2", anonymous="1")
    assert done.status_code == 200 and "看进展" not in done.content.decode()
    told = AuditEntry.unscoped.order_by("pk")[before:]
    assert {e.ip for e in told} == {""}
    assert SurveyAnswer.unscoped.get().customer_id is None
    assert Invitation.unscoped.get().answered_at is None


def test_every_type_of_question_can_be_answered_and_ended_ones_say_so(desk, filed, adopted):
    with acting_as(desk.system):
        own = save_questionnaire(
            kind="own", name="自拟", title="请教几题",
            questions=[
                {"type": "choice", "title": "哪样", "options": ["甲<b>", "乙"]},
                {"type": "many", "title": "哪些", "options": ["红", "绿"], "required": False},
                {"type": "scale", "title": "几分", "low": 0, "high": 10, "ends": ["差", "好"]},
            ],
        )  # fmt: skip
    with acting_as(desk.wang):
        row = ask_by_hand(questionnaire_id=own.pk, matter_id=filed.matter.pk)
    link = f"/p/s/{answer_token(row.pk, NOW + timedelta(days=14))}/"
    customer = Visitor()
    page = customer.get(link).content.decode()
    assert "甲&lt;b&gt;" in page and "<b>" not in page
    kept = customer.send(link, q1="甲<b>", q2=["绿"], q3="11")
    assert kept.status_code == 422 and 'value="绿" checked' in kept.content.decode()
    assert customer.send(link, q1="甲<b>", q2=["红", "绿"], q3="10").status_code == 200
    assert SurveyAnswer.unscoped.get().values == {"q1": "甲<b>", "q2": ["红", "绿"], "q3": 10}
    assert Visitor(at=NOW + timedelta(days=15)).get(link).status_code in (200, 410)
    assert Visitor().get("/p/s/forged.token/").status_code == 404


def test_the_progress_page_asks_and_the_old_rating_takes_two_touches(desk, filed, adopted, visitor):
    link = ask(desk, filed)
    page = visitor.get(filed.path).content.decode()
    assert page.count("?s=") == 5 and link.rstrip("/").rsplit("/", 1)[0] in page
    assert "?s=" not in Visitor(address="198.51.100.7").get(filed.path).content.decode(), "only for who has the code"
    adopted.to("callback")
    rating = links.rating_link(filed.matter.pk, NOW).partition("/p/")[2]
    assert 'value="3" checked' in visitor.get(f"/p/{rating}?s=3").content.decode()
    assert Complaint.unscoped.get().satisfaction is None


def test_what_is_passed_on_holds_nothing_personal_however_much_there_is(desk, filed, adopted, visitor):
    """Every field a person wrote or is named in carries a mark; the page shows none of them."""
    adopted.acknowledge()
    with acting_as(desk.wang):
        reply(complaint_id=filed.matter.pk, text=f"{MARK}回信" * 50)
        restate(complaint_id=filed.matter.pk, via="link")
        make_personal_promise(matter_id=filed.matter.pk, title=f"给{MARK}回电", due_at=NOW + timedelta(hours=5))
    visitor.send(filed.path + "add/", page=filed.path, text=f"{MARK}补充")
    with permit_writes("test"):
        Matter.unscoped.filter(pk=filed.matter.pk).update(title=f"{MARK}标题")
        Complaint.unscoped.update(
            content=MARK,
            demand=MARK,
            complainant=MARK,
            product=MARK,
            batch=MARK,
            email=f"{MARK}@example.cn",
            phone="13700001111",
        )
        Customer.unscoped.update(name=f"{MARK}客户", address=MARK, region=MARK, industry=MARK)
        ChannelIdentity.unscoped.update(value="13700001111")
        Staff.objects.update(name=f"{MARK}员工")
    made = visitor.send(filed.path + "share/", page=filed.path)
    assert made.status_code == 200 and "转发链接已生成" in made.content.decode()
    link = made.content.decode().partition("/p/t/")[2].partition("<")[0].partition('"')[0]
    other = Visitor(address="198.51.100.7").get(f"/p/t/{link}")
    html = other.content.decode()
    assert other.status_code == 200 and "已有专人负责" in html
    for secret in (
        MARK,
        "13700001111",
        filed.matter.number,
        links.code_of(filed.matter.pk),
        "/p/c/",
        "/p/r/",
        "查询码",
    ):
        assert secret not in html, secret
    assert re.findall(r'action="([^"]*)"', html) == ["/language/"], "nothing to fill in but the choice of a language"
    assert "TS2611••" in html and "3 个工作日内向您答复" in html
    masked = Visitor(address="198.51.100.7").get(filed.path).content.decode()
    assert f"给{MARK}回电" not in masked


def test_the_customer_switches_it_off_and_it_ends_by_itself(desk, filed, visitor):
    def token() -> str:
        holder = Actor.customer(customer_id=None, name="x", matter_ids=frozenset({filed.matter.pk}))
        with acting_as(holder):
            return share_token(share(matter_id=filed.matter.pk))

    first = token()
    assert token() == first, "one at a time"
    assert Visitor().get(f"/p/t/{first}/").status_code == 200
    assert Visitor(at=NOW + timedelta(days=31)).get(f"/p/t/{first}/").status_code == 410
    assert visitor.send(filed.path + "share/", page=filed.path, off="1").status_code == 200
    assert Visitor().get(f"/p/t/{first}/").status_code == 410
    stranger = Visitor(address="198.51.100.7")
    assert stranger.send(filed.path + "share/", page=filed.path).status_code == 403, "only who has the code"
