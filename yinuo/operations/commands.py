"""The exact command lines of the parts, written once: the supervisor and `yinuo serve` start the same thing."""

import os
import signal
import subprocess
import sys

from yinuo.operations.words import ROOT, home


def base_environment() -> dict[str, str]:
    """What every part needs to find the product and its data, from whatever folder it is started."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GRANIAN_")}
    return kept | {
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "PYTHONSAFEPATH": "1",
        "DJANGO_SETTINGS_MODULE": "yinuo.settings",
        "YINUO_HOME": str(home()),
    }


def yinuo(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "yinuo", *arguments]


def web(host: str, port: int) -> list[str]:
    return [
        *[
            sys.executable,
            "-m",
            "granian",
            "--interface",
            "wsgi",
            "--host",
            host or "0.0.0.0",
            "--port",
            str(port),
        ],
        *["--workers", os.environ.get("YINUO_WEB_WORKERS", "2")],
        *[
            "--blocking-threads",
            os.environ.get("YINUO_WEB_THREADS", "8"),
            "--blocking-threads-idle-timeout",
            "600",
        ],
        *["--no-ws", "--respawn-failed-workers", "--workers-kill-timeout", "10", "--log-level", "warning"],
        "yinuo.wsgi:application",
    ]


def live(host: str, port: int) -> list[str]:
    return [sys.executable, "-m", "yinuo.live.main", "--host", host or "0.0.0.0", "--port", str(port)]


def become(command: list[str]) -> None:
    """Run one part alone. With the embedded database we stay as its keeper; otherwise the part takes our place."""
    from yinuo.operations.database import database, embedded

    environment = base_environment()
    with database() as url:
        if embedded():
            environment["DATABASE_URL"] = url
            run_as_child(command, environment)
            return
    os.execve(command[0], command, environment)  # noqa: S606


def run_as_child(command: list[str], environment: dict[str, str]) -> None:
    """Pass the stop signals on and come back with the part's own exit code."""
    from yinuo.operations.children import die_with_parent

    child = subprocess.Popen(
        command,
        env=environment,
        start_new_session=True,
        preexec_fn=die_with_parent(signal.SIGTERM),
    )
    for wanted in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(wanted, lambda *_ignored: child.terminate())
    code = child.wait()
    if code not in (0, -signal.SIGTERM):
        raise SystemExit(code if code > 0 else 1)
