"""bin/check.py: what `bin/test` says when a program it needs is missing, and which PostgreSQL of the system it takes."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "bin" / "check.py"
SHELL = "chromium-headless-shell"
THERE = {"dovecot", "mutt", "s-nail", SHELL}


@pytest.fixture
def check(monkeypatch, tmp_path) -> ModuleType:
    """The script, on a machine of our making: programs by name, no fonts, no PostgreSQL in the usual place."""
    spec = importlib.util.spec_from_file_location("check_of_bin", SOURCE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    fonts = tmp_path / "fonts"
    fonts.mkdir()
    (fonts / "NotoSansCJK-Regular.ttc").touch()
    moved = {"/usr/share/fonts": fonts, "/usr/lib/postgresql": tmp_path / "postgresql"}
    monkeypatch.setattr(module, "Path", lambda place: moved.get(str(place)) or Path(place))
    return module


@pytest.fixture
def machine(check, monkeypatch):
    """Which programs it has, and what was run to get more of them."""

    def have(programs: set[str], *, root: bool, brings: set[str] = frozenset()) -> list[list[str]]:
        now, ran = set(programs), []

        def run(command, **_how):
            ran.append(command)
            if command[-1] == "true":
                return subprocess.CompletedProcess(command, 1)
            if "install" in command:
                now.update(brings)
            return subprocess.CompletedProcess(command, 0)

        monkeypatch.setattr(check.shutil, "which", lambda name, path=None: f"/usr/bin/{name}" if name in now else None)
        monkeypatch.setattr(check.subprocess, "run", run)
        monkeypatch.setattr(check.os, "geteuid", lambda: 0 if root else 1000)
        return ran

    return have


def test_a_machine_that_has_everything_is_left_alone(check, machine, capsys):
    ran = machine({*THERE, "apt-get"}, root=True)
    check.install_packages()
    assert ran == [] and capsys.readouterr() == ("", "")


@pytest.mark.parametrize("more", [set(), {"apt-get"}, {"apt-get", "sudo"}])
def test_who_may_not_install_is_told_what_to_type(check, machine, capsys, more):
    """No apt-get, no right to use it, or a sudo that asks for a password: one sentence, and the tests go on."""
    ran = machine(THERE - {SHELL} | more, root=False)
    check.install_packages()
    said = capsys.readouterr()
    once = f"sudo apt-get install -y --no-install-recommends {SHELL}"
    assert said.err == f"缺少 {SHELL}，相关测试会失败；请运行一次：{once}\n" and said.out == ""
    assert not [command for command in ran if "install" in command]


@pytest.mark.parametrize("name", ["chromium", "chromium-browser", "google-chrome"])
def test_chromium_by_another_name_will_do(check, machine, name):
    machine(THERE - {SHELL} | {name}, root=False)
    assert check.missing_packages() == []


@pytest.mark.parametrize("brings", [{SHELL}, set()])
def test_what_is_missing_is_installed_where_that_is_allowed(check, machine, capsys, brings):
    ran = machine(THERE - {SHELL} | {"apt-get"}, root=True, brings=brings)
    check.install_packages()
    assert ran[-1] == ["apt-get", "install", "-y", "--no-install-recommends", SHELL]
    said = capsys.readouterr()
    assert "正在安装测试需要的系统软件：chromium-headless-shell" in said.out
    assert (f"缺少 {SHELL}" in said.err) is (not brings)


def test_a_font_for_chinese_is_looked_for(check, machine, tmp_path):
    machine(THERE, root=False)
    (tmp_path / "fonts" / "NotoSansCJK-Regular.ttc").unlink()
    assert check.missing_packages() == ["fonts-noto-cjk"]


def programs(place: Path, version: str, *names: str) -> Path:
    place.mkdir(parents=True)
    for name in names or ("postgres", "initdb"):
        (place / name).write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n")
        (place / name).chmod(0o755)
    return place


def test_the_newest_whole_postgresql_of_the_system_is_taken(check, tmp_path, monkeypatch):
    """By its number, not its name; one that is too old, or has no server programs, is none."""
    on_path = [programs(tmp_path / "a", "16.4"), programs(tmp_path / "b", "21.1", "postgres")]
    monkeypatch.setenv("PATH", ":".join(map(str, on_path)))
    usual = tmp_path / "postgresql"
    programs(usual / "14" / "bin", "14.9")
    assert check.system_postgres() == tmp_path / "a"
    newer = programs(usual / "17" / "bin", "17.2")
    programs(usual / "9" / "bin", "9.6.24")
    assert check.system_postgres() == newer


def test_without_one_that_is_new_enough_that_step_is_left_out(check, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    programs(tmp_path / "postgresql" / "14" / "bin", "14.9")
    assert check.system_postgres() is None


def test_a_link_leads_to_the_folder_with_all_programs(check, tmp_path, monkeypatch):
    """What stands on the PATH is often one link per program."""
    real = programs(tmp_path / "real", "15.1")
    links = tmp_path / "links"
    links.mkdir()
    for name in ("postgres", "initdb"):
        (links / name).symlink_to(real / name)
    monkeypatch.setenv("PATH", str(links))
    assert check.system_postgres() == real


def test_only_the_audit_may_end_without_having_asked(check, capfd) -> None:
    """pytest ends with the same number when it is called wrongly."""
    failed: list[str] = []
    command = [sys.executable, "-c", "raise SystemExit(4)"]
    assert check.step("audit", command, failed, fine=(0, check.NOT_ASKED)) == check.NOT_ASKED
    assert failed == []
    check.step("pytest", command, failed)
    assert failed == ["pytest"]
