"""Which database an installation uses: DATABASE_URL when given, otherwise the embedded server under var/."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import psycopg

from yinuo.operations.postgres import Cluster
from yinuo.operations.words import Trouble, _, home

OLDEST = 15


def embedded() -> bool:
    return not os.environ.get("DATABASE_URL")


def check_server(url: str) -> int:
    """Reach a given server and refuse one that is too old; returns its major version."""
    try:
        where = urlsplit(url)
        shown = f"{where.hostname or 'localhost'}:{where.port or 5432}{where.path}"
        if where.scheme not in ("postgres", "postgresql"):
            raise ValueError(where.scheme)
    except ValueError as error:
        example = "postgresql://user:password@host:5432/yinuo"
        raise Trouble(_("DATABASE_URL 不是有效的数据库地址，应形如 {example}。").format(example=example)) from error
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            major = connection.info.server_version // 10000
    except (psycopg.Error, UnicodeError) as error:
        raise Trouble(_("无法连接数据库 {shown}：{reason}").format(shown=shown, reason=_reason(error))) from error
    if major < OLDEST:
        raise Trouble(_("数据库是 PostgreSQL {major}，需要 {oldest} 或更高版本。").format(major=major, oldest=OLDEST))
    return major


def _reason(error: Exception) -> str:
    """Why there is no connection, for whoever can mend it; what nobody foresaw is left in the server's words."""
    said = " ".join(str(error).split())
    known = (
        ("Connection refused", _("那里没有数据库在运行；请先启动它，或核对地址和端口。")),
        ("timeout expired", _("没有回应；请核对地址、端口和防火墙。")),
        ("resolve host", _("找不到这台主机；请核对主机名。")),
        ("password authentication failed", _("用户名或口令不对。")),
        ("no password supplied", _("需要口令，地址里没有写。")),
        ("role ", _("没有这个用户。")),
        ("database ", _("没有这个库；请先用 createdb 建立。")),
    )
    for sign, sentence in known:
        if sign in said and (not sign.endswith(" ") or "does not exist" in said):
            return sentence
    return said or type(error).__name__


def prepare_home() -> Path:
    """The data folder with its rooms; a folder that cannot be written is one sentence."""
    place = home()
    try:
        for folder in (place, place / "log", place / "files", place / "static"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = place / f".room-{os.getpid()}"
        try:
            with probe.open("wb") as out:
                out.write(b"\0" * 8_000_000)
                out.flush()
                os.fsync(out.fileno())
        finally:
            probe.unlink(missing_ok=True)
    except OSError as error:
        if error.errno in (28, 122):
            raise Trouble(_("磁盘空间不足：{place} 所在的磁盘已满，请清理后再启动。").format(place=place)) from error
        raise Trouble(_("无法写入数据目录 {place}：{reason}").format(place=place, reason=error.strerror)) from error
    return place


class Keeper:
    """Holds the lock of the embedded server's folder and the server itself, and tells others its address."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.note = place / "database.url"
        self.lock: IO[str] | None = None
        self.cluster: Cluster | None = None

    def take(self) -> bool:
        lock = (self.place / "pg.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            return False
        self.lock = lock
        return True

    def start(self) -> str:
        self.cluster = Cluster(self.place / "pg", log=self.place / "log" / "postgres.log")
        url = self.cluster.start()
        fresh = self.note.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write(url)
        fresh.replace(self.note)
        return url

    def stop(self) -> None:
        if self.cluster is not None:
            self.note.unlink(missing_ok=True)
            self.cluster.stop()
            self.cluster = None
        if self.lock is not None:
            self.lock.close()
            self.lock = None


@contextlib.contextmanager
def database() -> Iterator[str]:
    """The address to work with: the given server, the embedded one that already runs, or one started for us."""
    if not embedded():
        url = os.environ["DATABASE_URL"]
        check_server(url)
        yield url
        return
    keeper = Keeper(prepare_home())
    if keeper.take():
        try:
            yield keeper.start()
        finally:
            keeper.stop()
        return
    yield _running(keeper)


def _running(keeper: Keeper) -> str:
    """Somebody else runs the server; it may be in the middle of starting."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with contextlib.suppress(OSError, psycopg.Error):
            url = keeper.note.read_text(encoding="ascii")
            psycopg.connect(url, connect_timeout=5).close()
            return url
        time.sleep(0.2)
    raise Trouble(_("另一个进程占用着数据目录 {place}，但数据库没有应答；请先停止它。").format(place=keeper.place))
