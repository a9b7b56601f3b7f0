"""bin/install.py: the first start on a machine that has nothing but Python, and everything that goes wrong there."""

import base64
import hashlib
import os
import runpy
import shutil
import subprocess
import sys
import zipfile
from collections import namedtuple
from pathlib import Path

import pip
import pytest

BIN = Path(__file__).resolve().parents[2] / "bin"
START = "import sys\nprint('handed over:', *sys.argv[1:])\n"


class Tree:
    """A source tree of its own with the scripts of bin, below names that trip careless ones; nothing is downloaded."""

    def __init__(self, root: Path) -> None:
        self.root, self.home, self.wheels = root / "一诺 源码 $(x) 'q'", root / "数 据", root / "轮 子"
        (self.root / "bin").mkdir(parents=True)
        for name in ("run", "install.py", "packages.py", "find-python.sh"):
            shutil.copy2(BIN / name, self.root / "bin")
        (self.root / "bin" / "start.py").write_text(START)
        self.wheels.mkdir()
        self.good = self.wheel("probe")
        self.wheel("other")

    def wheel(self, name: str) -> str:
        """A package of one line; its hash."""
        files = {
            f"yinuo_{name}.py": "ANSWER = 42\n",
            f"yinuo_{name}-1.0.dist-info/METADATA": f"Metadata-Version: 2.1\nName: yinuo-{name}\nVersion: 1.0\n",
            f"yinuo_{name}-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        rows = [f"{path},sha256={self._digest(text)},{len(text)}" for path, text in files.items()]
        record = f"yinuo_{name}-1.0.dist-info/RECORD"
        files[record] = "\n".join([*rows, f"{record},,", ""])
        path = self.wheels / f"yinuo_{name}-1.0-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as out:
            for place, text in files.items():
                out.writestr(place, text)
        return hashlib.sha256(path.read_bytes()).hexdigest()

    @staticmethod
    def _digest(text: str) -> str:
        return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")

    def lock(self, name: str = "requirements.lock", *, digest: str = "", package: str = "yinuo-probe") -> str:
        (self.root / name).write_text(f"{package}==1.0 \\\n    --hash=sha256:{digest or self.good}\n")
        return name

    def run(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "PYTHON"))}
        offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": self.wheels.as_uri(), "PIP_CONFIG_FILE": os.devnull}
        environment = kept | offline | {"YINUO_HOME": str(self.home), "YINUO_PYTHON": sys.executable} | more
        return subprocess.run(command, env=environment, cwd="/", capture_output=True, text=True, timeout=120)

    def install(self, lock: str, **more: str) -> subprocess.CompletedProcess[str]:
        return self.run(sys.executable, str(self.root / "bin" / "install.py"), lock, **more)

    @property
    def log(self) -> Path:
        return self.home / "log" / "install.log"


@pytest.fixture
def bare(tmp_path):
    """A tree where nothing is installed yet."""
    return Tree(tmp_path)


@pytest.fixture
def tree(bare):
    """One whose environment stands; its pip is the one the tests run with, which saves unpacking another."""
    bare.run(sys.executable, "-m", "venv", "--without-pip", str(bare.root / ".venv"))
    (packages,) = (bare.root / ".venv").glob("lib/python*/site-packages")
    (packages / "ours.pth").write_text(str(Path(pip.__file__).parents[1]) + "\n")
    return bare


def one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 3, (done.stdout, done.stderr)
    (line,) = done.stderr.strip().splitlines()
    assert line.endswith("。") and "Traceback" not in done.stdout
    return line


@pytest.mark.slow
def test_the_first_run_makes_an_environment_and_the_second_hands_over_at_once(bare):
    """Also where one stands whose Python is gone, as after an upgrade of the system."""
    python = bare.root / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to("/no/such/python")
    bare.lock()
    first = bare.run(str(bare.root / "bin" / "run"), "--port", "8 0")
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.splitlines() == ["正在安装依赖（只有第一次需要，约一两分钟）……", "handed over: up --port 8 0"]
    asked = bare.run(str(python), "-c", "import yinuo_probe; print(yinuo_probe.ANSWER)")
    assert asked.stdout == "42\n"

    noted = bare.log.stat().st_mtime_ns
    second = bare.run(str(bare.root / "bin" / "run"), PIP_FIND_LINKS="/nowhere")
    assert (second.returncode, second.stdout) == (0, "handed over: up\n")
    assert bare.log.stat().st_mtime_ns == noted, "nothing was installed again"


def test_a_changed_lock_file_is_installed_again(tree):
    lock = tree.lock("changed.lock")
    assert tree.install(lock).returncode == 0
    (tree.root / lock).write_text((tree.root / lock).read_text() + "# newer\n")
    again = tree.install(lock)
    assert again.returncode == 0 and "正在安装依赖" in again.stdout


def test_a_package_that_is_not_the_locked_one(tree):
    lock = tree.lock("wrong.lock", package="yinuo-other", digest="0" * 64)
    said = one_sentence(tree.install(lock))
    assert "与锁定的校验值不符，已停止安装" in said and str(tree.log) in said
    assert not (tree.root / ".venv/.installed-wrong").exists()
    assert "DO NOT MATCH" in tree.log.read_text()


def test_a_lock_file_without_a_hash_installs_nothing(tree):
    (tree.root / "loose.lock").write_text("yinuo-other==1.0\n")
    assert "安装依赖失败" in one_sentence(tree.install("loose.lock"))


@pytest.mark.parametrize(
    "index", [{}, {"PIP_NO_INDEX": "0", "PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0"}]
)
def test_no_network(tree, index):
    lock = tree.lock("absent.lock", package="yinuo-absent")
    said = one_sentence(tree.install(lock, **index))
    assert "请检查网络或 pip 的代理设置后再运行一次" in said
    mended = tree.install(tree.lock("absent.lock"))
    assert mended.returncode == 0, "the next run goes on"


def test_a_disk_too_full_to_begin(bare, monkeypatch, capsys):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(10**9, 9 * 10**8, 10**8))
    monkeypatch.setattr(sys, "argv", ["install.py", bare.lock()])
    monkeypatch.setenv("YINUO_HOME", str(bare.home))
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(bare.root / "bin" / "install.py"), run_name="__main__")
    said = capsys.readouterr().err
    assert ended.value.code == 3
    assert said == f"磁盘空间不足：{bare.root} 所在磁盘只剩 95 MB，安装至少需要 600 MB。\n"
    assert not (bare.root / ".venv").exists()


@pytest.mark.parametrize("words", ["[Errno 28] No space left on device", "[Errno 122] Disk quota exceeded"])
def test_a_disk_that_fills_up_meanwhile(bare, words):
    """An interpreter that works, whose pip writes until the disk is full."""
    python = bare.root / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\n[ "$1" = -c ] && exit 0\necho "ERROR: Could not install: {words}"\nexit 1\n')
    python.chmod(0o755)
    assert "磁盘空间不足：安装依赖时写满了" in one_sentence(bare.install(bare.lock()))


def test_a_folder_nobody_may_write_to(bare):
    bare.home.write_text("a file stands where the data would go")
    assert "无法写入" in one_sentence(bare.install(bare.lock()))
