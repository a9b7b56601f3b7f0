"""The steps of bin/test: tools that browsers and mail need, static checks, tests, tests on a system PostgreSQL."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = {
    "chromium": "chromium-headless-shell",
    "dovecot": "dovecot-imapd",
    "fonts": "fonts-noto-cjk",
    "mutt": "mutt",
    "s-nail": "s-nail",
}
#: Any of them will do; the first is the quickest.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
#: Tests wait for browsers, servers and the database: one more than there are processors keeps these busy.
PROCESSES = str((os.cpu_count() or 1) + 1)
#: What bin/audit ends with where no advisory database answers: said at the end, and no failure of the code.
NOT_ASKED = 4
sys.path.insert(0, str(ROOT))


def missing_packages() -> list[str]:
    from bin import packages

    path = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"
    present = {
        "chromium": any(shutil.which(name, path=path) for name in BROWSERS),
        "dovecot": bool(shutil.which("dovecot", path=path)),
        "mutt": bool(shutil.which("mutt", path=path)),
        "s-nail": bool(shutil.which("s-nail", path=path)),
        "fonts": any(Path("/usr/share/fonts").rglob("*CJK*")) if Path("/usr/share/fonts").is_dir() else False,
    }
    libraries = [package for library, package in packages.LIBRARIES.items() if not packages.loads(library)]
    return [package for name, package in PACKAGES.items() if not present[name]] + libraries


def install_packages() -> None:
    """Chromium, Dovecot, Pango and a Chinese font, when we may; what is still absent makes its tests fail, not skip."""
    from bin import packages

    wanted = missing_packages()
    if not wanted:
        return
    if packages.allowed():
        print(f"正在安装测试需要的系统软件：{' '.join(wanted)}……", flush=True)
        packages.install(wanted)
    if still := missing_packages():
        once = packages.typed(still)
        print(f"缺少 {' '.join(still)}，相关测试会失败；请运行一次：{once}", file=sys.stderr, flush=True)


def system_postgres() -> Path | None:
    """The newest PostgreSQL 15+ of the system whose server programs are all there."""
    from yinuo.operations.binaries import version_of

    places = [Path(p) for p in os.environ.get("PATH", "").split(":") if p]
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    found = {}
    for place in places:
        if not all((place / name).exists() for name in ("postgres", "initdb")):
            continue
        real = (place / "postgres").resolve().parent
        if int(version := version_of(real)) >= 15:
            found[int(version)] = real
    return found[max(found)] if found else None


def step(name: str, command: list[str], failed: list[str], fine: tuple[int, ...] = (0,)) -> int:
    began = time.monotonic()
    print(f"── {name}", flush=True)
    code = subprocess.run(command, cwd=ROOT, env=environment()).returncode
    if code not in fine:
        failed.append(name)
    print(f"   {time.monotonic() - began:.0f} 秒", flush=True)
    return code


def environment() -> dict[str, str]:
    """Ours without what would change the tests. Compiled files are kept: dozens of processes start during a run."""
    dropped = ("PYTEST_", "PYTHONDONTWRITEBYTECODE")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(dropped)}
    return kept | {"PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "yinuo.settings"}


def main() -> int:
    tool = [sys.executable, "-m"]
    pytest = [*tool, "pytest"]
    if sys.argv[1:]:
        return subprocess.run([*pytest, *sys.argv[1:]], cwd=ROOT, env=environment()).returncode
    began, failed = time.monotonic(), list[str]()
    install_packages()
    audited = 0  # in CI only: who tries a line of code ten times an hour need not ask the world each time
    if os.environ.get("CI"):
        audited = step("bin/audit", [sys.executable, "bin/audit.py"], failed, fine=(0, NOT_ASKED))
    step("ruff check", [*tool, "ruff", "check", "."], failed)
    step("ruff format", [*tool, "ruff", "format", "--check", "."], failed)
    step("import-linter", [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"], failed)
    step("mypy", [*tool, "mypy", "yinuo"], failed)
    step("pytest", [*pytest, "-n", PROCESSES, "--dist", "worksteal"], failed)
    if programs := system_postgres():
        database = [*tool, "yinuo", "test-db", "--bin", str(programs), "--"]
        marked = [*pytest, "-n", PROCESSES, "--dist", "worksteal", "-m", "database and not browser"]
        step(f"pytest（系统 PostgreSQL，{programs}）", [*database, *marked], failed)
    result = "失败：" + "、".join(failed) if failed else "全部通过"
    result += "（没有核对已知漏洞：连不上漏洞库）" if audited == NOT_ASKED else ""
    print(f"── 共 {time.monotonic() - began:.0f} 秒：{result}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
