"""Two web nodes behind HAProxy and PgBouncer, two workers, two clocks, two live gateways, a primary and its standby."""

import contextlib
import signal
import subprocess
import time

import psutil
import psycopg

from tests.faults.network import Relay
from tests.faults.stage import Stage
from tests.several.databases import Databases
from tests.several.front import Balancer, Pool
from yinuo.channels.email.tests.servers import free_port
from yinuo.operations import commands
from yinuo.operations.accounts import let_through

#: How often the keeper of processes looks, as systemd or Kubernetes would; seconds.
LOOK = 0.5


class Several(Stage):
    """The stage of the fault harness with its processes kept by us instead of `yinuo up`."""

    def __init__(self) -> None:
        super().__init__()
        self.databases = Databases(self.folder)
        self.pool = Pool(self.folder, self.databases)
        self.nodes: dict[str, subprocess.Popen[bytes]] = {}
        self.ports = {name: free_port() for name in ("web 1", "web 2", "live 1", "live 2")}
        self.balancer = Balancer(
            self.folder, [self.ports["web 1"], self.ports["web 2"]], [self.ports["live 1"], self.ports["live 2"]]
        )
        self.port = self.balancer.port
        if self.clock:
            self.clock.close()
            self.clock = None
        for name, port in (("web", self.balancer.port), ("live", self.balancer.live)):
            self.network[name].close()
            self.network[name] = Relay(port)
        self.web, self.live = (f"http://127.0.0.1:{self.network[name].port}" for name in ("web", "live"))

    @property
    def database(self) -> str:
        return self.databases.address()

    @property
    def environment(self) -> dict[str, str]:
        """The balancer is one more proxy between the visitor and the web."""
        started = self.databases.primary.sockets is not None
        return super().environment | ({"DATABASE_URL": self.database} if started else {}) | {
            "YINUO_TRUSTED_PROXIES": "2", "YINUO_PUBLIC_URL": f"http://127.0.0.1:{self.port}", "YINUO_ALLOWED_HOSTS": "127.0.0.1,localhost",
            "YINUO_WEB_WORKERS": "1",
        }  # fmt: skip

    def start(self) -> None:
        let_through(self.databases.primary.account, self.folder / "pgbouncer.ini")
        self.databases.start()
        self.pool.start()
        self.balancer.start()
        prepared = subprocess.run(
            commands.yinuo("prepare", "--no-demo", "--result", str(self.home / "prepared.json")),
            env=self.environment, stdout=self.log, stderr=self.log, timeout=300,
        )  # fmt: skip
        assert prepared.returncode == 0, self.last_words()
        for name in ("web 1", "web 2", "live 1", "live 2", "worker 1", "worker 2", "clock 1", "clock 2"):
            self.launch(name)
        self.process = self.nodes["web 1"]

    def launch(self, name: str) -> None:
        kind = name.split()[0]
        command = {
            "web": lambda: commands.web("127.0.0.1", self.ports[name]),
            "live": lambda: commands.live("127.0.0.1", self.ports[name]),
        }.get(kind, lambda: commands.yinuo(kind))()
        # Only the web's statements are all of one transaction each; the others listen and hold locks of a session.
        where = {"DATABASE_URL": self.pool.address(), "YINUO_PREPARED": "no"} if kind == "web" else {}
        self.nodes[name] = subprocess.Popen(
            command, env=self.environment | where, stdout=self.log, stderr=self.log, start_new_session=True
        )

    def revive(self) -> None:
        """What has ended is started again."""
        for name, process in self.nodes.items():
            if process.poll() is not None:
                self.launch(name)
        self.process = self.nodes["web 1"]

    def kill(self, name: str) -> None:
        """A node and what it started, at once."""
        process = self.nodes[name]
        with contextlib.suppress(psutil.Error):
            for one in psutil.Process(process.pid).children(recursive=True):
                one.kill()
        process.kill()
        process.wait(10)

    def wait_for_web(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not self.answers():
            assert time.monotonic() < end, self.last_words()
            time.sleep(LOOK)
            self.revive()

    def fail_over(self) -> float:
        """The primary is killed, the standby takes its place. Seconds until it takes writes."""
        seconds = self.databases.fail_over()
        self.pool.point_at_primary()
        return seconds

    def connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self.database, autocommit=True, connect_timeout=5)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        for process in self.nodes.values():
            with contextlib.suppress(OSError):
                process.send_signal(how)
        for process in self.nodes.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
        self.nodes.clear()
        self.balancer.stop()
        self.pool.stop()
        self.databases.stop()
