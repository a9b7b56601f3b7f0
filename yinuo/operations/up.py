"""`yinuo up`: everything an installation needs, in one foreground process."""

import argparse
import contextlib
import errno
import os
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

from yinuo.operations import addresses, commands, counts, prepare
from yinuo.operations.children import die_with_parent
from yinuo.operations.database import Keeper, check_server, embedded, prepare_home
from yinuo.operations.service import Service
from yinuo.operations.statics import publish
from yinuo.operations.supervisor import Supervisor
from yinuo.operations.words import Trouble, _


def run(options: argparse.Namespace) -> None:
    check_port(options.host, options.port)
    check_port(options.host, options.port + 1)
    with hold_port(options.host, options.port):
        _run(options)


def _run(options: argparse.Namespace) -> None:
    place = prepare_home()
    keeper = Keeper(place)
    if not keeper.take():
        raise Trouble(
            _("一诺已经在运行（数据目录 {place}）；请先停止它，或用 YINUO_HOME 指定另一个目录。").format(place=place)
        )
    publish(place / "static")
    counts.clear(place)
    supervisor = Supervisor(keeper)
    supervisor.listen()
    try:
        environment = surroundings(options, _database(keeper))
        if supervisor.stopping:
            return
        notes = _prepare(environment, place, demo=options.demo, supervisor=supervisor)
        if supervisor.stopping:
            return
        supervisor.run(
            services(options, environment, place), lambda: announce(environment, notes, prepare.note_in(place))
        )
    finally:
        if supervisor.stopping:
            print(_("正在停止……"), flush=True)
        supervisor.stop()
        keeper.stop()
    print(_("已停止，数据保存在 {place}。").format(place=place), flush=True)


def _database(keeper: Keeper) -> str:
    if not embedded():
        check_server(os.environ["DATABASE_URL"])
        return os.environ["DATABASE_URL"]
    print(_("正在启动内置数据库……"), flush=True)
    return keeper.start()


def check_port(host: str, port: int) -> None:
    if not 1 <= port <= 65535:
        raise Trouble(_("端口 {port} 无效，应在 1 到 65534 之间。").format(port=port))
    try:
        family, kind, proto, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, proto) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Trouble(_("端口 {port} 已被占用；请用 --port 换一个。").format(port=port)) from error
        if error.errno in (errno.EACCES, errno.EPERM):
            raise Trouble(_("没有权限使用端口 {port}；请用 --port 换一个大于 1023 的。").format(port=port)) from error
        elsewhere = isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL
        reason = _("这不是本机的地址；不写 --host 就是 127.0.0.1。") if elsewhere else error.strerror or error
        raise Trouble(_("无法在地址 {host} 上监听：{reason}").format(host=host, reason=reason)) from error


@contextlib.contextmanager
def hold_port(host: str, port: int) -> Iterator[None]:
    """Keep the port from another installation while this one prepares its data: web workers share a port, so a second
    one that looked in the meantime would get it too, and half of the visitors. Nobody connects to a socket held so.
    """
    with contextlib.ExitStack() as kept:
        with contextlib.suppress(OSError, AttributeError):
            family, kind, proto, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            held = kept.enter_context(socket.socket(family, kind, proto))
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            held.bind(address)
        yield


def surroundings(options: argparse.Namespace, url: str) -> dict[str, str]:
    """The environment of every child: one place decides addresses, so pages, links and live updates agree."""
    anywhere = options.host in ("0.0.0.0", "::", "")
    shown = addresses.reached_by() if anywhere else options.host
    shown = f"[{shown}]" if ":" in shown else shown
    names = {"localhost", "127.0.0.1", "[::1]", shown} | (
        {socket.gethostname(), *addresses.own()} if anywhere else set()
    )
    environment = commands.base_environment() | {"DATABASE_URL": url}
    environment.setdefault("YINUO_PUBLIC_URL", f"http://{shown}:{options.port}")
    environment.setdefault("YINUO_LIVE_URL", f"http://{{host}}:{options.port + 1}")
    environment.setdefault("YINUO_ALLOWED_HOSTS", ",".join(sorted(names)))
    return environment


def _prepare(environment: dict[str, str], place: Path, *, demo: bool, supervisor: Supervisor) -> dict[str, object]:
    """Migrations and first data in a process of their own: this one stays small and can stop it at any time.

    An embedded database that this very version has prepared before needs no second look, and starts sooner.
    """
    note = prepare.note_in(place)
    if embedded() and (known := prepare.remembered(note)):
        return known
    command = commands.yinuo("prepare", "--result", str(note), *([] if demo else ["--no-demo"]))
    preparing = subprocess.Popen(
        command, env=environment, start_new_session=True, preexec_fn=die_with_parent(signal.SIGTERM)
    )
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = preparing.wait(0.1)
            break
        if supervisor.stopping:
            preparing.terminate()
    if code == Trouble.CODE and not supervisor.stopping:
        raise SystemExit(code)  # it has said its sentence
    if code and not supervisor.stopping:
        raise Trouble(_("初始化没有完成，请按上面的提示处理后再运行一次。"), 4)
    return prepare.remembered(note) or {}


def services(options: argparse.Namespace, environment: dict[str, str], place: Path) -> list[Service]:
    logs = place / "log"
    host, port = options.host, options.port

    def service(name: str, command: list[str], ready: Callable[[], bool] = lambda: True) -> Service:
        return Service(name, command, environment=environment, logs=logs, ready=ready)

    return [
        service("web", commands.web(host, port), lambda: answers(host, port, "/readyz")),
        service("live", commands.live(host, port + 1), lambda: answers(host, port + 1, "/readyz")),
        service("worker", commands.yinuo("worker")),
        service("clock", commands.yinuo("clock")),
    ]


def answers(host: str, port: int, path: str) -> bool:
    """Any answer below 500 counts: a page that asks to log in is a healthy page."""
    target = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}.get(host, f"[{host}]" if ":" in host else host)
    request = urllib.request.Request(f"http://{target}:{port}{path}", headers={"Host": "localhost"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=2):
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


def announce(environment: dict[str, str], notes: dict[str, object], note: Path) -> None:
    print(flush=True)
    print(_("一诺已启动：{url}").format(url=environment["YINUO_PUBLIC_URL"]))
    for kind in ("logins", "once"):
        lines = notes.get(kind)
        for line in lines if isinstance(lines, list) else []:
            print("  " + str(line))
    print(_("按 Ctrl-C 停止。"), flush=True)
    prepare.shown(note)
