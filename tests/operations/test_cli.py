"""What a person meets at the keyboard: every mistake is one sentence and an exit code, never a traceback."""

import errno
import os
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from django.db import InterfaceError, OperationalError

from yinuo import cli
from yinuo.operations import up
from yinuo.operations.database import prepare_home
from yinuo.operations.words import Trouble

ROOT = Path(__file__).resolve().parent.parent.parent
COMMANDS = [
    "up",
    "serve",
    "live",
    "worker",
    "clock",
    "migrate",
    "demo",
    "import-mail",
    "backup",
    "restore",
    "doctor",
    "password",
    "manage",
    "test-db",
]


def one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode not in (0, 1), (done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr + done.stdout
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


def test_help_lists_every_command_in_chinese(yinuo):
    said = yinuo("--help")
    assert said.returncode == 0
    for command in COMMANDS:
        assert f"\n    {command}" in said.stdout
    assert "usage" not in said.stdout
    assert "prepare" not in said.stdout


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "缺少命令"),
        (["fly"], "没有“fly”这个命令"),
        (["import-mail"], "缺少文件或目录"),
        (["up", "--port"], "--port 后面少了一个值"),
        (["up", "--port", "web"], "--port 应是整数，而不是“web”"),
        (["up", "--fast"], "不认识的参数：--fast"),
        (["demo", "--customers=-3"], "客户数量应在 1 到 100000000 之间"),
        (["demo", "--customers", "0"], "客户数量应在 1 到 100000000 之间"),
    ],
)
def test_a_slip_of_the_fingers_is_said_in_chinese_alone(given, said, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(given)
    assert ended.value.code == 2
    shown = capsys.readouterr().err
    assert said in shown
    assert not {"argument", "invalid", "expected", "following"} & set(shown.replace(":", " ").split())


def test_a_taken_port(yinuo):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"端口 {port} 已被占用" in one_sentence(yinuo("up", "--port", str(port)))


def test_a_taken_port_for_live_updates_is_named_too():
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(Trouble, match="已被占用"):
        up.check_port("127.0.0.1", taken.getsockname()[1])


@pytest.mark.parametrize("port", ["0", "65535", "70000", "-1"])
def test_an_impossible_port(yinuo, port):
    assert "端口" in one_sentence(yinuo("up", f"--port={port}"))


def test_an_address_that_is_not_ours(yinuo):
    assert "无法在地址 203.0.113.9 上监听：这不是本机的地址" in one_sentence(
        yinuo("up", "--host", "203.0.113.9", "--port", "18999")
    )


def test_an_unreachable_database(yinuo):
    done = yinuo("up", "--port", "18999", DATABASE_URL="postgresql://me:geheim@127.0.0.1:1/x")
    assert "无法连接数据库 127.0.0.1:1/x：那里没有数据库在运行" in one_sentence(done)
    assert "geheim" not in done.stderr


@pytest.mark.parametrize(
    "url", ["nonsense", "postgresql://[", "mysql://root@127.0.0.1/x", "postgresql://127.0.0.1:port/x"]
)
def test_a_database_address_that_makes_no_sense(yinuo, url):
    assert "不是有效的数据库地址" in one_sentence(yinuo("up", "--port", "18999", DATABASE_URL=url))


def test_a_data_folder_that_cannot_be_written(yinuo, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    assert "无法写入数据目录" in one_sentence(yinuo("up", "--port", "18999", YINUO_HOME=str(tmp_path / "file" / "var")))


def test_a_full_disk(place, monkeypatch):
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Trouble, match="磁盘空间不足"):
        prepare_home()
    assert not list(place.glob(".room-*"))


def test_a_disk_that_fills_up_in_the_middle_of_any_command(monkeypatch, capsys):
    def full(_options: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(cli, "_doctor", full)
    assert cli.main(["doctor"]) == 3
    assert "磁盘空间不足" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [OperationalError, InterfaceError, psycopg.OperationalError])
def test_a_database_that_goes_in_the_middle_of_any_command(monkeypatch, capsys, wrong):
    def goes(_options: object) -> None:
        raise wrong("server closed the connection unexpectedly")

    monkeypatch.setattr(cli, "_demo", goes)
    assert cli.main(["demo"]) == 3
    said = capsys.readouterr().err
    assert "与数据库的连接断了；已经完成的部分都在" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("program", ["run", "test", "yinuo"])
def test_a_python_that_is_too_old(yinuo, tmp_path, program):
    old = tmp_path / "old python"
    old.write_text('#!/bin/sh\ncase "$2" in *print*) echo 3.9 ;; *) exit 1 ;; esac\n')
    old.chmod(0o755)
    said = one_sentence(yinuo(program=program, YINUO_PYTHON=str(old)))
    assert "需要 Python 3.11 或更高版本（找到的是 3.9）" in said


def test_missing_files_are_named(yinuo):
    assert "没有这个文件或目录：/no/such.mbox" in one_sentence(yinuo("import-mail", "/no/such.mbox"))
    assert "没有备份文件" in one_sentence(yinuo("restore", "/no/such.tar"))


def test_mail_is_not_imported_into_an_empty_database(yinuo, tmp_path):
    (tmp_path / "a.mbox").write_text("From a@b.cn Mon Jan  1 00:00:00 2026\nSubject: x\n\ny\n")
    assert "请先运行 yinuo migrate" in one_sentence(yinuo("import-mail", str(tmp_path / "a.mbox")))


def test_lock_files_name_no_index_and_hash_everything():
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text()
        assert "://" not in text
        assert not [line for line in text.splitlines() if line.startswith("-")]
        packages = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
        assert packages
        assert all("==" in line and line.endswith("\\") for line in packages)


def test_the_development_lock_contains_the_runtime_lock():
    def pins(name: str) -> set[str]:
        return {line.split(" ")[0] for line in (ROOT / name).read_text().splitlines() if line[:1].isalnum()}

    assert pins("requirements.lock") <= pins("requirements-dev.lock")


def test_scripts_need_nothing_but_a_shell():
    for name in ("run", "test", "yinuo", "lock"):
        script = ROOT / "bin" / name
        assert script.read_text().startswith("#!/bin/sh\n")
        assert script.stat().st_mode & 0o111
        assert subprocess.run(["sh", "-n", script]).returncode == 0


def test_a_part_started_alone_needs_no_environment(yinuo):
    done = yinuo("test-db", "--", sys.executable, "-c", "import os; print(os.environ['DATABASE_URL'][:13])")
    assert done.stdout.strip() == "postgresql://"


@pytest.mark.parametrize(("part", "name"), [("live", "live"), ("serve", "web")])
def test_a_part_started_alone_is_the_one_the_supervisor_starts(part, name, monkeypatch, tmp_path):
    from yinuo.operations import commands

    started = []
    monkeypatch.setattr(up, "check_port", lambda host, port: None)
    monkeypatch.setattr(commands, "become", started.append)
    port = up.services(SimpleNamespace(host="127.0.0.1", port=8123), {}, _with_log(tmp_path))
    together = {service.name: service.command for service in port}
    own = {"live": 8124, "web": 8123}[name]
    cli.main([part, "--host", "127.0.0.1", "--port", str(own)])
    assert started == [together[name]]


def _with_log(place: Path) -> Path:
    (place / "log").mkdir()
    return place
