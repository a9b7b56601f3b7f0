"""Make .venv and install one hashed lock file into it; a stamp makes the second time instant.

Only the standard library: this runs before anything is installed.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
NEEDED_MB = 600


def fail(sentence: str) -> None:
    print(sentence, file=sys.stderr)
    raise SystemExit(3)


def works() -> bool:
    """An environment is only reused when its interpreter still starts and is new enough."""
    check = [str(PYTHON), "-c", "import sys, pip; sys.exit(sys.version_info < (3, 11))"]
    return PYTHON.exists() and subprocess.run(check, capture_output=True).returncode == 0


def room() -> None:
    free = shutil.disk_usage(ROOT).free // (1024 * 1024)
    if free < NEEDED_MB:
        fail(f"磁盘空间不足：{ROOT} 所在磁盘只剩 {free} MB，安装至少需要 {NEEDED_MB} MB。")


def make(log: Path) -> None:
    if VENV.exists():
        shutil.rmtree(VENV)
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True)
    log.write_text(made.stdout + made.stderr, encoding="utf-8")
    if made.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        if "ensurepip" in made.stdout + made.stderr:
            fail("这个 Python 缺少 venv 模块；Debian/Ubuntu 请先运行：apt-get install python3-venv。")
        fail(f"无法创建虚拟环境 {VENV}，原因见 {log}。")


def install(lock: Path, log: Path) -> None:
    command = [str(PYTHON), "-m", "pip", "install", "--require-hashes", "--no-input", "-r", str(lock)]
    umask = os.umask(0o022)
    with log.open("ab") as out:
        done = subprocess.run(command, stdout=out, stderr=subprocess.STDOUT)
    os.umask(umask)
    if done.returncode == 0:
        return
    said = log.read_text(encoding="utf-8", errors="replace")
    if "No space left on device" in said or "Disk quota exceeded" in said:
        fail(f"磁盘空间不足：安装依赖时写满了 {ROOT} 所在的磁盘，请清理后再运行一次。")
    if "DO NOT MATCH THE HASHES" in said:
        fail(f"下载到的软件包与锁定的校验值不符，已停止安装；详情见 {log}。")
    if any(s in said for s in ("NewConnectionError", "Temporary failure", "ConnectTimeout", "No matching dist")):
        fail(f"无法从软件包仓库下载依赖，请检查网络或 pip 的代理设置后再运行一次；详情见 {log}。")
    fail(f"安装依赖失败，详情见 {log}。")


def main() -> None:
    quiet = "--quiet" in sys.argv
    lock = ROOT / next(a for a in sys.argv[1:] if a.endswith(".lock"))
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    stamp = VENV / f".installed-{lock.stem}"
    if stamp.exists() and stamp.read_text() == digest and PYTHON.exists():
        return
    home = Path(os.environ.get("YINUO_HOME") or ROOT / "var")
    (home / "log").mkdir(parents=True, exist_ok=True)
    with (home / "install.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        log = home / "log" / "install.log"
        log.write_text("")
        if not works():
            room()
            make(log)
        if not quiet:
            print("正在安装依赖（只有第一次需要，约一两分钟）……", flush=True)
        install(lock, log)
        import packages

        packages.provide()
        stamp.write_text(digest)


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        if error.errno in (28, 122):
            fail(f"磁盘空间不足，无法安装到 {ROOT}。")
        fail(f"无法写入 {error.filename or ROOT}：{error.strerror}。请换一个可写的目录。")
    except KeyboardInterrupt:
        fail("已取消安装。")
