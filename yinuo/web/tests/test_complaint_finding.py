"""Finding complaints on the pages: list, board, saved views, similar cases, and what stays out of sight."""

import re
from importlib import import_module
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client

from yinuo.complaints.commands import edit_registration
from yinuo.complaints.tests.conftest import Walk
from yinuo.customers.commands import add_identity
from yinuo.customers.models import Customer
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as
from yinuo.kernel.command import permit_writes
from yinuo.kernel.search import name_tokens, tsvector
from yinuo.matters.models import Draft, Matter, SavedView


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
    assert text_of(wang.get("/complaints/?q=5678")).count("data-href") == 3
    for sort in ("new", "new-", "due", "stage", "stage-"):
        assert text_of(wang.get(f"/complaints/?sort={sort}")).count("data-href") == 3
    assert "没有符合条件" in text_of(wang.get("/complaints/?q=查无此事"))


PLACES = ("/complaints/?q={}", "/complaints/?open=&q={}", "/matters/?q={}", "/search/?q={}")
WRITTEN = ("5544", "65544", "665544", "7665544", "77665544", "13977665544", "+86 139 7766 5544", "139-7766-5544")


@pytest.mark.parametrize("typed", WRITTEN)
def test_a_case_is_found_by_the_number_left_with_it_and_by_its_end(firm, wang, typed) -> None:
    case = Walk(firm, phone="13977665544", customer_id=firm.customer.pk).row  # not a number of the customer's card
    for place in PLACES:
        page = text_of(wang.get(place.format(quote(typed))))
        assert f'href="/complaints/{case.pk}/"' in page or f'href="/matters/{case.pk}/"' in page, place
        assert "13977665544" not in page or typed == "13977665544", "masked, but for what was typed"
        assert "/complaints/" not in _rows(text_of(wang.get(place.format(typed[:-1] + "9"))))


def _rows(page: str) -> str:
    return "".join(re.findall(r'data-href="[^"]*"', page))


def test_a_case_is_found_by_every_number_its_customer_has_today(firm, wang, client_of) -> None:
    case = Walk(firm).row
    place = "/complaints/?q="
    assert not _rows(text_of(wang.get(place + "8899")))
    with acting_as(firm.system):
        given = add_identity(customer_id=case.matter.customer_id, kind="phone", value="0771-5708899")
    assert given.value == "+867715708899"
    for typed in ("8899", "5708899", "07715708899", "0771-5708899"):
        assert f"/complaints/{case.pk}/" in _rows(text_of(wang.get(place + typed))), typed
    assert client_of("cang").get("/matters/?q=8899").status_code == 200
    assert not _rows(text_of(client_of("cang").get("/matters/?q=8899"))), "of another department"


def test_what_was_registered_and_corrected_is_what_finds_a_case(firm, wang) -> None:
    case = Walk(firm, batch="ZQ7788", demand="要求上门致歉").row
    number = case.matter.number
    for place in PLACES:
        for typed in ("ZQ7788", "上门致歉"):
            assert number in text_of(wang.get(place.format(typed))), (place, typed)
    with acting_as(firm.wang):
        edit_registration(
            complaint_id=case.pk, expected_version=case.version, batch="QX9911", demand="只求退款", product="齿轮泵"
        )
    for place in PLACES:
        for typed in ("QX9911", "只求退款", "齿轮泵", "5678", number, case.matter.customer.name):
            assert number in text_of(wang.get(place.format(typed))), (place, typed)
        for typed in ("ZQ7788", "上门致歉"):
            assert number not in text_of(wang.get(place.format(typed))), (place, typed)


def test_a_corrected_case_is_still_found_by_the_name_its_customer_had(firm, wang) -> None:
    case = Walk(firm).row
    with acting_as(firm.system), permit_writes("test"):
        Customer.unscoped.create(
            kind="person", name="欧阳旧名", merged_into_id=case.matter.customer_id, created_at=clock.now()
        )
    with acting_as(firm.wang):
        edit_registration(complaint_id=case.pk, expected_version=case.version, batch="QX9911")
    assert case.matter.number in text_of(wang.get("/matters/?q=欧阳旧名"))


UPDATES = ("complaints.migrations.0007_found_by_what_was_registered", "customers.migrations.0005_phone_tails")


def test_cases_from_before_are_found_after_the_update(firm, wang) -> None:
    case = Walk(firm, batch="ZQ7788", phone="13977665544", customer_id=firm.customer.pk).row
    with permit_writes("test"):
        old = tsvector([*name_tokens("陈建国"), "13977665544"[-4:]])
        Matter.unscoped.filter(pk=case.pk).update(search=old)
        Customer.unscoped.filter(pk=case.matter.customer_id).update(search=old)
        assert not _rows(text_of(wang.get("/complaints/?q=ZQ7788")))
        with connection.cursor() as cursor:
            for name in UPDATES:
                cursor.execute(import_module(f"yinuo.{name}").SQL)
    for typed in ("ZQ7788", "7665544", "13977665544", "2345678", "陈建国"):
        assert f"/complaints/{case.pk}/" in _rows(text_of(wang.get(f"/complaints/?q={typed}"))), typed


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
