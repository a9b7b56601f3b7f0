"""What every process carries from its start: the clock and the live gateway need no dictionaries and no paper."""

import subprocess
import sys

HEAVY = ("pypinyin", "weasyprint", "openpyxl", "fontTools", "schemathesis", "hypothesis")


def test_no_part_loads_what_it_may_never_need():
    loaded = "import django, sys; django.setup(); import yinuo.jobs.clock, yinuo.live.app; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert {name.partition(".")[0] for name in done.stdout.split()}.intersection(HEAVY) == set()
