"""What a whole installation with its embedded database keeps in memory while nobody does anything.

    python -m bench.memory [--seconds 60]

Starts `yinuo up` on an empty folder of its own and adds up the proportional set size of all its processes: memory
shared by several is counted once.
"""

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.client import Connection, request
from bench.server import free_port

PATIENCE = 300.0


def parts_of(pid: int) -> dict[str, float]:
    """Megabytes by what the process is."""
    import psutil

    found: dict[str, float] = {}
    top = psutil.Process(pid)
    for process in (top, *top.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            words = process.cmdline()
            known = ("granian", "yinuo.live.main", "worker", "clock", "postgres", "up")
            name = next((word for word in known if any(word in part for part in words)), "other")
            found[name] = found.get(name, 0.0) + process.memory_full_info().pss / 1e6
    return found


def measured(seconds: float) -> dict[str, float]:
    place, port = Path(tempfile.mkdtemp(prefix="yinuo-memory-")), free_port()
    dropped = ("DATABASE_URL", "YINUO_TEST_DATABASE_URL")
    environment = {k: v for k, v in os.environ.items() if k not in dropped} | {"YINUO_HOME": str(place / "home")}
    command = [sys.executable, "-m", "yinuo", "up", "--port", str(port)]
    running = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(OSError):
                if Connection(port).send(request("GET", "/readyz", {}))[0] == 200:
                    break
            if running.poll() is not None or time.monotonic() > until:
                raise SystemExit("the installation did not start")
            time.sleep(0.5)
        time.sleep(seconds)
        return parts_of(running.pid)
    finally:
        running.terminate()
        running.wait(60)
        shutil.rmtree(place, ignore_errors=True)


def main() -> None:
    options = argparse.ArgumentParser(
        prog="bench.memory", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--seconds", type=float, default=60.0)
    options.add_argument("--json", type=Path)
    given = options.parse_args()
    found = measured(given.seconds)
    for name, size in sorted(found.items(), key=lambda item: -item[1]):
        print(f"{name:16} {size:>8.0f} MB")
    print(f"{'all':16} {sum(found.values()):>8.0f} MB")
    if given.json:
        given.json.write_text(json.dumps(found | {"all": sum(found.values())}, indent=1))


if __name__ == "__main__":
    main()
