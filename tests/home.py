"""Where the tests keep files: a folder of this run, one room per process, decided before anything reads the settings.

Loaded by `-p tests.home`, because the settings are read before any conftest.
"""

import os
import tempfile
from pathlib import Path

worker = os.environ.get("PYTEST_XDIST_WORKER", "")
if "YINUO_TEST_HOME" not in os.environ:
    os.environ["YINUO_TEST_HOME"] = tempfile.mkdtemp(prefix="yinuo-home-")
room = Path(os.environ["YINUO_TEST_HOME"]) / (worker or "main")
room.mkdir(exist_ok=True)
os.environ["YINUO_HOME"] = str(room)
# The mail servers of the tests stand on this machine, at ports the system gives; where that is closed, a test says so.
os.environ.setdefault("YINUO_SEND_HOLD", "0")  # a pressed "send" sends at once; who tests second thoughts sets them
os.environ.setdefault("YINUO_MAIL_LOCAL", "1")
os.environ.setdefault("YINUO_MAIL_PORTS", "1-65535")
