"""Rounds of harm under load, then the reckoning. `python -m tests.faults.run --rounds 200 --seed 7 --report report.json`"""

import argparse
import contextlib
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from tests.faults.harm import Harm, harms
from tests.faults.ledger import Ledger
from tests.faults.listening import Page
from tests.faults.load import SHORT, Load
from tests.faults.reckoning import Verdict, reckon
from tests.faults.stage import Stage

#: Seconds in which nothing changes: a job has been taken over from a dead worker, a mailbox visited after its longest rest.
STILL = 420.0
#: At the end the clock is set on so far: what waits for its next try, for a dead worker's claim, for its time is due.
LATER = timedelta(hours=3)


@dataclass
class Report:
    rounds: int
    seed: int
    database: str = "embedded"
    jumps: bool = False
    done: Counter[str] = field(default_factory=Counter)
    restarts: int = 0
    acknowledged: dict[str, int] = field(default_factory=dict)
    answers: dict[str, dict[str, int]] = field(default_factory=dict)
    verdict: Verdict = field(default_factory=Verdict)
    books: str = ""
    page: dict[str, int] = field(default_factory=dict)
    #: Processes of the installation that outlived it.
    left: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        return self.verdict.good and not self.books and not self.left and not self.troubles


def run(
    rounds: int, seed: int, *, pause: tuple[float, float] = (2.0, 6.0), choose: Callable[[Stage], list[Harm]] = harms, pace: float = 0.6, outside: bool = False,
    jumps: bool = False, stage: Stage | None = None, still: float = STILL,
) -> Report:  # fmt: skip
    dice, began = random.Random(seed), time.monotonic()
    report = Report(rounds, seed, "outside" if outside else "embedded", jumps)
    stage = stage or Stage(size="900m", outside=outside, jumps=jumps)
    try:
        stage.open()
        ledger = Ledger(stage.folder / "ledger.jsonl")
        load, page = Load(stage, ledger, pace), Page(stage, ledger)
        page.begin()
        load.begin()
        deck: list[Harm] = []
        for n in range(rounds):
            time.sleep(dice.uniform(*pause))
            deck = deck or dice.sample(known := choose(stage), len(known))
            what = deck.pop()(stage, dice)
            report.done[what] += 1
            print(f"{n + 1:4} {what}", flush=True)
            stage.wait_for_web(120)
        load.end()
        if stage.clock:
            stage.clock.set(stage.clock.furthest + LATER)
        else:
            time.sleep(SHORT.total_seconds())
        report.verdict, report.books = settled(stage, ledger, page, still)
        page.end()
        report.left = stage.left()
        report.acknowledged, report.answers = ledger.counts(), ledger.tries()
        report.troubles, report.restarts = ledger.troubles, stage.restarts
        report.page = {"streams": page.streams, "resets": page.resets}
    finally:
        stage.close()
    report.seconds = time.monotonic() - began
    return report


def settled(stage: Stage, ledger: Ledger, page: Page, still: float) -> tuple[Verdict, str]:
    """The books, once they agree or the installation has come to rest: nothing changed for `still` seconds."""
    verdict, books, changed = Verdict(), "never asked", time.monotonic()
    while time.monotonic() - changed < still:
        with contextlib.suppress(OSError):
            before, verdict = verdict, reckon(stage, ledger, page)
            changed = changed if verdict.faults == before.faults else time.monotonic()
            books = reconciled(stage) if verdict.good else "not asked"  # a second witness, the product's own
            if (verdict.good and not books) or verdict.doubled:  # what is there twice stays so
                break
        time.sleep(3)
    return verdict, books


def reconciled(stage: Stage) -> str:
    """What `yinuo reconcile` has against this installation; nothing is good."""
    done = stage.run("-m", "yinuo", "reconcile", "--whole", "--grace", "2")
    return "" if done.returncode == 0 else done.stdout + done.stderr


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=20)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--only", default="", help="harms whose name contains this")
    options.add_argument("--outside", action="store_true", help="the database is a server of its own, behind a network")
    options.add_argument("--clock", action="store_true", help="the time of day is set, too (needs a C compiler)")
    options.add_argument("--report", type=Path)
    given = options.parse_args()
    report = run(
        given.rounds,
        given.seed,
        choose=lambda stage: [one for one in harms(stage) if given.only in one.__name__],
        outside=given.outside,
        jumps=given.clock,
    )
    shown = {**vars(report), "verdict": vars(report.verdict), "good": report.good}
    text = json.dumps(shown, ensure_ascii=False, indent=1)
    print(text)
    if given.report:
        given.report.write_text(text + "\n", encoding="utf-8")
    return 0 if report.good else 1


if __name__ == "__main__":
    sys.exit(main())
