"""The pages of satisfaction: what they show, what they ask, what they take out of the house."""

import io
import re
import zipfile

import pytest
from django.test import Client

from yinuo.kernel.command import permit_writes
from yinuo.matters.models import SavedView
from yinuo.surveys.models import Edition, Invitation, Questionnaire, SurveyAnswer, SurveyPlan
from yinuo.surveys.tests.conftest import made_shop, served, shop  # noqa: F401  the desk of the domain's tests
from yinuo.surveys.tests.test_surveys import ask, reply

pytestmark = pytest.mark.django_db


@pytest.fixture
def client_of(shop):  # noqa: F811
    def make(who: str) -> Client:
        client = Client()
        client.force_login(shop.staff[who])
        return client

    return make


PAGES = [
    ("/surveys/", 12), ("/surveys/answers/", 6), ("/surveys/asked/", 5), ("/surveys/questionnaires/", 4),
    ("/surveys/plans/", 5), ("/surveys/questionnaires/{form}/", 5), ("/surveys/answers/{answer}/", 4),
    ("/surveys/ask/?matter={matter}", 5), ("/surveys/asked/{invitation}/enter/", 4),
]  # fmt: skip


def test_statements_do_not_grow(shop, client_of, django_assert_num_queries):  # noqa: F811
    client = client_of("boss")
    for numbers in ((1,), (2, 3)):
        for n in numbers:
            row = ask(shop, n=n)
            reply(row, q1=str(n), q2="等了一周")
        known = {
            "form": shop.forms["csat"], "answer": SurveyAnswer.unscoped.first().pk, "matter": row.matter_id, "invitation": row.pk,
        }  # fmt: skip
        for path, statements in PAGES:
            with django_assert_num_queries(statements):
                assert client.get(path.format(**known)).status_code == 200, path


def test_a_questionnaire_is_written_kept_and_refused_beside_its_question(shop, client_of):  # noqa: F811
    client = client_of("chief")
    head = {
        "kind": "own",
        "name": "开箱",
        "title": "开箱还顺利吗？",
        "anonymity": "named",
        "opens": "suggestion",
        "active": "on",
        "rows": "5",
    }
    rows = {
        "ask_0": "顺利吗", "type_0": "scale", "scale_0": "1-5", "words_0": "很难\n很顺", "required_0": "on", "order_0": "2",
        "ask_2": "哪种包装", "type_2": "choice", "words_2": "纸箱", "order_2": "1",
    }  # fmt: skip
    wrong = client.post("/surveys/questionnaires/new/", {**head, **rows})
    html = wrong.content.decode()
    assert wrong.status_code == 422 and "请写 2 到 12 个选项" in html and "顺利吗" in html
    assert html.index("请写 2 到 12 个选项") > html.index("顺利吗"), "the sentence stands at its own question"
    done = client.post("/surveys/questionnaires/new/", {**head, **rows, "words_2": "纸箱\n木箱"}, follow=True)
    assert done.status_code == 200 and "哪种包装" in done.content.decode()
    edition = Edition.unscoped.get(questionnaire__name="开箱")
    assert [(q.title, q.type, q.ends, q.options) for q in edition.questions] == [
        ("哪种包装", "choice", ("", ""), ("纸箱", "木箱")), ("顺利吗", "scale", ("很难", "很顺"), ()),
    ]  # fmt: skip
    pk = edition.questionnaire_id
    page = client.get(f"/surveys/questionnaires/{pk}/edit/").content.decode()
    assert 'name="key_1" value="q2"' in page or 'value="q2"' in page
    assert client.post(f"/surveys/questionnaires/{pk}/copy/").status_code == 303
    assert Questionnaire.unscoped.filter(name="开箱（副本）").exists()
    assert client_of("agent").get("/surveys/questionnaires/new/").status_code == 403


def test_a_plan_and_the_days_of_rest(shop, client_of):  # noqa: F811
    client = client_of("chief")
    plan = {
        "name": "半年",
        "questionnaire_id": shop.forms["nps"],
        "trigger": "periodic",
        "delay_days": "0",
        "sample": "30",
        "active": "on",
    }
    wrong = client.post("/surveys/plans/new/", plan)
    assert wrong.status_code == 422 and "1 到 24 个月" in wrong.content.decode()
    for day in ("9999-12-31", "0001-01-01", "2026-02-29"):
        assert client.post("/surveys/plans/new/", {**plan, "every_months": "6", "next_on": day}).status_code == 422
    assert client.post("/surveys/plans/new/", {**plan, "every_months": "6"}).status_code == 303
    row = SurveyPlan.unscoped.get()
    saved = {"page": "customers", "query": "industry=物流&sort=name", "name": "物流客户"}
    assert client.post("/views/save/", saved).status_code == 303
    chosen = re.search(
        r'<option value="(industry=[^"]+)"[^>]*>物流客户', client.get("/surveys/plans/new/").content.decode()
    )[1]
    segment = {**plan, "name": "物流半年", "every_months": "6", "segment": chosen}
    assert client.post("/surveys/plans/new/", segment).status_code == 303
    with permit_writes("test"):
        SavedView.unscoped.all().delete()
    kept = SurveyPlan.unscoped.get(segment_name="物流客户")
    assert "物流客户" in client.get("/surveys/plans/").content.decode()
    assert client.post(f"/surveys/plans/{kept.pk}/", {**segment, "version": "1"}).status_code == 303
    kept.refresh_from_db()
    assert (kept.segment, kept.segment_name) == (chosen, "物流客户"), "the list it came from is gone, the plan is not"
    stale = client.post(f"/surveys/plans/{row.pk}/", {**plan, "every_months": "6", "version": "7"})
    assert stale.status_code == 409
    assert (
        client.post("/surveys/plans/rest/", {"rest_days": "0", "valid_days": "14", "version": "1"}).status_code == 422
    )
    assert (
        client.post("/surveys/plans/rest/", {"rest_days": "10", "valid_days": "14", "version": "1"}).status_code == 303
    )


def test_by_hand_by_phone_and_out_of_the_house(shop, client_of):  # noqa: F811
    matter = served(shop, 1)
    client = client_of("agent")
    once = {"questionnaire_id": shop.forms["csat"], "way": "phone", "once": "k1"}
    for _twice in range(2):
        assert client.post(f"/surveys/ask/?matter={matter.pk}", once).status_code == 303
    row = Invitation.unscoped.get()
    refused = client.post(f"/surveys/asked/{row.pk}/enter/", {"q1": "", "q2": "=1+1"})
    assert refused.status_code == 422 and "=1+1" in refused.content.decode()
    assert (
        client.post(f"/surveys/asked/{row.pk}/enter/", {"q1": "2", "q2": "=1+1", "wants_call": "on"}).status_code == 303
    )
    assert client.post("/surveys/answers/export/", {"format": "csv"}).status_code == 403
    boss = client_of("boss")
    shown = boss.post("/surveys/answers/export/?low=1", {"format": "csv"})
    assert "'=1+1" in shown.content.decode("utf-8-sig") and "客户001" in shown.content.decode("utf-8-sig")
    book = boss.post(f"/surveys/{shop.forms['csat']}/export/", {"format": "xlsx"})
    assert zipfile.is_zipfile(io.BytesIO(book.content))
    assert boss.get("/surveys/?since=2026-13&until=x").status_code == 422
