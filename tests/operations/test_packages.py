"""bin/packages.py: what a machine lacks for PDF files is installed where that is allowed, otherwise told once."""

import subprocess

import pytest

from bin import packages


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """One without Pango and without fonts; what was run on it."""

    def made(*, root: bool, helps: bool) -> list[list[str]]:
        ran: list[list[str]] = []
        there = set()

        def run(command, **_how):
            ran.append(command)
            if "install" in command and helps:
                there.update(packages.LIBRARIES)
                (tmp_path / "NotoSerifCJK-Regular.ttc").touch()
            return subprocess.CompletedProcess(command, int(command[-1] == "true"))

        monkeypatch.setattr(packages, "loads", lambda library: library in there)
        monkeypatch.setattr(packages, "FONTS", (str(tmp_path), "/no/such/folder"))
        monkeypatch.setattr(packages.shutil, "which", lambda name: f"/usr/bin/{name}")
        monkeypatch.setattr(packages.subprocess, "run", run)
        monkeypatch.setattr(packages.os, "geteuid", lambda: 0 if root else 1000)
        return ran

    return made


ALL = ["libpango-1.0-0", "libpangoft2-1.0-0", "fonts-noto-cjk"]


def test_root_gets_what_is_missing(machine, capsys):
    ran = machine(root=True, helps=True)
    packages.provide()
    assert ran == [["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", *ALL]]
    said = capsys.readouterr()
    assert "正在安装 PDF 需要的系统软件" in said.out and said.err == ""
    ran.clear()
    packages.provide()
    assert ran == []


@pytest.mark.parametrize("root", [True, False])
def test_what_cannot_be_installed_is_said_in_one_line_and_stops_nothing(machine, capsys, root):
    ran = machine(root=root, helps=False)
    packages.provide()
    (line,) = capsys.readouterr().err.splitlines()
    assert (
        line.endswith(f"sudo apt-get install -y --no-install-recommends {' '.join(ALL)}") and "可以用浏览器打印" in line
    )
    assert root or ran == [["sudo", "-n", "true"]]
