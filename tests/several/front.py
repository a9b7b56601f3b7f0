"""What stands before the processes: HAProxy over the web and live nodes, PgBouncer (transaction mode) over the primary."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

from tests.several.databases import Databases
from yinuo.channels.email.tests.servers import free_port
from yinuo.operations.postgres import DATABASE, PORT, ROLE

PATH = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"
#: What the product sets on its own connections (`kernel/guard.py`): behind a pool the pool must.
SESSION = "SET max_parallel_workers_per_gather = 0; SET jit = off"


def program(name: str) -> str:
    found = shutil.which(name, path=PATH)
    assert found, f"{name} is missing: apt-get install {name}"
    return found


class Balancer:
    """`port`: of the web, `live`: of the gateways. A node that is not ready gets nothing new."""

    def __init__(self, folder: Path, web: list[int], live: list[int]) -> None:
        self.port, self.live = free_port(), free_port()
        self.file = folder / "haproxy.cfg"
        self.file.write_text(_balancer(self.port, self.live, web, live), encoding="ascii")
        self.log = (folder / "haproxy.log").open("ab")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [program("haproxy"), "-db", "-f", str(self.file)], stdout=self.log, stderr=self.log
        )

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)


def _balancer(port: int, live_port: int, web: list[int], live: list[int]) -> str:
    def nodes(ports: list[int]) -> str:
        return "\n".join(
            f"  server n{n} 127.0.0.1:{one} check inter 500ms fall 2 rise 1" for n, one in enumerate(ports)
        )

    return f"""global
  maxconn 4000
defaults
  mode http
  timeout connect 2s
  timeout client 90s
  timeout server 90s
  option redispatch
  retries 3
  retry-on conn-failure empty-response response-timeout
  option httpchk GET /readyz
listen web
  bind 127.0.0.1:{port}
  balance leastconn
  option forwardfor
  http-request disable-l7-retry unless {{ method GET HEAD }}
{nodes(web)}
listen live
  bind 127.0.0.1:{live_port}
  balance leastconn
  timeout server 1h
{nodes(live)}
"""


class Pool:
    """PgBouncer in transaction mode: many web threads, few connections of the server."""

    def __init__(self, folder: Path, databases: Databases) -> None:
        self.folder, self.databases, self.port = folder, databases, free_port()
        self.log = (folder / "pgbouncer.log").open("ab")
        self.process: subprocess.Popen[bytes] | None = None

    def write(self) -> None:
        password = self.databases.password
        (self.folder / "users.txt").write_text(f'"{ROLE}" "{password}"\n', encoding="ascii")
        (self.folder / "pgbouncer.ini").write_text(
            f"""[databases]
{DATABASE} = host={self.databases.primary.sockets} port={PORT} dbname={DATABASE} user={ROLE} password={password} connect_query='{SESSION}'
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {self.port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {self.folder}/users.txt
pool_mode = transaction
default_pool_size = 12
max_client_conn = 500
ignore_startup_parameters = extra_float_digits,options
server_login_retry = 1
server_connect_timeout = 5
stats_users = {ROLE}
""",
            encoding="ascii",
        )
        for name in ("users.txt", "pgbouncer.ini"):
            self.databases.primary._give(self.folder / name)

    def start(self) -> None:
        self.write()
        account = self.databases.primary.account
        command = [program("pgbouncer"), str(self.folder / "pgbouncer.ini")]
        identity = account.identity() if account else {}
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, cwd="/", **identity)

    def point_at_primary(self) -> None:
        """After a takeover: the new address is read, nobody is sent away."""
        self.write()
        assert self.process is not None
        self.process.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)

    def address(self) -> str:
        return f"postgresql://{ROLE}:{self.databases.password}@127.0.0.1:{self.port}/{DATABASE}"
