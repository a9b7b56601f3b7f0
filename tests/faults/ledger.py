"""What was sent and what was acknowledged, written down at once: the outside world's own account."""

import json
import threading
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any


class Ledger:
    """`sent` before the first try, `kept` when the product said that it has it. Safe for threads.

    `answers`: how often each kind got which answer, "" for none. `troubles`: what went wrong in the harness itself.
    """

    def __init__(self, path: Path) -> None:
        self.lock = threading.Lock()
        self.file = path.open("a", encoding="utf-8")
        self.sent: dict[str, set[str]] = defaultdict(set)
        self.kept: dict[str, dict[str, Any]] = defaultdict(dict)
        self.answers: dict[str, Counter[str]] = defaultdict(Counter)
        self.troubles: list[str] = []

    def send(self, kind: str, mark: str) -> None:
        with self.lock:
            self.sent[kind].add(mark)

    def acknowledge(self, kind: str, mark: str, **what: Any) -> None:
        with self.lock:
            self.kept[kind][mark] = what
            self.file.write(json.dumps([kind, mark, what], ensure_ascii=False) + "\n")
            self.file.flush()

    def answered(self, kind: str, how: str) -> None:
        with self.lock:
            self.answers[kind][how] += 1

    def trouble(self, what: str) -> None:
        with self.lock:
            self.troubles.append(what)

    def counts(self) -> dict[str, int]:
        with self.lock:
            return {kind: len(rows) for kind, rows in sorted(self.kept.items())}

    def tries(self) -> dict[str, dict[str, int]]:
        with self.lock:
            return {kind: dict(found) for kind, found in sorted(self.answers.items())}
