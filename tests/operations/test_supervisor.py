"""The group of processes: one that dies is started again, and none outlives its keeper."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from yinuo.operations.service import Service
from yinuo.operations.supervisor import Supervisor
from yinuo.operations.words import Trouble

ROOT = Path(__file__).resolve().parent.parent.parent
pytestmark = pytest.mark.usefixtures("impatient")
STAY = "import time; print('你好', flush=True); time.sleep(99)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(99)"


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr("yinuo.operations.service.ALIVE_FOR", 0.1)


@pytest.fixture
def service(tmp_path):
    made = []

    def make(code: str, name: str = "part", ready=lambda: True) -> Service:
        made.append(
            Service(name, [sys.executable, "-c", code], environment=dict(os.environ), logs=tmp_path, ready=ready)
        )
        return made[-1]

    yield make
    for one in made:
        one.signal_group(signal.SIGKILL)


def until(condition, seconds: float = 10, each=lambda: None) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        each()
        time.sleep(0.02)


def test_what_a_part_says_is_in_its_log_with_time_and_name(service, tmp_path):
    one = service(STAY)
    until(lambda: "part 你好" in (tmp_path / "part.log").read_text(), each=one.tick)


OURS = '{"at": "2026-11-30T08:00:00.000+00:00", "level": "INFO", "message": "x DETAIL: …", "staff": 7}'


@pytest.mark.parametrize(
    ("wanted", "line", "written"),
    [
        ("", "worker said 13812345678 is new", "part worker said 138****5678 is new"),
        ("", "DETAIL:  Key (email)=(wang@example.cn) exists.", "part DETAIL: …"),
        ("json", OURS, OURS),
        ("json", "started at postgresql://y:geheim@h/d", '"message": "started at postgresql://y:…@h/d"}'),
        ("json", '{"at": torn', '"message": "{\\"at\\": torn"}'),
        ("json", "{'phone': '13812345678'}", "138****5678"),
        ("json", "  ", None),
    ],
)
def test_what_is_written_is_masked_and_of_one_kind(tmp_path, wanted, line, written):
    """A part, a server below it or a crash may say anything."""
    one = Service("part", ["x"], environment={"YINUO_LOG": wanted}, logs=tmp_path, ready=lambda: True)
    one.write(line)
    said = (tmp_path / "part.log").read_text()
    assert one.environment["YINUO_PART"] == "part"
    if written is None:
        assert said == ""
    else:
        assert written in said
    if wanted:
        assert all(json.loads(each)["at"] for each in said.splitlines())


def test_a_part_that_dies_is_started_again_after_a_pause(service):
    one = service(STAY)
    until(lambda: one.ready, each=one.tick)
    first = one.process.pid
    one.process.kill()
    until(lambda: one.process is None, each=one.tick)
    assert one.start_after > time.monotonic()
    until(lambda: one.process is not None and one.process.pid != first, each=one.tick)
    assert one.failures == 1


def test_pauses_grow_but_never_beyond_half_a_minute(service):
    one = service("raise SystemExit(1)")
    for _try in range(12):
        one.start()
        one.process.wait()
        one.tick()
    assert 29 < one.start_after - time.monotonic() <= 30


def test_children_of_a_dead_part_are_ended_too(service):
    one = service(
        f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', {STAY!r}]).pid, flush=True)\n{STAY}"
    )
    until(lambda: one.process and psutil.Process(one.process.pid).children(), each=one.tick)
    grandchild = psutil.Process(one.process.pid).children()[0]
    one.process.kill()
    until(lambda: not grandchild.is_running() or grandchild.status() == "zombie", each=one.tick)


def test_parts_that_never_become_ready_end_the_start_with_a_sentence(service, monkeypatch):
    monkeypatch.setattr("yinuo.operations.service.LONGEST_PAUSE", 0.01)
    with pytest.raises(Trouble, match="part 连续启动失败"):
        Supervisor().run([service("raise SystemExit(1)", ready=lambda: False)], lambda: None)


def test_stopping_ends_even_a_part_that_does_not_listen(service, monkeypatch):
    monkeypatch.setattr("yinuo.operations.supervisor.GRACE", 0.5)
    supervisor = Supervisor()
    parts = [service(STAY, "polite"), service(DEAF, "deaf")]

    def ask() -> None:
        supervisor.stop_requests = 1

    supervisor.run(parts, ask)
    assert not any(part.alive() for part in parts)


def test_nothing_outlives_a_supervisor_that_is_killed(tmp_path):
    code = (
        "import os, sys, pathlib\n"
        "from yinuo.operations.service import Service\nfrom yinuo.operations.supervisor import Supervisor\n"
        f"parts = [Service(n, [sys.executable, '-c', {STAY!r}], environment=dict(os.environ),"
        f" logs=pathlib.Path({str(tmp_path)!r}), ready=lambda: True) for n in ('web', 'clock')]\n"
        "Supervisor().run(parts, lambda: print('ready', flush=True))"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    supervisor = subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True)
    assert supervisor.stdout.readline() == "ready\n"
    parts = psutil.Process(supervisor.pid).children()
    assert len(parts) == 2
    supervisor.kill()
    supervisor.wait()
    until(lambda: not any(part.is_running() and part.status() != "zombie" for part in parts))


def test_a_long_log_is_rotated(service, tmp_path, monkeypatch):
    monkeypatch.setattr("yinuo.operations.service.LOG_BYTES", 20_000)
    one = service("print('x' * 70_000)\nfor n in range(500): print('line', n)\n" + STAY)
    until(lambda: (tmp_path / "part.log.1").exists(), each=one.tick)
    assert len(list(tmp_path.glob("part.log*"))) <= 6
