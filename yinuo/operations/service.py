"""One supervised process: its command, its log, when it is ready, and how long to wait before trying again."""

import contextlib
import json
import logging
import logging.handlers
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from yinuo.kernel.discreet import as_json, masked
from yinuo.operations.children import die_with_parent

LOG_BYTES, LOG_FILES = 10_000_000, 5
LONGEST_PAUSE = 30.0
STEADY_AFTER = 60.0
ALIVE_FOR = 2.0


class Service:
    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        logs: Path,
        ready: Callable[[], bool],
    ) -> None:
        self.name, self.command, self._ready = name, list(command), ready
        self.environment = {**environment, "YINUO_PART": name}
        self.json = environment.get("YINUO_LOG") == "json"
        self.log_path = logs / f"{name}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.ready = False
        self.failures = 0
        self.started_at = self.start_after = 0.0
        self._pending = b""
        self._log = logging.Logger(name)
        handler = logging.handlers.RotatingFileHandler(
            self.log_path, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8", errors="replace"
        )
        handler.setFormatter(logging.Formatter("%(message)s" if self.json else f"%(asctime)s {name} %(message)s"))
        self._log.addHandler(handler)

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self.environment,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )
        if self.process.stdout is not None:
            os.set_blocking(self.process.stdout.fileno(), False)
        self.ready, self.started_at = False, time.monotonic()

    def tick(self) -> None:
        """Move what it said into the log, notice its death, start it again when its pause is over."""
        self.drain()
        now = time.monotonic()
        if self.process is None:
            if now >= self.start_after:
                self.start()
        elif self.process.poll() is not None:
            self._bury(self.process, now)
        elif not self.ready and now - self.started_at > ALIVE_FOR and self._ready():
            self.ready = True
        if self.ready and self.failures and now - self.started_at > STEADY_AFTER:
            self.failures = 0

    def drain(self) -> None:
        if self.process is None or self.process.stdout is None:
            return
        with contextlib.suppress(BlockingIOError, OSError):
            while chunk := os.read(self.process.stdout.fileno(), 65536):
                *lines, self._pending = (self._pending + chunk).split(b"\n")
                for line in lines:
                    self.write(line.decode("utf-8", "replace"))

    def write(self, line: str) -> None:
        """Also what was said past the product's own formatter is masked, and one object a line where that is asked."""
        if not self.json:
            self._log.info("%s", masked(line))
        elif line.strip():
            self._log.info("%s", line if _is_object(line) else wrapped(self.name, line))

    def _bury(self, dead: subprocess.Popen[bytes], now: float) -> None:
        self.signal_group(signal.SIGKILL)  # a server's own workers may outlive it and still hold the port
        self.drain()
        self.write(f"exited with code {dead.returncode}")
        if dead.stdout is not None:
            dead.stdout.close()
        self.process, self.ready = None, False
        self.failures += 1
        self.start_after = now + min(LONGEST_PAUSE, 0.5 * 2 ** min(self.failures - 1, 10))

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def terminate(self) -> None:
        if self.alive() and self.process is not None:
            self.process.terminate()

    def signal_group(self, how: signal.Signals) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, how)


def wrapped(name: str, line: str) -> str:
    """A line of a server or a crash, as the product's own are."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    return as_json({"at": at, "level": "INFO", "part": name, "message": line})


def _is_object(line: str) -> bool:
    if not line.startswith('{"at":'):
        return False
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False
