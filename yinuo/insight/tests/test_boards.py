"""Figures against a world counted by hand, and each beside the very rows it counts."""

from dataclasses import replace
from datetime import date

import pytest

from tests.worlds import world
from yinuo.complaints.tests.conftest import NOW, build
from yinuo.identity.queries import units
from yinuo.insight.queries.frame import Frame, below, read_frame
from yinuo.insight.queries.leader import leader_board
from yinuo.insight.queries.slices import SLICES, Cut, read_cut
from yinuo.insight.queries.team import oldest, team_board
from yinuo.insight.queries.wall import wall
from yinuo.insight.rules.period import Period, preset
from yinuo.insight.tests.world import fill
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as

BOARDS = {"team": team_board, "leader": leader_board}


@world
def counted():
    with clock.frozen(NOW):
        firm = build()
        firm.made = fill(firm)
    return firm


@pytest.fixture
def frame():
    return Frame(preset("d30", date(2026, 11, 23)), NOW)


def figures(board):
    return {f.key: f for f in board.figures}


def table(board, key):
    chart = next(c for c in board.charts if c.key == key)
    return {line.label: [cell.text for cell in line.cells] for line in chart.lines}


def test_the_team_board_counts_right(counted, frame) -> None:
    with acting_as(counted.qian):
        board = team_board(frame, units())
        waiting = [number for _pk, number, *_rest in oldest(frame)]
    found = figures(board)
    assert {k: f.cell.text for k, f in found.items()} | {
        "open": "3", "late": "1", "risk": "1", "today": "1", "received_today": "1", "closed_today": "0",
        "on_time_week": "—", "on_time": "60.0%", "reopened": "1", "recurred": "1",
    } == {k: f.cell.text for k, f in found.items()}  # fmt: skip
    assert (found["on_time"].hint, found["reopened"].hint, found["recurred"].hint) == ("3 / 5", "1 / 5", "1 / 2")
    # answered after 3, 6 and 1 hours, and one late after 50: half within 3, nine tenths within 50
    assert found["responded_median"].hint == "自然时间 3 小时 · 4 件"
    assert found["responded_p90"].hint == "自然时间 50 小时 · 4 件"
    assert waiting == ["T004", "T000", "T005"]
    assert table(board, "load") == {
        "王芳": ["2", "1", "1"], "无人负责": ["1", "0", "0"],
    }  # fmt: skip
    assert table(board, "standards") == {
        "标准 answer": ["2", "2", "50.0%"], "标准 first_answer": ["0", "1", "100.0%"],
    }  # fmt: skip
    assert table(board, "channel")["电话"] == ["4", "50.0%"]
    assert sum(cell.value for line in board.charts[0].lines for cell in line.cells[:1]) == 8


def test_the_leader_board_counts_right(counted, frame) -> None:
    with acting_as(counted.qian):
        board = leader_board(frame, units())
    found = figures(board)
    assert {k: f.cell.text for k, f in found.items()} == {
        "received": "8", "complaints": "5", "closed": "5", "on_time": "60.0%", "satisfied": "75.0%", "reopened": "20.0%",
        "paid": "¥1,200.00", "escalated": "2", "external": "1", "published": "1",
    }  # fmt: skip
    assert found["satisfied"].hint == "3 / 4 · 回访 3，问卷 1"
    assert table(board, "sources") == {"回访": ["66.7%", "2", "3"], "问卷": ["100.0%", "1", "1"]}
    before, year = found["received"].beside
    assert (before[1].text, year[1].text) == ("1", "1")
    assert found["paid"].beside[0][1].text == "¥50.00"
    assert table(board, "reasons") == {
        "缺陷": ["2", "40.0%"], "未评审": ["1", "60.0%"], "服务": ["1", "80.0%"], "包装": ["1", "100.0%"],
    }  # fmt: skip
    assert table(board, "ranking")["投诉中心"] == ["60.0%", "23%–88%", "5"]
    assert table(board, "trend")["2026-11"] == ["8", "5"]


NARROWED = [{}, {"unit": "desk"}, {"unit": "hq"}, {"trade": "complaint"}, {"channel": "phone"}, {"kind": "product"}]


@pytest.mark.parametrize("board", BOARDS)
def test_each_number_is_that_of_its_rows(board, counted, frame) -> None:
    """Whatever narrows the board, and read back from the address of the link."""
    with acting_as(counted.qian):
        everywhere = units()
        for narrowing in NARROWED:
            given = dict(narrowing)
            if code := given.pop("unit", ""):
                pk = counted.units[code].pk
                given |= {"unit": pk, "unit_ids": below(pk, everywhere)}
            made = BOARDS[board](replace(frame, **given), everywhere)
            asked = {tuple(sorted(cell.cut.query().items())): cell.rows for cell in made.cells() if cell.cut}
            told = {}
            for address in asked:
                params = dict(address)
                cut = read_cut(params, read_frame(params, everywhere, NOW, usual="d30"))
                told[address] = cut.rows().count() if asked[address] or len(told) % 5 == 0 else 0
            assert len(asked) > 15 and told == asked, narrowing


def test_everybody_is_counted_only_what_they_see(counted, frame) -> None:
    with acting_as(counted.sun):  # sees the desk
        team = figures(team_board(frame, units()))
    assert (team["open"].cell.rows, team["late"].cell.rows) == (2, 1)


def test_the_wall_names_nobody(counted, frame) -> None:
    with acting_as(counted.qian):
        said = wall(frame)
    assert [b.text for b in said] == ["1", "1", "1", "3", "1", "0", "—"]


def test_what_an_address_may_ask(counted) -> None:
    with acting_as(counted.qian):
        everywhere = units()
        for params, sentence in [
            ({"period": "own", "from": "2026-02-30", "to": "2026-03-01"}, "日期不对"),
            ({"period": "own", "from": "0001-01-01", "to": "9999-12-31"}, "日期不对"),
            ({"period": "own", "from": "2026-03-02", "to": "2026-03-01"}, "早于"),
            ({"from": "2000-01-01", "to": "2026-03-01"}, "三年"),
            ({"period": "'; drop"}, "没有这样的期间"),
            ({"unit": "-1"}, "没有这个部门"),
            ({"unit": "9" * 40, "kind": "\x00"}, "没有这个部门"),
        ]:
            frame = read_frame(params, everywhere, NOW, usual="d30")
            assert sentence in "".join(frame.wrong), params
            assert frame.period == preset("d30", date(2026, 11, 23)) and frame.unit is None
        frame = read_frame({"from": "2024-02-29", "to": "2024-02-29"}, everywhere, NOW, usual="d30")
        assert frame.period == Period(date(2024, 2, 29), date(2024, 2, 29)) and not frame.wrong
    assert read_cut({"what": "nothing"}, frame) is None and read_cut({"what": "open", "by": "secret"}, frame) is None


def test_each_slice_narrows_by_everything(counted, frame) -> None:
    with acting_as(counted.qian):
        for what in SLICES:
            whole = Cut(what, frame).rows().count()
            parts = [Cut(what, replace(frame, channel=c)).rows().count() for c in ("phone", "email", "visit", "letter")]
            assert sum(parts) == whole > 0, what
