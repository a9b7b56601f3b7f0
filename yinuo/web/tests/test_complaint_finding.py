"""Finding complaints on the pages: list, board, saved views, similar cases, and what stays out of sight."""

from django.db import connection
from django.test import Client

from yinuo.complaints.tests.conftest import Walk
from yinuo.matters.models import Draft, SavedView


def text_of(response) -> str:
    return response.content.decode()


QUERIES = [
    "?stage=nonsense&owner=x&sort=zzz&after=%00%00&q=%00",
    "?q=" + "陈" * 300,
    "?unit=99999999999999999999",
    "?received_from=2026-99-99",
    "?severity=serious,critical&received_from=2026-11-01",
    "?after=eyJ4Ijox",
    "?product=%00&risk=%00",
    "?open=all&who=none",
]


def test_similar_past_cases(firm, wang) -> None:
    walk = Walk(firm, content="机油用了一周发动机异响，要求退款").to("closed")
    page = text_of(wang.get("/complaints/register/similar/?content=发动机异响是不是机油的问题"))
    assert f"/complaints/{walk.id}/" in page


def test_similar_cases_when_every_case_says_the_same(firm, wang) -> None:
    """A word that stands in every complaint weighs next to nothing, and breaks nothing."""
    walks = [Walk(firm, content="漏油").to("closed") for _n in range(3)]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE complaints_complaint")
    page = text_of(wang.get(f"/complaints/{walks[0].id}/similar/"))
    assert f"/complaints/{walks[1].id}/" in page and f"/complaints/{walks[0].id}/" not in page


def test_saved_views(client_of, wang) -> None:
    answer = wang.post(
        "/views/save/",
        {"page": "complaints", "name": "我的严重投诉", "query": "who=mine&severity=serious", "shared": "1"},
    )
    assert answer.status_code == 303 and answer.headers["Location"] == "/complaints/?who=mine&severity=serious"
    li, view = client_of("li"), SavedView.unscoped.get()
    assert "我的严重投诉" in text_of(li.get("/complaints/")), "shared with colleagues"
    assert li.post(f"/views/{view.pk}/forget/").status_code == 404
    assert wang.post(f"/views/{view.pk}/forget/").status_code == 303 and not SavedView.unscoped.exists()
    assert wang.post("/views/save/", {"page": "nowhere", "name": "x"}).status_code == 422


def test_odd_addresses_never_break_the_list_or_board(firm, wang) -> None:
    Walk(firm)
    for query in QUERIES:
        assert wang.get("/complaints/" + query).status_code == 200, query
        assert wang.get("/complaints/board/" + query).status_code == 200, query


def test_lists_find_and_sort(firm, wang) -> None:
    walks = [Walk(firm, content=f"第{n}次漏油，要求换货") for n in range(3)]
    number = walks[0].row.matter.number
    assert text_of(wang.get(f"/complaints/?q={number}")).count("data-href") == 1
    assert text_of(wang.get("/complaints/?q=漏油")).count("data-href") == 3
    assert text_of(wang.get("/complaints/?q=5678")).count("data-href") in (0, 3)
    for sort in ("new", "new-", "due", "stage", "stage-"):
        assert text_of(wang.get(f"/complaints/?sort={sort}")).count("data-href") == 3
    assert "没有符合条件" in text_of(wang.get("/complaints/?q=查无此事"))


def test_somebody_elses_branch_is_not_there(firm, wang, client_of) -> None:
    walk = Walk(firm)
    cai = client_of("cai")
    assert cai.get(f"/complaints/{walk.id}/").status_code == 404
    assert cai.get("/complaints/").status_code == 403
    assert wang.get("/complaints/999999/").status_code == 404
    assert Client().get("/complaints/").status_code == 302
    assert Draft.unscoped.count() == 0


def test_a_message_raised_already_leads_to_its_complaint(firm) -> None:
    from yinuo.conversations.models import Interaction

    case = Walk(firm, channel="visit").row
    said = Interaction.unscoped.get(conversation=case.matter.conversation, direction="in")
    client = Client()
    client.force_login(firm.staff["wang"])
    address = f"/complaints/register/?conversation={said.conversation_id}"
    page = client.get(address).content.decode()
    assert "这条来信已经登记为投诉" in page and f'href="/complaints/{case.pk}/"' in page
    answer = client.post(
        address,
        {
            "channel": "visit", "content": said.text, "name": "陈建国", "customer_id": case.matter.customer_id,
            "interaction_id": said.pk, "customer_kind": "person", "severity": "ordinary",
        },
    )  # fmt: skip
    assert answer.status_code == 409 and case.matter.number in answer.content.decode()
    assert f'href="/complaints/{case.pk}/"' in answer.content.decode()


def test_a_long_complaint_finds_similar_ones_by_post(wang, firm) -> None:
    """It would not fit into an address."""
    page = text_of(wang.get("/complaints/register/"))
    assert 'hx-post="/complaints/register/similar/"' in page
    answer = wang.post("/complaints/register/similar/", {"content": "发动机异响" + "还有别的" * 4000})
    assert answer.status_code == 200
