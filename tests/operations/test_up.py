"""`yinuo up` from nothing to a page, twice."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
TOKEN = "a-token-that-is-long-enough"


class Running:
    def __init__(self, place: Path, *arguments: str) -> None:
        dropped = ("DATABASE_URL", "YINUO_TEST_DATABASE_URL", "DJANGO_SETTINGS_MODULE")
        environment = {k: v for k, v in os.environ.items() if k not in dropped}
        environment |= {"YINUO_HOME": str(place), "YINUO_METRICS_TOKEN": TOKEN}
        self.port = free_pair()
        command = [sys.executable, "-P", str(ROOT / "bin" / "start.py"), "up", "--port", str(self.port), *arguments]
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            command, env=environment, cwd="/", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.said: list[str] = []
        self.steps: set[str] = set()
        self.reader = threading.Thread(target=lambda: self.said.extend(iter(self.process.stdout.readline, "")))
        self.reader.start()

    def wait_for(self, words: str, seconds: float) -> float:
        while not any(words in line for line in self.said):
            assert time.monotonic() - self.began < seconds, "".join(self.said)
            assert self.process.poll() is None or not self.reader.is_alive(), "".join(self.said)
            self.note_steps()
            time.sleep(0.05)
        return time.monotonic() - self.began

    def note_steps(self) -> None:
        """Which commands of the product it has started: each takes longer than we look away."""
        with contextlib.suppress(psutil.Error):
            for child in psutil.Process(self.process.pid).children():
                words = child.cmdline()
                if "yinuo" in words:
                    self.steps.add(words[words.index("yinuo") + 1])

    def metrics(self) -> str:
        asked = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}
        )
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return answer.read().decode()

    def get(self, path: str, port: int | None = None) -> int:
        with urllib.request.urlopen(f"http://127.0.0.1:{port or self.port}{path}", timeout=10) as answer:
            return answer.status

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        family = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(how)
        code = self.process.wait(60)
        self.reader.join(10)
        _gone, left = psutil.wait_procs(family, timeout=10)
        assert not left, left
        return code


def free_pair() -> int:
    while True:
        with socket.socket() as probe, socket.socket() as second:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


@pytest.mark.slow
def test_up_serves_stops_cleanly_and_starts_again_in_ten_seconds(place):
    first = Running(place, "--no-demo")
    try:
        first.wait_for("一诺已启动：http://127.0.0.1:", 120)
        took = first.wait_for("Ctrl-C", 125)
        assert "prepare" in first.steps
        assert re.search(r"第一个管理员：admin，密码 \S+", "".join(first.said))
        assert first.get("/healthz") == 200
        assert first.get("/login/") == 200
        assert first.get("/healthz", first.port + 1) == 200
        assert first.get("/readyz", first.port + 1) == first.get("/readyz") == 200
        told = first.metrics()
        assert 'yinuo_requests_total{method="GET",route="login",status="200"} 1.0' in told
        assert "yinuo_live_listeners 0.0" in told and "yinuo_database_up 1.0" in told
        assert not [line for line in told.splitlines() if line.startswith("yinuo_promises_due") and " 0.0" not in line]

        again = subprocess.run(
            [sys.executable, "-P", str(ROOT / "bin" / "start.py"), "up", "--port", str(free_pair())],
            env=os.environ | {"YINUO_HOME": str(place)}, capture_output=True, text=True,
        )  # fmt: skip
        assert again.returncode == 3
        assert "一诺已经在运行" in again.stderr
    finally:
        assert first.stop() == 0
    assert "已停止，数据保存在" in "".join(first.said)

    second = Running(place, "--no-demo")
    try:
        then = second.wait_for("Ctrl-C", 90)
        assert "prepare" not in second.steps, "what was prepared before is not looked at again"
        # A machine too busy for ten seconds took its time over the first start as well.
        assert then < max(10, took * 2 / 3), (took, then)
        assert "升级" not in "".join(second.said)
        assert "第一个管理员" not in "".join(second.said)  # the one from before is still there
        assert second.get("/healthz") == 200

        database = next(p for p in psutil.Process(second.process.pid).children() if "postgres" in p.name())
        database.kill()
        second.wait_for("数据库已恢复", 60)
        until_served(second)
    finally:
        assert second.stop(signal.SIGTERM) == 0


@pytest.mark.slow
def test_killed_in_the_middle_nothing_lingers_and_the_next_start_works(place):
    first = Running(place, "--no-demo")
    first.wait_for("升级数据库结构", 60)
    family = psutil.Process(first.process.pid).children(recursive=True)
    first.process.kill()
    first.process.wait()
    assert psutil.wait_procs(family, timeout=20)[1] == []
    first.reader.join(10)
    second = Running(place, "--no-demo")
    try:
        second.wait_for("Ctrl-C", 120)
    finally:
        assert second.stop() == 0


def until_served(running: Running) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            assert running.get("/login/") == 200
            return
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.2)
