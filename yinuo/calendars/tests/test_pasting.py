"""Days off as people paste them: the notice itself, a list, and what cannot be understood, said line by line."""

from datetime import date

import pytest

from yinuo.calendars.book import CalendarBook, DaysChange, runs
from yinuo.calendars.pasting import read_days

NOTICE = """一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。"""


def shown(text: str, year: int = 2026) -> list[tuple[str, str, str, str]]:
    read = read_days(text, year)
    assert read.wrong == ()
    return [
        (f"{first:%m%d}", f"{last:%m%d}", "back" if day is None else "work" if day.working else "off", day.name if day else "")
        for first, last, day in runs(tuple(read.days.items()))
    ]  # fmt: skip


def test_the_notice_of_the_state_council_is_understood_as_published() -> None:
    assert shown(NOTICE) == [
        ("0101", "0103", "off", "元旦"), ("0104", "0104", "work", "元旦"), ("0214", "0214", "work", "春节"),
        ("0215", "0223", "off", "春节"), ("0228", "0228", "work", "春节"),
    ]  # fmt: skip
    book = CalendarBook().changed(DaysChange(None, tuple(read_days(NOTICE, 2026).days.items())))
    law = CalendarBook().calendar()
    for on in book.days[None]:
        assert book.calendar().is_working(on) == law.is_working(on), on


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("2027-05-01 至 2027-05-05 劳动节 休息", ("0501", "0505", "off", "劳动节")),
        ("2027/5/8 劳动节 上班", ("0508", "0508", "work", "劳动节")),
        ("2027.6.1\t厂庆", ("0601", "0601", "off", "厂庆")),
        ("2027-01-05~2027-01-06 盘点", ("0105", "0106", "off", "盘点")),
        ("2027-08-01 - 2027-08-03 休年假", ("0801", "0803", "off", "休年假")),
        ("12月31日至1月2日 跨年", ("1231", "0102", "off", "跨年")),
        ("2027年3月3日 恢复", ("0303", "0303", "back", "")),
        ("2027-01-01 to 2027-01-03 New Year", ("0101", "0103", "off", "New Year")),
        ("2027-01-04 New Year working", ("0104", "0104", "work", "New Year")),
        ("60周年：6月1日、6月2日放假", ("0601", "0602", "off", "60周年")),
    ],
)
def test_a_line(line: str, found: tuple[str, str, str, str]) -> None:
    assert shown(line, 2027) == [found]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("元旦放假", ["第 1 行：没有看到日期"]),
        ("2027-01-01 元旦\n\n2027-02-30 春节", ["第 3 行：没有 2027 年 02 月 30 日"]),
        ("2027-05-09 至 2027-05-01 劳动节", ["第 1 行：2027-05-01 早于 2027-05-09"]),
        ("1月1日、2日、3日放假", ["第 1 行：没有看懂“2日”"]),
        ("2027-05-01 放假\n2027-05-01 上班", ["第 2 行：2027-05-01 在第 1 行写的安排不一样"]),
        ("2027-01-01 至 2029-01-01 放假", ["第 1 行：从 2027-01-01 到 2029-01-01 超过一年"]),
        ("2020-01-01 至 2020-12-31 x\n2021-01-01 至 2021-12-31 x\n2022-01-01 至 2022-12-31 x", ["一次最多录入 732 天"]),
    ],
)
def test_what_cannot_be_meant_is_said_and_nothing_guessed(text: str, wrong: list[str]) -> None:
    said = read_days(text, 2027).wrong
    assert len(said) == len(wrong) and all(one.startswith(start) for one, start in zip(said, wrong, strict=True)), said


def test_days_on_end_that_are_alike_are_one_run() -> None:
    days = read_days("2026-01-01 至 2026-01-03 元旦\n2026-01-04 元旦\n2026-01-05 别的", 2026).days
    assert [(first.day, last.day) for first, last, _day in runs(tuple(days.items()))] == [(1, 4), (5, 5)]
    assert date(2026, 1, 4) in days


def test_a_name_too_long_to_keep_is_said_of_its_line() -> None:
    (said,) = read_days(f"2027-05-01 {'长' * 41}", 2027).wrong
    assert said.startswith("第 1 行：") and "最多 40 个字" in said
