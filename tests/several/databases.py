"""A primary and the standby that has every commit before it is acknowledged. Either may die; the other goes on."""

import shutil
import signal
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from yinuo.operations.postgres import DATABASE, PORT, ROLE, Cluster


class Databases:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.primary = Cluster(folder / "first", log=folder / "first.log")
        self.standby = Cluster(folder / "second", log=folder / "second.log")

    def start(self) -> None:
        self.primary.start()
        password = self.primary._password()
        where = self.primary.address(password, "postgres", "postgres")
        self.standby.data.mkdir(mode=0o700)
        self.primary._give(self.standby.data)
        made = self.primary._run(
            "pg_basebackup", "-d", where, "-D", str(self.standby.data), "-R", "-X", "stream", "-c", "fast"
        )
        assert made.returncode == 0, made.stderr
        kept = self.folder / "second.password"
        shutil.copyfile(self.folder / "first.password", kept)
        self.standby.start()
        self.as_owner(self.primary, "ALTER SYSTEM SET synchronous_standby_names = '*'")
        self.as_owner(self.primary, "SELECT pg_reload_conf()")
        end = time.monotonic() + 30
        while not self.in_step():
            assert time.monotonic() < end, "the standby does not follow"
            time.sleep(0.2)

    def in_step(self) -> bool:
        found = self.as_owner(self.primary, "SELECT sync_state FROM pg_stat_replication")
        return found == [("sync",)]

    def lag_bytes(self) -> int:
        """Written to the primary and not yet applied by the standby."""
        asked = "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::bigint FROM pg_stat_replication"
        return int(self.as_owner(self.primary, asked)[0][0])

    def fail_over(self) -> float:
        """The primary dies at once, the standby becomes it. Seconds until it takes writes."""
        began, gone = time.monotonic(), self.primary
        assert gone.process is not None
        gone.process.send_signal(signal.SIGKILL)
        gone.process.wait(10)
        self.as_owner(self.standby, "SELECT pg_promote(true, 60)")
        self.primary = self.standby
        return time.monotonic() - began

    def as_owner(self, which: Cluster, statement: str) -> list[tuple[Any, ...]]:
        address = which.address(which._password(), "postgres", "postgres")
        with psycopg.connect(address, autocommit=True) as connection:
            done = connection.execute(statement)
            return done.fetchall() if done.description else []

    @property
    def password(self) -> str:
        return self.primary._password()

    def address(self) -> str:
        """Both servers in one address: libpq takes whichever accepts writes."""
        hosts = ",".join(str(one.sockets) for one in (self.primary, self.standby) if one.sockets)
        ports = ",".join(PORT for _one in hosts.split(","))
        return (
            f"postgresql://{ROLE}:{self.password}@/{DATABASE}?host={quote(hosts)}&port={quote(ports)}"
            "&target_session_attrs=read-write"
        )

    def stop(self) -> None:
        for one in (self.standby, self.primary):
            one.stop()
