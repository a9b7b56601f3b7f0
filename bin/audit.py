"""Does what the product runs on have known holes? Asks the advisory databases about every line of requirements.lock.

Exit 0: asked about all of them, and none has one. 1: one has. 4: not all could be asked about, which is said; whoever
wants that to fail too sets YINUO_AUDIT=required.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
CLEAN, HOLES, NOT_ASKED = 0, 1, 4
#: One after the other until one answers for everything: the package index tells advisories too, OSV collects them all.
SERVICES = (("pypi",), ("osv",))
#: Advisories that do not touch how we use the library: id → why, looked at again with every release.
ACCEPTED: dict[str, str] = {}


@dataclass
class Told:
    """What a database said: holes by package, how many packages it knew, and which it did not."""

    holes: dict[str, list[str]] = field(default_factory=dict)
    known: int = 0
    unknown: list[str] = field(default_factory=list)
    failed: str = ""

    @property
    def complete(self) -> bool:
        return bool(self.known) and not self.unknown and not self.failed


def read(report: dict[str, Any]) -> Told:
    """pip-audit counts what it could not ask about as no finding; here it is one."""
    told = Told()
    for package in report["dependencies"]:
        if "skip_reason" in package:
            told.unknown.append(package["name"])
            continue
        told.known += 1
        for hole in package["vulns"]:
            names = {hole["id"], *hole.get("aliases", ())}
            if not names & ACCEPTED.keys():
                better = "、".join(hole["fix_versions"]) or "还没有"
                said = f"{hole['id']}（修好的版本：{better}）"
                told.holes.setdefault(f"{package['name']} {package['version']}", []).append(said)
    return told


def ask(lock: Path, *service: str) -> Told:
    command = [
        sys.executable, "-m", "pip_audit", "-r", str(lock), "--require-hashes", "--disable-pip", "--format=json",
        "--progress-spinner=off", "--aliases=on", "--desc=off", f"--vulnerability-service={service[0]}", *service[1:],
    ]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=600)
        return read(json.loads(done.stdout))
    except subprocess.TimeoutExpired:
        return Told(failed="十分钟没有回答")
    except (ValueError, KeyError):
        return Told(failed=(done.stderr.strip().splitlines() or ["没有回答"])[-1][:300])


def main(lock: Path = LOCK, services: tuple[tuple[str, ...], ...] = SERVICES) -> int:
    holes: dict[str, list[str]] = {}
    for service in services:
        told = ask(lock, *service)
        holes |= told.holes
        if holes or told.complete:
            break
        why = told.failed or f"{len(told.unknown)} 个软件包查不到：{'、'.join(told.unknown[:5])}…"
        print(f"漏洞库 {service[0]} 没有查成：{why}", flush=True)
    for package, said in holes.items():
        print(f"有已知漏洞：{package}：{'；'.join(said)}", flush=True)
    if holes:
        return HOLES
    if told.complete:
        print(f"{told.known} 个软件包都没有已知漏洞。", flush=True)
        return CLEAN
    print("没有核对已知漏洞：连不上漏洞库。请在能上网的机器上运行 bin/audit。", flush=True)
    return HOLES if os.environ.get("YINUO_AUDIT") == "required" else NOT_ASKED


if __name__ == "__main__":
    sys.exit(main())
