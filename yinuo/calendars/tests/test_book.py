from datetime import date

import pytest

from yinuo.calendars.book import (
    CalendarBook,
    DayChange,
    Week,
    WeekChange,
    YearChange,
    read_hours,
    read_week,
    write_hours,
)
from yinuo.calendars.rules import OFFICE, SpecialDay


def test_the_nearest_unit_has_the_last_word() -> None:
    late = Week((((13 * 60, 21 * 60),),) * 7, open_on_holidays=True)
    book = (
        CalendarBook()
        .changed(WeekChange(7, late))
        .changed(DayChange(None, date(2026, 3, 4), SpecialDay(False, "厂庆")))
    )
    book = book.changed(DayChange(9, date(2026, 3, 4), SpecialDay(True, "值班", ((600, 660),)))).changed(
        YearChange(2027, True)
    )
    assert book.calendar((1, 2)).hours(date(2026, 3, 5)) == OFFICE
    assert book.calendar((1, 7)).hours(date(2026, 10, 1)) == ((13 * 60, 21 * 60),)
    assert book.calendar((1, 7)).hours(date(2026, 3, 4)) == ()
    assert book.calendar((1, 7, 9)).hours(date(2026, 3, 4)) == ((600, 660),)
    assert book.calendar().hours(date(2027, 3, 4)) == OFFICE
    back = book.changed(WeekChange(7, None)).changed(YearChange(2027, False))
    assert back.calendar((1, 7)).week == CalendarBook().calendar().week
    assert 2027 not in back.years


def test_hours_are_read_and_written() -> None:
    assert write_hours(read_hours([["09:00", "12:00"], ["13:30", "24:00"]])) == [["09:00", "12:00"], ["13:30", "24:00"]]
    assert read_week([[["08:00", "20:00"]]] * 7).hours[6] == ((480, 1200),)


@pytest.mark.parametrize(
    "bad", [[["12:00", "09:00"]], [["09:00", "12:00"], ["11:00", "18:00"]], [["9", "12:00"]], [["09:00", "25:00"]],
            [["09:60", "12:00"]], [["x:y", "12:00"]], [["00:00", "01:00"]] * 2],
)  # fmt: skip
def test_impossible_hours_are_refused(bad: list[list[str]]) -> None:
    with pytest.raises(ValueError):
        read_hours(bad)


def test_a_week_needs_an_open_day() -> None:
    for bad in ([[]] * 7, [[["09:00", "12:00"]]] * 6):
        with pytest.raises(ValueError):
            read_week(bad)
