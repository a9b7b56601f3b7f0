"""Several processes of one installation count together, and what one said of its present state ends with it."""

import os
import subprocess
import sys
from pathlib import Path

COUNT = """
import sys
from yinuo.kernel import measuring as m
m.answered("board", "GET", 200, 0.3)
m.ANNOUNCED.inc(2)
m.LISTENERS.set(5)
if sys.argv[1:]:
    import subprocess
    subprocess.run([sys.executable, "-c", sys.argv[1]], check=True)
    print(m.SHARED, {s.name: s.value for one in m.collected() for s in one.samples if s.name.startswith("yinuo_") and "bucket" not in s.name})
"""


def told(place: Path, token: str) -> str:
    environment = os.environ | {"YINUO_HOME": str(place), "YINUO_METRICS_TOKEN": token, "PYTHONPATH": str(Path.cwd())}
    environment.pop("PROMETHEUS_MULTIPROC_DIR", None)
    done = subprocess.run(
        [sys.executable, "-c", COUNT, COUNT], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout


def test_one_answers_for_all_and_forgets_the_dead(tmp_path):
    """The second process has ended when the first is asked: what it counted stays, its listeners are gone."""
    said = told(tmp_path, "a-token-that-is-long-enough")
    assert said.startswith("True ")
    for part in ("'yinuo_requests_total': 2.0", "'yinuo_promises_announced_total': 4.0", "'yinuo_live_listeners': 5.0",
                 "'yinuo_request_seconds_sum': 0.6"):  # fmt: skip
        assert part in said, said
    assert (tmp_path / "metrics").stat().st_mode & 0o777 == 0o700


def test_where_nobody_may_ask_nothing_is_kept(tmp_path):
    said = told(tmp_path, "")
    assert said.startswith("False ") and "'yinuo_requests_total': 1.0" in said
    assert not (tmp_path / "metrics").exists()
