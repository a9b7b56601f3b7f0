"""月报: every figure opens exactly the rows it counts; the file says the same as the page."""

import re
from html import unescape
from io import BytesIO

import openpyxl
import pytest
from django.test import Client

from tests.worlds import world
from yinuo.complaints.tests.conftest import Walk, build
from yinuo.kernel import clock


@pytest.fixture
def sun(client_of):
    return client_of("sun")


def text_of(response) -> str:
    return response.content.decode()


@world
def firm():
    """The company with cases at several stages, all of this month."""
    firm = build()
    for stage in ("received", "assessed", "offered", "closed", "closed"):
        Walk(firm, product="机油" if stage == "closed" else "").to(stage)
    Walk(firm, severity="critical")
    return firm


@pytest.fixture
def month() -> str:
    return f"{clock.now().astimezone(clock.CST):%Y-%m}"


def test_each_figure_opens_its_rows(sun, month) -> None:
    page = text_of(sun.get(f"/reports/?month={month}"))
    stats = re.findall(
        r'<a class="y-stat"[^>]*href="([^"]+)">.*?y-stat-label">(.*?)<.*?y-stat-value">([\d,]+)<', page, re.S
    )
    counted = [(href, label, number) for href, label, number in stats if "均" not in label]
    rows = re.findall(r'<td class="num"><a href="([^"]+)">([\d,]+)</a>', page)
    assert len(counted) >= 8 and len(rows) >= 12
    every = re.findall(r'class="y-stat"', page)
    linked = re.findall(r'<a class="y-stat"[^>]*href="/complaints/[?]', page)
    assert len(every) == len(linked) == 16, "no figure without its rows"
    for href, number in [(h, n) for h, _l, n in counted] + rows:
        listed = text_of(sun.get(unescape(href)))
        assert f"共 {number} 条" in listed, (href, number)


def test_months_and_units(sun, month, firm) -> None:
    assert "这个月没有收到投诉" in text_of(sun.get("/reports/?month=2020-01"))
    answer = sun.get("/reports/?month=drop-table")
    assert answer.status_code == 422 and "月份不对" in text_of(answer)
    assert sun.get(f"/reports/?month={month}&unit={firm.units['store'].pk}").status_code == 200
    assert sun.get("/reports/?unit=abc&month=9999999-1").status_code in (200, 422)


def test_the_file_says_what_the_page_says(sun, month) -> None:
    answer = sun.post("/reports/export/", {"month": month})
    book = openpyxl.load_workbook(BytesIO(answer.content))
    assert (
        "spreadsheet" in answer.headers["Content-Type"] and "filename*=UTF-8''" in answer.headers["Content-Disposition"]
    )
    cells = [cell for row in book.worksheets[0].iter_rows(values_only=True) for cell in row]
    assert 6 in cells
    rows = sun.post("/complaints/export/?open=1")
    sheet = openpyxl.load_workbook(BytesIO(rows.content)).worksheets[0]
    numbers = [c for row in sheet.iter_rows(values_only=True) for c in row if isinstance(c, str) and c.startswith("TS")]
    assert len(numbers) == 4, "exactly what the list shows"


def test_reports_need_a_right_and_exports_another(firm, month) -> None:
    wang = Client()
    wang.force_login(firm.staff["wang"])
    assert wang.get("/reports/").status_code == 403
    assert wang.post("/reports/export/", {"month": month}).status_code == 403
    assert wang.post("/complaints/export/").status_code == 403
