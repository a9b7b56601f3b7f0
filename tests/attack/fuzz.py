"""Every reader of foreign input is fed what was torn apart, for so much processor time. A find is made as small as it
goes and kept in the corpus, which the tests replay.
"""

import hashlib
import re
import sys
import time
import traceback
from collections.abc import Sequence

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.attack.seeds import CORPUS, inputs
from tests.attack.targets import LARGEST, TARGETS

AT_ONCE, MOST_FINDS = 400, 5
SHRINKING = 20.0  # seconds of processor time


def tried(name: str, number: int, examples: int) -> tuple[int, bytes | None, str]:
    """How many inputs were tried, the smallest that fails, and what it does."""
    count, failing = 0, b""

    @seed(number)
    @settings(
        max_examples=examples, database=None, deadline=None, phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck), print_blob=False, report_multiple_bugs=False,
    )  # fmt: skip
    @given(data=inputs(name))
    def one(data: bytes) -> None:
        nonlocal count, failing
        count += 1
        try:
            TARGETS[name](data)
        except Exception:
            failing = data
            raise

    try:
        one()
    except Exception as wrong:
        return count, smaller(name, failing, type(wrong)), f"{type(wrong).__name__}: {str(wrong)[:300]}{_where(wrong)}"
    return count, None, ""


def smaller(name: str, data: bytes, kind: type[Exception]) -> bytes:
    """Hypothesis chooses the simplest edits of a seed; this also takes away what is left of the seed."""

    def fails(part: bytes) -> bool:
        try:
            TARGETS[name](part)
        except kind:
            return True
        except Exception:
            return False
        return False

    until, size = time.process_time() + SHRINKING, len(data) // 2
    while size and time.process_time() < until:
        pieces = (data[:at] + data[at + size :] for at in range(0, len(data), size))
        less = next((part for part in pieces if time.process_time() < until and fails(part)), None)
        data, size = (less, size) if less is not None else (data, size // 2)
    return data


def _where(wrong: BaseException) -> str:
    ours = [frame for frame in traceback.extract_tb(wrong.__traceback__) if "/yinuo/" in frame.filename]
    return f" ({ours[-1].filename.rpartition('/yinuo/')[2]}:{ours[-1].lineno})" if ours else ""


def keep(name: str, data: bytes) -> str:
    file = CORPUS / name / hashlib.sha256(data).hexdigest()[:12]
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(data)
    return f"{name}/{file.name}"


def run(minutes: float, number: int, only: Sequence[str] = ()) -> int:
    """Prints what each target took; 1 if anything was found."""
    names = [name for name in TARGETS if not only or name in only]
    found = 0
    for name in names:
        budget, began, count, told = minutes * 60 / len(names), time.process_time(), 0, set[str]()
        while time.process_time() - began < budget and len(told) < MOST_FINDS:
            number += 1
            tries, failing, what = tried(name, number, AT_ONCE)
            count += tries
            kind = re.sub(r"\d+", "#", what)[:80]
            if failing is not None and kind not in told:
                told.add(kind)
                print(f"  {keep(name, failing[:LARGEST])}: {what[:600]}", flush=True)
        took = time.process_time() - began
        print(f"{name:10} {count:8} inputs, {took:5.0f} s, {len(told)} finds", flush=True)
        found += len(told)
    return 1 if found else 0


def run_guided(name: str, minutes: float) -> None:
    """The same target led by what it reaches, with atheris where that is installed (it has no wheels for every
    machine, so nothing depends on it). What reaches new places is written to the corpus of this run, never to ours.
    """
    import tempfile

    import atheris

    folder = tempfile.mkdtemp(prefix=f"guided-{name}-")
    options = [
        f"-max_total_time={int(minutes * 60)}",
        f"-max_len={LARGEST}",
        f"-artifact_prefix={folder}/",
        "-timeout=20",
    ]
    atheris.Setup([sys.argv[0], *options, folder, str(CORPUS / name)], TARGETS[name])
    atheris.Fuzz()
