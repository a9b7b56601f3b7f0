"""One installation from nothing: `yinuo up` with its embedded database or one outside, a real Dovecot, a real SMTP
server, and between them and the world a network that can be stopped.
"""

import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import psutil
import psycopg
from aiosmtpd.controller import Controller

from tests.faults.database import Outside
from tests.faults.network import Relay
from tests.faults.timekeeping import Clock, possible
from yinuo.channels.email.tests.servers import Dovecot, Inbox, free_port

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = "kefu@yinuo.test"
#: The first data, through commands as an administrator would: who works here, what is promised, the mailbox, a key.
SETTING_UP = """
import django; django.setup()
import json, sys
from yinuo.kernel.actor import Actor, acting_as
from yinuo.identity.commands import create_api_key, create_staff
from yinuo.identity.grants import GRANT_CODES
from yinuo.identity.models import Unit
from yinuo.channels.email.commands.mailboxes import save_mailbox
given = json.loads(sys.argv[1])
with acting_as(Actor.system("faults")):
    unit = Unit.objects.filter(takes_intake=True).first() or Unit.objects.first()
    boss = create_staff(username="boss", name="主管", password=given["password"], unit_id=unit.pk, role_codes=["leader", "supervisor", "agent"])
    save_mailbox(name="客服", address=given["address"], unit_id=unit.pk, is_default=True, receipt_enabled=False,
        imap_host="127.0.0.1", imap_port=given["imap"], imap_security="none", imap_user=given["address"], imap_password=given["secret"],
        smtp_host="127.0.0.1", smtp_port=given["smtp"], smtp_security="none")
    print(create_api_key(name="faults", staff_id=boss.pk, grants=GRANT_CODES)["secret"])
"""


