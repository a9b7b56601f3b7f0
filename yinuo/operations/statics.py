"""The files browsers fetch: one address per content, so that they may be kept for ever.

The whole tree carries one fingerprint in its address (/static/<fingerprint>/…). Style sheets and modules name one
another relatively, so nothing has to be rewritten, and a page left open over an upgrade still finds its files.
`publish` lays the tree out compressed, once per version; without it the same addresses are served from the source.
"""

import contextlib
import gzip
import hashlib
import shutil
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
OURS = ("yinuo/web/static", "yinuo/channels/portal/static", "yinuo/api/static")
SQUEEZED = {".js", ".css", ".svg", ".json", ".txt", ".html"}
KEPT = 3
#: Source maps and what no page asks for.
LEFT_OUT = ("*.map", "redoc.standalone.js")


def fingerprint() -> str:
    """Changes whenever a file of ours does, or a library that brings some."""
    digest = hashlib.blake2b((ROOT / "requirements.lock").read_bytes(), digest_size=6)
    for folder in OURS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file():
                digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def sources() -> list[Path]:
    """The folders whose content is served: ours, and that of the interface's own documentation page."""
    import importlib.util

    ninja = importlib.util.find_spec("ninja")
    theirs = [Path(ninja.origin).parent / "static"] if ninja and ninja.origin else []
    return [*(ROOT / folder for folder in OURS), *theirs]


def publish(place: Path) -> Path | None:
    """Lay out this version under `place`. None when that was not possible: serving goes on from the source."""
    target = place / fingerprint()
    if target.is_dir():
        return target
    try:
        place.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=".fresh-", dir=place))
        try:
            for folder in sources():
                if folder.is_dir():
                    shutil.copytree(folder, fresh, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*LEFT_OUT))
            for path in list(fresh.rglob("*")):
                if path.suffix in SQUEEZED:
                    small = gzip.compress(path.read_bytes(), 6, mtime=0)
                    path.with_name(path.name + ".gz").write_bytes(small)
            fresh.chmod(0o755)
            fresh.rename(target)
        except FileExistsError:
            pass  # another start was quicker
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
        _sweep(place, target)
    except OSError:
        return target if target.is_dir() else None
    return target


def _sweep(place: Path, current: Path) -> None:
    """Pages may still be open on the versions before this one; older ones go."""
    with contextlib.suppress(OSError):
        others = [p for p in place.iterdir() if p.is_dir() and p != current]
        for old in sorted(others, key=lambda p: p.stat().st_mtime, reverse=True)[KEPT - 1 :]:
            shutil.rmtree(old, ignore_errors=True)
