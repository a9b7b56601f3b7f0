"""National holidays and make-up working days of China, from the yearly notices in `chinese-calendar`."""

from datetime import date
from functools import cache

from chinese_calendar import constants

from yinuo.calendars.rules import SpecialDay


@cache
def national_days() -> dict[date, SpecialDay]:
    """Every day that departs from the plain week, with the holiday it belongs to."""
    days = {day: SpecialDay(False, _chinese(name)) for day, name in constants.holidays.items()}
    days.update({day: SpecialDay(True, _chinese(name)) for day, name in constants.workdays.items()})
    return days


@cache
def national_years() -> frozenset[int]:
    return frozenset(day.year for day in constants.holidays)


def _chinese(english: str) -> str:
    """One notice can join two holidays; each is named."""
    names = {holiday.value: holiday.chinese for holiday in constants.Holiday}
    return "、".join(names.get(part.strip(), part.strip()) for part in english.split(","))
