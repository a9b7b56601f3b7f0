"""A short run: whatever happens to be killed, nothing acknowledged is lost or doubled. The long run is `python -m tests.faults.run`."""

import pytest

from tests.faults.harm import kill_several
from tests.faults.interference import stopped
from tests.faults.run import run

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket]


def test_nothing_acknowledged_is_lost_while_parts_are_killed_and_answers_do_not_arrive():
    harms = [kill_several, stopped("web", "deaf")]
    report = run(2, seed=46, pause=(2.0, 4.0), pace=1.0, choose=lambda _stage: harms)
    assert report.good, (report.verdict, report.books, report.left, report.troubles)
    assert report.done.total() == len(report.done) == 2
    assert sum(report.acknowledged.values()) > 20
    assert all(report.acknowledged.get(kind) for kind in ("accepted", "whole", "letter", "promise", "form"))
    assert report.verdict.checked["rungs due"] and report.verdict.checked["news on an open page"]
