"""大屏 and what is taken out of a board: a link shows figures and nothing else, until it ends; files say what the page says."""

from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
from django.test import Client

from tests.worlds import world
from yinuo.complaints.tests.conftest import NOW, build
from yinuo.insight.models import Display, ReportPlan
from yinuo.insight.queries.keeping import display_token
from yinuo.insight.tests.world import fill
from yinuo.kernel import clock
from yinuo.kernel.command import permit_writes
from yinuo.kernel.models import AuditEntry
from yinuo.kernel.tokens import sign
from yinuo.web.pages import walls

PART = {"X-Part": "live", "HX-Request": "true"}


@world
def firm():
    with clock.frozen(NOW):
        firm = build()
        firm.made = fill(firm)
    return firm


@pytest.fixture(autouse=True)
def at_that_time(firm):
    with clock.frozen(NOW):
        yield


@pytest.fixture
def link(client_of):
    answer = client_of("sun").post("/boards/displays/new/", {"name": "大厅 <b>", "days": "30", "unit_id": ""})
    assert answer.status_code == 303
    return f"/screen/{display_token(Display.unscoped.get())}/"


def test_a_link_shows_figures_and_nothing_else(link, firm) -> None:
    screen = Client()
    page = screen.get(link)
    text = page.content.decode()
    assert page.status_code == 200 and 'data-bs-theme="dark"' in text and "no-store" in page["Cache-Control"]
    assert "已逾期" in text and "大厅 &lt;b&gt;" in text
    for secret in ("陈建国", "138", "事项 0", "王芳", "孙主管", "T000", "/boards/", "/complaints/"):
        assert secret not in text.replace(link, "")
    part = screen.get(link, headers=PART).content.decode()
    assert "<html" not in part and 'class="y-big-value">2<' in part  # open ones the maker sees
    row = Display.unscoped.get()
    assert (row.opened, row.seen_from) == (1, "127.0.0.1")
    assert AuditEntry.unscoped.filter(command="display.open", data__contains={"from": "127.0.0.1"}).count() == 1
    assert screen.get(link + "ticket/").json()["me"] is None
    assert [screen.get(path).status_code for path in ("/boards/team/", "/boards/wall/")] == [302, 302]


@pytest.mark.parametrize("how", ["revoked", "expired", "left", "grant", "forged", "other"])
def test_a_link_that_ended_shows_nothing(how, link, firm, client_of) -> None:
    at = NOW
    if how == "revoked":
        assert client_of("sun").post(f"/boards/displays/{Display.unscoped.get().pk}/revoke/").status_code == 303
    if how == "expired":
        at = NOW + timedelta(days=31)
    with permit_writes("test"):
        if how == "left":
            firm.staff["sun"].is_active = False
            firm.staff["sun"].save()
        if how == "grant":
            firm.staff["sun"].roles.clear()
    if how == "forged":
        link = link[:-4] + "AAA/"
    if how == "other":
        link = f"/screen/{sign('live', Display.unscoped.get().pk, NOW + timedelta(days=1))}/"
    with clock.frozen(at):
        page = Client().get(link)
        assert page.status_code == 410 and "失效" in page.content.decode() and "y-big" not in page.content.decode()
        assert Client().get(link + "ticket/").status_code == 403


def test_tries_are_bounded(link, monkeypatch) -> None:
    monkeypatch.setattr(walls, "TRIES", 2)
    assert [Client().get(link).status_code for _n in range(4)] == [200, 200, 429, 429]


def test_links_and_schedules_are_their_makers(link, client_of) -> None:
    page = client_of("sun").get("/boards/displays/").content.decode()
    assert link in page and link in client_of("qian").get("/boards/displays/").content.decode()
    assert client_of("wang").get("/boards/displays/").status_code == 403
    refused = client_of("sun").post("/boards/displays/new/", {"name": "", "days": "9999", "unit_id": "77"})
    assert refused.status_code == 422 and "请填写屏幕名称" in refused.content.decode()


@pytest.mark.parametrize(
    ("who", "path", "statements"),
    [("qian", "/boards/wall/", 5), ("qian", "/boards/displays/", 5), ("qian", "/boards/schedules/", 8)],
)
def test_statements(who, path, statements, client_of, django_assert_num_queries) -> None:
    client = client_of(who)
    for rows in (1, 2):
        for _n in range(rows):
            _keep(client)
        with django_assert_num_queries(statements):
            assert client.get(path).status_code == 200


def _keep(client) -> None:
    assert client.post("/boards/displays/new/", {"name": "屏", "days": "7", "unit_id": ""}).status_code == 303
    me = str(client.session["_auth_user_id"])
    values = {
        "title": "月报",
        "recipient_ids": [me],
        "day": "1",
        "hour": "08:30",
        "formats": ["xlsx"],
        "active": "yes",
    }
    assert client.post("/boards/schedules/new/", values).status_code == 303


def test_a_schedule_from_the_page(client_of, firm) -> None:
    qian = client_of("qian")
    _keep(qian)
    plan = ReportPlan.unscoped.get()
    page = qian.get("/boards/schedules/").content.decode()
    assert "没有登记邮箱" in page and "还没有能发信的邮箱" in page and "2026-12-01 周二 08:30" in page
    edit = f"/boards/schedules/{plan.pk}/"
    assert "每月服务" in qian.get(edit).content.decode() or "月报" in qian.get(edit).content.decode()
    assert qian.post(edit, {"title": "x", "hour": "25:99", "day": "0"}).status_code == 422
    assert qian.post(f"{edit}send/").status_code == 409, "who has no address is told"
    assert client_of("sun").get(edit).status_code == 404
    assert qian.post(f"{edit}delete/").status_code == 303 and not ReportPlan.unscoped.exists()


def test_files_say_what_the_board_says(client_of, firm) -> None:
    qian = client_of("qian")
    asked = {"period": "own", "from": "2026-10-25", "to": "2026-11-23"}
    answer = qian.post("/boards/leader/export/xlsx/", asked)
    assert answer.status_code == 200 and "filename*=UTF-8''" in answer["Content-Disposition"]
    book = openpyxl.load_workbook(BytesIO(answer.content))
    told = {row[0]: row[1] for row in book.worksheets[0].iter_rows(values_only=True)}
    assert (told["收到事项"], told["承诺按时率"], told["补偿合计"]) == ("8", "60.0%", "¥1,200.00")
    ranking = [r for r in book["部门排名"].iter_rows(values_only=True) if r[0] == "投诉中心"]
    assert ranking == [("投诉中心", 0.6, "23%–88%", 5)]
    assert qian.post("/boards/team/export/xlsx/", {**asked, "unit": "999"}).status_code == 422
    assert qian.post("/boards/team/export/exe/", asked).status_code == 404
    assert client_of("wang").post("/boards/team/export/xlsx/", asked).status_code == 403
    assert AuditEntry.unscoped.filter(command="board.export", subject_type="board.leader").count() == 1


def test_a_board_as_pdf(client_of, firm) -> None:
    from pypdf import PdfReader

    answer = client_of("qian").post(
        "/boards/leader/export/pdf/", {"period": "own", "from": "2026-10-25", "to": "2026-11-23"}
    )
    assert answer.status_code == 200, answer.content[:300]
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)
    text = text.replace(" ", "")
    assert "经营看板" in text and "60.0%" in text and "缺陷" in text
