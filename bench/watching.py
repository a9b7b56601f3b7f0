"""What the clock and the database server spent meanwhile."""

import contextlib
from typing import Any, Self


def cpu_of(pid: int) -> float:
    """Processor seconds a process has used, with those of its children that have ended; 0 when it has gone."""
    import psutil

    with contextlib.suppress(psutil.NoSuchProcess):
        times = psutil.Process(pid).cpu_times()
        return times.user + times.system + times.children_user + times.children_system
    return 0.0


def sessions() -> list[int]:
    """The server's sessions on our database beside our own; none if it runs on another machine."""
    import psutil
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )
        return [pid for (pid,) in cursor.fetchall() if psutil.pid_exists(pid)]


def server_cpu() -> float:
    """All of the server (also what writes behind the sessions) but our own session, which only looks."""
    import psutil
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        ours = int(cursor.fetchone()[0])
    if not psutil.pid_exists(ours):
        return 0.0
    server = psutil.Process(ours).parent()
    if server is None:
        return 0.0
    return cpu_of(server.pid) + sum(cpu_of(one.pid) for one in server.children() if one.pid != ours)


class Spent:
    """Processor seconds of the clock process and of the database server."""

    def __init__(self, process: int) -> None:
        self.process = process
        self.clock = self.database = 0.0

    def __enter__(self) -> Self:
        self._clock, self._database = cpu_of(self.process), server_cpu()
        return self

    def __exit__(self, *_exc: Any) -> None:
        self.clock, self.database = cpu_of(self.process) - self._clock, server_cpu() - self._database
