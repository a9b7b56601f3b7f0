"""Rounds of harm under load, then the reckoning. `python -m tests.faults.run --rounds 200 --seed 7 --report report.json`"""

import argparse
import contextlib
import json
import random
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.harm import harms
from tests.faults.ledger import Ledger
from tests.faults.load import SHORT, Load
from tests.faults.reckoning import Verdict, reckon
from tests.faults.stage import Stage

#: A promise is due, its rungs climbed, mail tried again, a job taken over from a dead worker: within this all is settled.
SETTLED = 240.0


@dataclass
class Report:
    rounds: int
    seed: int
    done: Counter[str] = field(default_factory=Counter)
    acknowledged: dict[str, int] = field(default_factory=dict)
    verdict: Verdict = field(default_factory=Verdict)
    books: str = ""
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        return self.verdict.good and not self.books


def run(
    rounds: int, seed: int, *, pause: tuple[float, float] = (3.0, 8.0), only: str = "", pace: float = 0.6
) -> Report:
    dice, report, began = random.Random(seed), Report(rounds, seed), time.monotonic()
    stage = Stage(size="900m")
    try:
        stage.open()
        ledger = Ledger(stage.folder / "ledger.jsonl")
        load = Load(stage, ledger, pace)
        load.begin()
        choice = [harm for harm in harms(stage) if only in harm.__name__]
        for n in range(rounds):
            time.sleep(dice.uniform(*pause))
            what = dice.choice(choice)(stage, dice)
            report.done[what] += 1
            print(f"{n + 1:4} {what}", flush=True)
            stage.wait_for_web(120)
        load.end()
        time.sleep(SHORT.total_seconds())
        report.verdict, report.books = settled(stage, ledger)
        report.acknowledged = ledger.counts()
    finally:
        stage.close()
    report.seconds = time.monotonic() - began
    return report


def settled(stage: Stage, ledger: Ledger) -> tuple[Verdict, str]:
    """The books, once the installation has had time to catch up; the last ones if they never agree."""
    end, verdict, books = time.monotonic() + SETTLED, Verdict(), "never asked"
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            verdict, books = reckon(stage, ledger), reconciled(stage)
            if verdict.good and not books:
                break
        time.sleep(3)
    return verdict, books


def reconciled(stage: Stage) -> str:
    """What `yinuo reconcile` has against this installation; nothing is good."""
    command = [sys.executable, "-m", "yinuo", "reconcile", "--whole", "--grace", "1"]
    done = subprocess.run(command, env=stage.environment, capture_output=True, text=True, timeout=120)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=20)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--only", default="", help="harms whose name contains this")
    options.add_argument("--report", type=Path)
    given = options.parse_args()
    report = run(given.rounds, given.seed, only=given.only)
    shown = {**vars(report), "verdict": vars(report.verdict), "good": report.good}
    text = json.dumps(shown, ensure_ascii=False, indent=1)
    print(text)
    if given.report:
        given.report.write_text(text + "\n", encoding="utf-8")
    return 0 if report.good else 1


if __name__ == "__main__":
    sys.exit(main())
