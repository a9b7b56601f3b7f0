"""Long runs of what the tests do shortly.

python -m tests.attack contract --examples 50 --seed 7 [--role agent …] [--only complaints]
python -m tests.attack fuzz --minutes 10 --seed 7 [--only mime …]
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ways = parser.add_subparsers(dest="way", required=True)
    contract = ways.add_parser("contract", help="every operation of the API as every role")
    contract.add_argument("--role", action="append", default=[], help="only these; else all")
    contract.add_argument("--examples", type=int, default=20, help="requests for each operation and role")
    contract.add_argument("--only", default="", help="only operations whose name has this")
    filters = ways.add_parser("filters", help="the addresses of lists, on pages and in the API")
    filters.add_argument("--examples", type=int, default=5000)
    fuzz = ways.add_parser("fuzz", help="the readers of foreign input")
    fuzz.add_argument("--minutes", type=float, default=10, help="of processor time, over all targets")
    fuzz.add_argument("--guided", action="store_true", help="one target, led by what it reaches (needs atheris)")
    fuzz.add_argument("--only", action="append", default=[], help="only these targets")
    for way in (contract, filters, fuzz):
        way.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    if given.way == "contract":
        chosen = {"YINUO_ATTACK_ROLES": " ".join(given.role) or "all", "YINUO_ATTACK_ONLY": given.only}
        return run_tests("contract", "every_answer", given, chosen)
    return run_tests("filters", "no_question", given, {}) if given.way == "filters" else run_fuzz(given)


def run_tests(name: str, which: str, given: argparse.Namespace, chosen: dict[str, str]) -> int:
    """The same tests as always, for longer: they bring the database."""
    environment = os.environ | chosen | {"YINUO_ATTACK_EXAMPLES": str(given.examples), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "pytest", f"tests/attack/test_{name}.py", f"--hypothesis-seed={given.seed}"]
    shown = ["-rP", "--show-capture=stdout", "-k", which]
    return subprocess.run([*command, *shown], env=environment, cwd=ROOT).returncode


def run_fuzz(given: argparse.Namespace) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yinuo.settings")
    import django

    django.setup()
    if given.guided:
        import atheris

        with atheris.instrument_imports(include=["yinuo", "email"]):
            from tests.attack import fuzz
        fuzz.run_guided(given.only[0], given.minutes)
    from tests.attack.fuzz import run

    return run(given.minutes, given.seed, given.only)


if __name__ == "__main__":
    sys.exit(main())