class Stage:
    """Everything that runs. `key`: an API key that may do what a supervisor may; `password`: of the login `boss`.

    `outside`: the database is no part of the installation but reached through the network. `jumps`: the
    time of day is set while it runs; at the end it is in any case where this machine can. `root`: the product's source, for a copy that lacks something.
    """

    def __init__(self, size: str = "", *, outside: bool = False, jumps: bool = False, root: Path = ROOT) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="yn-faults-"))
        self.home, self.root = self.folder / "home", root
        self.home.mkdir()
        self.small_disk = bool(size) and _mounted(self.home, size)
        self.port, self.smtp_port = free_port(), free_port()
        self.log = (self.folder / "up.log").open("ab")
        self.process: subprocess.Popen[bytes] | None = None
        self.restarts = 0
        self.dovecot, self.inbox = Dovecot(), Inbox()
        self.smtp: Controller | None = None
        self.clock, self.jumps = Clock() if possible() else None, jumps
        self.outside: Outside | None = Outside(self.home, self.clock_environment) if outside else None
        self.network = {
            "web": Relay(self.port), "live": Relay(self.port + 1), "imap": Relay(self.dovecot.port), "smtp": Relay(self.smtp_port),
        } | ({"database": self.outside.relay} if self.outside else {})  # fmt: skip
        self.web, self.live = (f"http://127.0.0.1:{self.network[name].port}" for name in ("web", "live"))
        self.key, self.password = "", secrets.token_urlsafe(12)

    @property
    def clock_environment(self) -> dict[str, str]:
        return self.clock.environment if self.clock else {}

    @property
    def environment(self) -> dict[str, str]:
        dropped = ("DATABASE_URL", "YINUO_TEST_DATABASE_URL")
        ports = f"{self.network['imap'].port},{self.network['smtp'].port}"
        kept = {k: v for k, v in os.environ.items() if k not in dropped} | self.clock_environment
        return kept | ({"DATABASE_URL": self.outside.address} if self.outside else {}) | {
            "YINUO_HOME": str(self.home), "PYTHONPATH": str(self.root), "DJANGO_SETTINGS_MODULE": "yinuo.settings",
            "YINUO_SEND_HOLD": "0", "YINUO_MAIL_LOCAL": "1", "YINUO_MAIL_PORTS": ports, "YINUO_TRUSTED_PROXIES": "1",
            "YINUO_LIVE_URL": self.live,
        }  # fmt: skip

    def now(self) -> datetime:
        """What time it is for the product."""
        return self.clock.now() if self.clock else datetime.now(UTC)

    def open(self) -> None:
        self.dovecot.start()
        self.start_smtp()
        self.start()
        self.wait_for_web(180)
        given = {
            "address": ADDRESS, "password": self.password, "secret": self.dovecot.password,
            "imap": self.network["imap"].port, "smtp": self.network["smtp"].port,
        }  # fmt: skip
        done = self.run("-c", SETTING_UP, json.dumps(given), DATABASE_URL=self.database)
        assert done.returncode == 0, done.stderr[-2000:]
        self.key = done.stdout.strip().splitlines()[-1]
        self._wait_for_first_visit()

    def run(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """A command of the product, with the network in order."""
        direct = {"DATABASE_URL": self.outside.url} if self.outside else {}
        return subprocess.run(
            [sys.executable, *words], env=self.environment | direct | environment, cwd=self.root, capture_output=True, text=True,
            timeout=180,
        )  # fmt: skip

    def _wait_for_first_visit(self) -> None:
        """What lay in a mailbox before the product first looked is left there on purpose."""
        self.wait_for("SELECT 1 FROM email_mailbox WHERE uidvalidity IS NOT NULL AND uidvalidity > 0", 90)

    def wait_for(self, query: str, seconds: float) -> None:
        """Until the query finds something."""
        end = time.monotonic() + seconds
        with self.connect() as connection:
            while not connection.execute(query.encode()).fetchone():
                assert time.monotonic() < end, self.last_words()
                time.sleep(0.2)

    @property
    def database(self) -> str:
        """Its address for the harness, past the network that can be stopped."""
        return self.outside.url if self.outside else (self.home / "database.url").read_text(encoding="ascii")

    def start(self) -> None:
        command = [sys.executable, "-m", "yinuo", "up", "--no-demo", "--port", str(self.port)]
        self.process = subprocess.Popen(
            command, env=self.environment, cwd=self.root, stdout=self.log, stderr=self.log, start_new_session=True
        )

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(40)
            self.process = None

    def start_smtp(self) -> None:
        self.smtp = Controller(self.inbox, hostname="127.0.0.1", port=self.smtp_port, data_size_limit=1 << 26)
        self.smtp.start()

    def stop_smtp(self) -> None:
        if self.smtp is not None:
            self.smtp.stop()
            self.smtp = None

    def answers(self) -> bool:
        with contextlib.suppress(OSError):
            return urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=3).status == 200
        return False

    def wait_for_web(self, seconds: float) -> None:
        """Should the whole of it have given up, it is started again, as `Restart=always` does."""
        end = time.monotonic() + seconds
        while not self.answers():
            if self.outside:
                self.outside.come_back()
            if self.process is None or self.process.poll() is not None:
                self.restarts += 1
                time.sleep(2)
                self.start()
            assert time.monotonic() < end, self.last_words()
            time.sleep(0.3)

    def last_words(self) -> str:
        return (self.folder / "up.log").read_text(errors="replace")[-1500:]

    def parts(self) -> dict[str, list[psutil.Process]]:
        """Processes by what they are: web, live, worker, clock, postgres (the postmaster), up."""
        found: dict[str, list[psutil.Process]] = {}
        mine = str(self.home)
        for one in psutil.process_iter(["pid", "name", "cmdline", "ppid"]):
            words = " ".join(one.info["cmdline"] or ())
            if one.info["name"] == "postgres" and mine in words:
                found.setdefault("postgres", []).append(one)
            elif self.process and self.process.pid in _ancestors(one):
                for name, sign in (
                    ("web", "granian"),
                    ("live", "yinuo.live.main"),
                    ("worker", "yinuo worker"),
                    ("clock", "yinuo clock"),
                ):
                    if sign in words:
                        found.setdefault(name, []).append(one)
        return found

    def connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self.database, autocommit=True, connect_timeout=5)

    def left(self) -> list[str]:
        """Asks the installation to stop and says what still runs of it after its grace; that is ended then."""
        self.stop()
        end = time.monotonic() + 30
        while (found := _processes_of(self.home)) and time.monotonic() < end:
            time.sleep(0.5)
        names = [" ".join(one.cmdline()[1:4]) for one in found if one.is_running()]
        for one in found:
            with contextlib.suppress(psutil.Error):
                one.kill()
        return names

    def close(self) -> None:
        self.left()
        self.stop_smtp()
        for name, one in self.network.items():
            if name != "database":
                one.close()
        if self.outside:
            self.outside.close()
        if self.clock:
            self.clock.close()
        self.dovecot.close()
        self.log.close()
        if self.small_disk:
            subprocess.run(["umount", "-l", str(self.home)], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


def _mounted(place: Path, size: str) -> bool:
    """A disk of its own that can be filled; only where this machine lets us mount one."""
    try:
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)], capture_output=True)
    except OSError:
        return False
    return done.returncode == 0


def _processes_of(home: Path) -> list[psutil.Process]:
    found = []
    for one in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if one.environ().get("YINUO_HOME") == str(home) and one.status() != psutil.STATUS_ZOMBIE:
                found.append(one)
    return found


def _ancestors(one: psutil.Process) -> set[int]:
    with contextlib.suppress(psutil.Error):
        return {parent.pid for parent in one.parents()}
    return set()
