"""Software of the system: what PDF files need, and how packages get there where that is allowed.

Only the standard library: `install.py` runs before anything is installed.
"""

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

LIBRARIES = {"libpango-1.0.so.0": "libpango-1.0-0", "libpangoft2-1.0.so.0": "libpangoft2-1.0-0"}
FONTS = ("/usr/share/fonts", "/usr/local/share/fonts")
#: Names of files of Chinese fonts, of which one is enough.
CHINESE = ("*CJK*", "*SourceHan*", "*NotoSerifSC*", "*NotoSansSC*", "wqy-*", "*simsun*", "*simhei*", "uming*", "ukai*")


def missing() -> list[str]:
    """The packages without which no paper becomes a PDF file."""
    wanted = [package for library, package in LIBRARIES.items() if not loads(library)]
    folders = [folder for folder in map(Path, FONTS) if folder.is_dir()]
    if not any(True for folder in folders for name in CHINESE for _ in folder.rglob(name)):
        wanted.append("fonts-noto-cjk")
    return wanted


def loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def allowed() -> bool:
    return bool(shutil.which("apt-get")) and (os.geteuid() == 0 or succeeds(["sudo", "-n", "true"]))


def succeeds(command: list[str]) -> bool:
    return bool(shutil.which(command[0])) and subprocess.run(command, capture_output=True).returncode == 0


def install(packages: list[str]) -> None:
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        subprocess.run([*prefix, "apt-get", *command], env=environment, capture_output=True)


def typed(packages: list[str]) -> str:
    """What somebody types who may."""
    return f"sudo apt-get install -y --no-install-recommends {' '.join(packages)}"


def provide() -> None:
    """For PDF files, while the product is installed: it runs without them, so nothing here stops it."""
    wanted = missing()
    if wanted and allowed():
        print(f"正在安装 PDF 需要的系统软件：{' '.join(wanted)}……", flush=True)
        install(wanted)
        wanted = missing()
    if wanted:
        print(
            f"缺少 {' '.join(wanted)}，暂时不能生成 PDF（可以用浏览器打印）；请运行一次：{typed(wanted)}",
            file=sys.stderr,
        )
