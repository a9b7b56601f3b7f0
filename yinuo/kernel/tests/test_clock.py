"""What moments the product reckons with."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from yinuo.kernel.clock import CST, of_our_time


@pytest.mark.parametrize(("year", "zone", "good"), [
    (2026, CST, True), (2026, UTC, True), (1900, CST, True), (1899, CST, False), (3000, UTC, False), (9999, UTC, False),
    (2026, timezone(timedelta(hours=15, minutes=59)), True), (2026, timezone(timedelta(hours=16)), False),
    (2026, timezone(timedelta(hours=-23, minutes=-59)), False), (2026, None, True),
])  # fmt: skip
def test_what_no_database_takes_is_no_time_of_ours(year, zone, good) -> None:
    assert of_our_time(datetime(year, 6, 1, tzinfo=zone)) is good
