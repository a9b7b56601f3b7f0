"""Everything that is measured, one part after another, and what each target says about it.

    DATABASE_URL=postgresql://… bin/bench --key-file /path/to/key [--customers 1000000] [--seconds 10] [--json all.json]

`--customers` first brings the database up to so many (`bench.fill`, resumable); without it the database is taken as it
is. Nothing else should run on the machine: read the figures beside the plain PostgreSQL rows of the same run.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench import targets


def part(name: str, kept: dict[str, Any], *arguments: str) -> None:
    """One module of this room, with its table on the screen and its figures kept."""
    print(f"── bench.{name}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "figures.json"
        done = subprocess.run([sys.executable, "-m", f"bench.{name}", *arguments, "--json", str(out)])
        kept[name] = json.loads(out.read_text()) if out.exists() else {}
        kept[name + "_exit"] = done.returncode


def main() -> None:
    options = argparse.ArgumentParser(
        prog="bin/bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--key-file", type=Path, required=True)
    options.add_argument("--customers", type=int)
    options.add_argument("--seconds", type=float, default=10.0)
    options.add_argument("--json", type=Path)
    given = options.parse_args()
    if "DATABASE_URL" not in os.environ:
        raise SystemExit("DATABASE_URL names the database to measure on; it is written to")
    if given.customers:
        fill = ["bench.fill", "--customers", str(given.customers), "--key-file", str(given.key_file)]
        subprocess.run([sys.executable, "-m", *fill], check=True)
    kept: dict[str, Any] = {}
    part("drive", kept, "--key-file", str(given.key_file), "--seconds", str(given.seconds))
    part("clock", kept)
    part("live", kept)
    part("memory", kept)
    if given.json:
        given.json.write_text(json.dumps(kept, ensure_ascii=False, indent=1))
    print("── targets")
    for what, reached, wanted in targets.summary(kept):
        print(f"{'met' if wanted(reached) else 'NOT MET':8} {what}: {reached:,.1f}")


if __name__ == "__main__":
    main()
