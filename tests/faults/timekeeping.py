"""The clock of the machine as the product sees it, set forward and back while all of it runs.

libfaketime 0.9.10 does this too, but leaves `time.sleep` of Python 3.11 broken where durations are to stay true
(`FAKETIME_DONT_FAKE_MONOTONIC`: EINVAL), so the forty lines of `shift.c` do it; a C compiler is all they need.
"""

import mmap
import shutil
import struct
import subprocess
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

SOURCE = Path(__file__).with_name("shift.c")


def possible() -> bool:
    return shutil.which("cc") is not None


class Clock:
    """How far the product's clock is `off`. Every process, the database too, sees a jump at the same moment; what
    measures durations stays true, as on a real machine.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="yn-clock-", dir="/tmp"))
        self.folder.chmod(0o755)
        self.off = self.furthest = timedelta()
        self._library, self._file = self.folder / "shift.so", self.folder / "off"
        build = ["cc", "-O2", "-shared", "-fPIC", "-o", str(self._library), str(SOURCE)]
        subprocess.run(build, check=True, capture_output=True)
        self._file.write_bytes(struct.pack("d", 0.0))
        for one in (self._library, self._file):
            one.chmod(0o755)
        with self._file.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), 8)

    @property
    def environment(self) -> dict[str, str]:
        return {"LD_PRELOAD": str(self._library), "YN_CLOCK_FILE": str(self._file)}

    def now(self) -> datetime:
        return datetime.now(UTC) + self.off

    def set(self, off: timedelta) -> None:
        self.off, self.furthest = off, max(off, self.furthest)
        self._shared[:] = struct.pack("d", off.total_seconds())

    def close(self) -> None:
        self._shared.close()
        shutil.rmtree(self.folder, ignore_errors=True)
