"""What processes spent meanwhile: the clock, and the server's sessions on our database but our own."""

import contextlib
from typing import Any, Self


def cpu_of(pid: int) -> float:
    """Processor seconds a process has used; 0 when it has gone."""
    import psutil

    with contextlib.suppress(psutil.NoSuchProcess):
        times = psutil.Process(pid).cpu_times()
        return times.user + times.system
    return 0.0


def sessions(*, but_ours: bool) -> list[int]:
    """The server's sessions on our database; none if it runs on another machine."""
    import psutil
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND (pid <> pg_backend_pid() OR NOT %s)"
            " AND backend_type = 'client backend'",
            [but_ours],
        )
        return [pid for (pid,) in cursor.fetchall() if psutil.pid_exists(pid)]


class Spent:
    """Processor seconds of the clock process and of the sessions that are there at the end, however new."""

    def __init__(self, process: int) -> None:
        self.process = process
        self.clock = self.database = 0.0

    def __enter__(self) -> Self:
        self._clock, self._before = cpu_of(self.process), {pid: cpu_of(pid) for pid in sessions(but_ours=True)}
        return self

    def __exit__(self, *_exc: Any) -> None:
        self.clock = cpu_of(self.process) - self._clock
        self.database = sum(cpu_of(pid) - self._before.get(pid, 0.0) for pid in sessions(but_ours=True))
