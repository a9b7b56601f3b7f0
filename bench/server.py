"""The product's own web server for a measurement, and what it and the database spend."""

import contextlib
import socket
import subprocess
import time

from bench.client import Connection, request


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Web:
    """The product's own web server, as `bin/run` starts it; or it with another application."""

    def __init__(self, application: str = "", *more: str) -> None:
        from yinuo.operations import commands

        self.port = free_port()
        command = commands.web("127.0.0.1", self.port)
        if application:
            command = [*command[:-1], *more, application]
        self.process = subprocess.Popen(command, env={**commands.base_environment(), "YINUO_LOG_LEVEL": "ERROR"})
        deadline = time.monotonic() + 60
        while True:
            try:
                if Connection(self.port).send(request("GET", "/readyz", {}))[0] == 200:
                    return
            except OSError:
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.2)

    def pids(self) -> list[int]:
        import psutil

        top = psutil.Process(self.process.pid)
        return [top.pid, *(child.pid for child in top.children(recursive=True))]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(15)


def cpu(pids: list[int]) -> float:
    """Processor seconds these processes have used."""
    import psutil

    total = 0.0
    for pid in pids:
        with contextlib.suppress(psutil.NoSuchProcess):
            times = psutil.Process(pid).cpu_times()
            total += times.user + times.system
    return total


def database_pids() -> list[int]:
    """The server's sessions on our database; none if it runs on another machine."""
    import psutil
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        return [pid for (pid,) in cursor.fetchall() if psutil.pid_exists(pid)]
