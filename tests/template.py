"""Parallel test processes copy one migrated database instead of each making its own.

The process that starts the others makes it while they collect their tests; a test home holds the word that it is ready.
"""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

NAME = "yinuo_test_template"
PATIENCE = 180.0
_making: threading.Thread | None = None


def _flag() -> Path:
    return Path(os.environ["YINUO_TEST_HOME"]) / "template"


def _on_server(url: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True, connect_timeout=5) as line:
        line.execute(statement)  # type: ignore[arg-type]


def start(url: str) -> None:
    global _making

    def make() -> None:
        said = "none"
        try:
            _on_server(url, f"DROP DATABASE IF EXISTS {NAME}")
            _on_server(url, f"CREATE DATABASE {NAME}")
            place = urlsplit(url)._replace(path=f"/{NAME}").geturl()
            migrate = [sys.executable, "-m", "django", "migrate", "--verbosity", "0", "--skip-checks"]
            environment = os.environ | {"DATABASE_URL": place, "DJANGO_SETTINGS_MODULE": "yinuo.settings"}
            environment |= {"PYTHONPATH": str(Path(__file__).resolve().parents[1])}
            if subprocess.run(migrate, env=environment).returncode == 0:
                said = NAME
        finally:
            _flag().write_text(said)

    _making = threading.Thread(target=make)
    _making.start()


def ready() -> str:
    """Its name; empty if there is none, and each process makes a database of its own."""
    until = time.monotonic() + PATIENCE
    while not (_flag().exists() and (said := _flag().read_text())):
        if time.monotonic() > until:
            return ""
        time.sleep(0.1)
    return "" if said == "none" else said


def finish(url: str) -> None:
    if _making is not None:
        _making.join()
        _on_server(url, f"DROP DATABASE IF EXISTS {NAME}")
