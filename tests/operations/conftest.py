"""Each test gets an installation of its own; none of them looks at the database of the test run."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder below names that trip careless launchers, closed to everybody else.

    Not below `tmp_path`: each new test session closes that tree again, under a server that is running.
    """
    closed = Path(tempfile.mkdtemp(prefix="yinuo-place-"))
    folder = closed / "一诺 数据 $(x) 'q'"
    monkeypatch.setenv("YINUO_HOME", str(folder))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    from yinuo.operations.database import prepare_home

    yield prepare_home()
    shutil.rmtree(closed, ignore_errors=True)


@pytest.fixture
def yinuo(place: Path):
    """Run a `yinuo` command the way a person does; returns the finished process."""

    def run(*arguments: str, program: str = "", **extra: str) -> subprocess.CompletedProcess[str]:
        dropped = ("DATABASE_URL", "YINUO_TEST_DATABASE_URL", "DJANGO_SETTINGS_MODULE")
        environment = {k: v for k, v in os.environ.items() if k not in dropped} | {"YINUO_HOME": str(place)} | extra
        command = [sys.executable, "-P", str(ROOT / "bin" / "start.py"), *arguments]
        if program:
            command = [str(ROOT / "bin" / program), *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, cwd="/", timeout=120)

    return run
