"""看板: each number leads to exactly its rows; a wrong address is said; a fixed number of statements."""

import re
from html import unescape

import pytest
from django.test import Client

from tests.worlds import world
from yinuo.complaints.tests.conftest import NOW, build
from yinuo.insight.tests.world import fill
from yinuo.kernel import clock
from yinuo.web.tests.conftest import make_case

NUMBER = re.compile(r'<a [^>]*href="(/boards/rows/[^"]+)" data-rows="(\d+)">')


@world
def firm():
    with clock.frozen(NOW):
        firm = build()
        firm.made = fill(firm)
    return firm


@pytest.fixture(autouse=True)
def at_that_time():
    with clock.frozen(NOW):
        yield


def text_of(client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return answer.content.decode()


@pytest.mark.parametrize("board", ["team", "leader"])
def test_each_number_opens_exactly_its_rows(board, client_of, firm) -> None:
    qian = client_of("qian")
    page = text_of(qian, f"/boards/{board}/?period=d30")
    found = {unescape(href): int(n) for href, n in NUMBER.findall(page)}
    assert len(found) == len(set(found)) > 25
    some = {href: n for href, n in found.items() if n}
    told = {href: int(re.search(r"共 (\d+) 条", text_of(qian, href))[1]) for href in some}
    assert told == some
    # no number without its rows, no figure without its explanation
    assert len(re.findall(r'class="y-stat y-figure"', page)) == len(re.findall(r'class="y-why"', page)) >= 10
    assert '<td class="num" data-label' in page and not re.search(r'<td class="num"[^>]*>\d', page)
    about = re.findall(r'class="y-why"[^>]*data-tip="([^"]*)"', page)
    assert all(len(words) > 12 and ("：" in words or "此刻" in words or "今天" in words) for words in about)


def test_what_is_asked_wrongly_is_said_and_the_board_shown(client_of) -> None:
    qian = client_of("qian")
    page = text_of(qian, "/boards/team/?period=own&from=2026-02-30&to=x&unit=999&kind=%3Cscript%3E", 422)
    assert (
        "日期不对" in page and "没有这个部门" in page and "已忽略" in page and "<script>" not in page.split("<main")[1]
    )
    assert "办理中" in page
    assert client_of("qian").get("/boards/rows/").status_code == 303
    for address in (
        "?what=nothing",
        "?what=open&by=secret",
        "?what=open&unit=abc",
        "?what=kept&from=9999-12-31&to=0001-01-01",
    ):
        assert client_of("qian").get(f"/boards/rows/{address}").status_code in (404, 422)
    assert text_of(qian, "/boards/rows/?what=open&by=owner&key=%00'&q=%00")


def test_rows_may_be_searched_and_paged(client_of) -> None:
    page = text_of(client_of("qian"), "/boards/rows/?what=received&from=2026-10-25&to=2026-11-23&q=T003")
    assert "T003" in page and "T001" not in page
    assert "共 0 条" in text_of(client_of("sun"), "/boards/rows/?what=open&by=unit&key=2147483648")


def test_boards_need_their_right(firm) -> None:
    wang = Client()
    wang.force_login(firm.staff["wang"])
    assert [wang.get(f"/boards/{name}/").status_code for name in ("team", "leader", "rows")] == [403] * 3


@pytest.mark.parametrize(
    ("path", "statements"),
    [("/boards/team/", 9), ("/boards/leader/", 5), ("/boards/rows/?what=open", 6), ("/boards/rows/?what=due", 6)],
)
def test_statements_do_not_grow(path, statements, company, sign_in, django_assert_num_queries) -> None:
    boss = sign_in("boss")
    for rows in ((1,), (2, 3)):
        for n in rows:
            make_case(company, n)
        text_of(boss, path)
        with django_assert_num_queries(statements):
            text_of(boss, path)
