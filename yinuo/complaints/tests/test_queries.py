"""Reads: right, scoped, and of a literal number of statements."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from yinuo.complaints import commands as c
from yinuo.complaints import queries as q
from yinuo.complaints.models import Complaint
from yinuo.complaints.queries.listing import filtered
from yinuo.complaints.tests.conftest import later
from yinuo.kernel.actor import acting_as
from yinuo.kernel.command import permit_writes
from yinuo.kernel.errors import Denied
from yinuo.kernel.models import AuditEntry

pytestmark = pytest.mark.django_db


def counted(call):
    with CaptureQueriesContext(connection) as seen:
        call()
    return len(seen)


@pytest.mark.parametrize("rows", [1, 3])
def test_statement_counts_do_not_grow_with_rows(walk, firm, rows):
    for _n in range(rows):
        case = walk().to("callback")
    with acting_as(firm.wang):
        for _n in range(rows):
            c.reply(complaint_id=case.id, text="正在核实")
            c.record_callback(complaint_id=case.id, reached=False, by=firm.li)
            c.plan_correction(
                complaint_id=case.id, root_cause="温度", action="温控", due_on="2026-12-01", check_on="2026-12-20"
            )
    with acting_as(firm.wang):
        assert counted(lambda: q.complaints_page()) == 2
        assert counted(lambda: q.complaints_page({"q": "机油", "overdue": "1", "grade": "A", "open": "1"})) == 2
        assert counted(lambda: q.board()) == 3
        assert counted(lambda: q.stage_counts()) == 1
        assert counted(lambda: q.detail(case.id)) == 6
        assert counted(lambda: q.detail(case.id, entries=0)) == 5
        assert counted(lambda: q.aftermath(case.id)) == 1
        assert counted(lambda: q.facts(case.id)) == 1
        assert counted(lambda: q.similar_cases("机油异响", ended_only=False)) == 2
        assert counted(lambda: q.monthly_report("2026-11")) == 4
        assert counted(lambda: q.guidance("received")) == 0


def test_pages_follow_each_other_without_gap_or_overlap(walk, firm):
    made = [walk(content=f"第 {n} 件").id for n in range(7)]
    with acting_as(firm.wang):
        seen, cursor = [], ""
        while True:
            page = q.complaints_page(cursor=cursor, size=3)
            seen += [r.id for r in page.rows]
            assert page.count == 7 and not page.more
            cursor = page.next_cursor
            if not cursor:
                break
    assert seen == made[::-1]


def test_filters_choose_what_they_say(walk, firm):
    a = walk(product="5W-30", severity="serious", content="发动机异响要求退款")
    b = walk(channel="email", content="包装破损")
    b.acknowledge()
    with acting_as(firm.wang):
        c.assess(complaint_id=b.id, judgement="partly", kind="product", subkind="packaging", risks=["media"])

        def ids(**filters):
            return {r.id for r in q.complaints_page(filters).rows}

        assert ids(q="异响") == ids(product="5W-30") == ids(severity="serious") == ids(channel="phone") == {a.id}
        assert (
            ids(stage="assessed") == ids(subkind="packaging") == ids(risk="media") == ids(judgement="partly") == {b.id}
        )
        assert ids(kind="none") == {a.id}
        assert (
            ids(owner=str(firm.wang.id)) == ids(mine="1") == ids(open="1") == ids(satisfaction="none") == {a.id, b.id}
        )
        assert ids(open="0") == ids(owner="none") == ids(received_to="2026-11-22") == set()
        assert ids(received_from="2026-11-23", received_to="2026-11-23") == {a.id, b.id}
    with acting_as(firm.cang):
        assert {r.id for r in q.complaints_page().rows} == set()


def test_the_board_counts_and_shows(walk, firm):
    a, b = walk(), walk().to("investigating")
    walk().to("closed")
    with acting_as(firm.wang):
        columns = {stage: (count, [r.id for r in rows]) for stage, _label, count, rows in q.board()}
    assert columns["received"] == (1, [a.id]) and columns["investigating"] == (1, [b.id])
    assert "closed" not in columns and columns["offered"] == (0, [])


def test_the_matter_page_says_what_to_do_and_what_is_missing(walk, firm):
    case = walk().to("acknowledged")
    with acting_as(firm.wang):
        d = q.detail(case.id)
    assert [m.move.name for m in d.moves] == ["assess", "withdraw"]
    assert d.moves[0].missing == ("登记内容尚未向客户复述", "尚未判断投诉是否成立", "尚未选择投诉类别")
    assert [s.label for s in d.steps if s.here] == ["告知"] and [s.label for s in d.steps if s.done] == ["受理"]
    assert d.guidance.title.startswith("告知") and not d.may_call_back and d.may_promise
    with acting_as(firm.li):
        assert q.detail(case.id).may_call_back


def test_similar_cases_are_found_and_ranked(walk, firm):
    past = walk(content="5W-30 机油使用一周后发动机异响，要求退款").to("closed")
    walk(content="快递员态度恶劣，包装破损").to("closed")
    now = walk(content="换了机油之后发动机有异响")
    with acting_as(firm.wang):
        found = q.similar_cases(now.row.content, exclude_id=now.id)
    assert found[0].complaint.pk == past.id and found[0].likeness > 0 and "异响" in found[0].shared
    with acting_as(firm.wang):
        assert q.similar_cases("") == q.similar_cases("🙂") == []


def test_every_figure_of_the_report_opens_its_rows(walk, firm):
    walk(product="5W-30").to("closed")
    bad = walk(channel="email").to("callback")
    bad.call_back(1)
    walk(content="旧的")
    with acting_as(firm.zhao):
        report = q.monthly_report("2026-11")
        figures = [*report.figures, *(f for t in report.tables for f in t.figures), *(f for _s, f in report.pareto)]
        for figure in figures:
            if isinstance(figure.value, int):
                assert filtered(figure.filters).count() == figure.value, figure
        value = {f.key: f.value for f in report.figures}
        behind = {f.key: filtered(f.filters) for f in report.figures}
        assert sum(r.agreed_total for r in behind["paid"]) == value["paid"]
        assert (behind["outcome"].count(), behind["treatment"].count(), behind["mean"].count()) == (2, 2, 1)
        assert value["before"] == behind["before"].count() == 0
        assert (value["all"], value["closed"], value["reopened"], value["paid"]) == (3, 1, 1, Decimal("600.00"))
        assert (value["satisfied"], value["mean"]) == (1, 5.0)
        assert sum(s.count for s, _f in report.pareto) == 3
        assert report.first == date(2026, 11, 1) and (report.previous, report.following) == ("2026-10", "2026-12")
        assert q.monthly_report("2026-10").figures[0].value == 0


def test_a_share_is_of_the_whole_month_also_when_not_everything_is_listed(walk, firm):
    for n in range(18):
        walk(product=f"产品{n:02}")
    walk(product="产品00")
    with acting_as(firm.zhao):
        products = next(t for t in q.monthly_report("2026-11").tables if t.key == "product").figures
    assert len(products) == 15 and [f.share for f in products[:2]] == [2 / 19, 1 / 19]


def test_in_the_file_only_shares_are_percentages(walk, firm):
    walk(product="机油").to("closed")
    with permit_writes("test"):
        Complaint.unscoped.update(received_at=later(hours=-12))  # closed within a day: 0.5 days are not 50 %
    with acting_as(firm.sun):
        sheet = openpyxl.load_workbook(BytesIO(c.export_report(month="2026-11"))).worksheets[0]
        report = {f.label: f.value for f in q.monthly_report("2026-11").figures}
    lines = [line for line in sheet.iter_rows(min_row=2) if line[0].value in report]
    assert len(lines) == len(report) and report["平均办结天数"] > 0
    assert not [line[0].value for line in lines if "%" in line[1].number_format]
    assert [line[2].number_format for line in lines if line[2].value is not None] == ["0.0%"] * 7


def test_the_export_holds_the_figures_and_no_formula(walk, firm):
    case = walk(content='=HYPERLINK("http://evil","点我")', product="@SUM(1+1)")
    with permit_writes("test"):
        Complaint.unscoped.filter(pk=case.id).update(product="+cmd|' /C calc'!A0")
    with acting_as(firm.wang), pytest.raises(Denied):
        c.export_list()
    with acting_as(firm.sun):
        sheets = [openpyxl.load_workbook(BytesIO(data)) for data in (c.export_list(), c.export_report(month="2026-11"))]
    cells = [
        cell
        for book in sheets
        for sheet in book
        for line in sheet.iter_rows()
        for cell in line
        if cell.value is not None
    ]
    assert not [
        cell.value for cell in cells if cell.data_type == "f" or str(cell.value).startswith(("=", "+", "-", "@"))
    ]
    text = [str(cell.value) for cell in cells]
    assert case.row.matter.number in text and any("孙主管" in t and "仅限内部使用" in t for t in text)
    assert AuditEntry.unscoped.filter(command__startswith="complaint.export").count() == 2


def test_the_month_ends_at_midnight_in_china(walk, firm):
    case = walk()
    for moment, month in ((later(days=7, hours=13, minutes=59), "2026-11"), (later(days=7, hours=14), "2026-12")):
        with permit_writes("test"):
            Complaint.unscoped.filter(pk=case.id).update(received_at=moment)
        with acting_as(firm.wang):
            assert q.monthly_report(month).figures[0].value == 1


def test_registering_takes_a_fixed_number_of_statements(firm):
    given = {"channel": "phone", "content": "漏油" * 500, "name": "陈建国", "phone": "13812345678"}
    with acting_as(firm.wang):
        counts = {counted(lambda: c.register(**given, product="5W-30")) for _n in range(3)}
    assert counts == {13}
