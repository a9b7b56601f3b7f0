"""Files by content: written whole, synced and renamed, so a power cut leaves either the file or nothing.

Storing holds a shared lock on the content until its transaction ends, deleting takes the same lock alone: whoever has
just found the bytes there already keeps them. A backup holds `FILES_LOCK` shared, and nothing is deleted
meanwhile.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Exists, OuterRef, QuerySet

from yinuo.kernel.guard import permit_writes
from yinuo.kernel.locks import FILES_LOCK
from yinuo.kernel.models import Blob

CHUNK = 1 << 20


def path_of(sha256: str) -> Path:
    return Path(settings.FILES_DIR) / sha256[:2] / sha256[2:4] / sha256


def previews_of(sha256: str) -> Path:
    """Where pictures made of these bytes are kept; they are forgotten with them."""
    return Path(settings.PREVIEWS_DIR) / sha256[:2] / sha256


def store(source: bytes | BinaryIO, media_type: str = "application/octet-stream") -> Blob:
    """Keep the bytes and return their row (an existing one for the same bytes). Call inside a command."""
    digest, size, temporary = _write_aside(source)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_lock_of(digest)])
    final = path_of(digest)
    if final.exists():
        temporary.unlink()
    else:
        final.parent.mkdir(parents=True, exist_ok=True)
        temporary.replace(final)
        _sync_folder(final.parent)
    blob, _made = Blob.objects.get_or_create(sha256=digest, defaults={"size": size, "media_type": media_type[:100]})
    return blob


def open_blob(blob: Blob) -> BinaryIO:
    """The stored bytes; FileNotFoundError if the files folder lost them (`yinuo doctor` tells)."""
    return path_of(blob.sha256).open("rb")


def unreferred() -> QuerySet[Blob]:
    """Files no row of any table names."""
    rows = Blob.objects.all()
    for relation in Blob._meta.get_fields(include_hidden=True):
        if relation.one_to_many and relation.auto_created:
            keeper: type[models.Model] = relation.related_model  # type: ignore[assignment]
            rows = rows.exclude(Exists(keeper._base_manager.filter(**{relation.field.name: OuterRef("pk")})))  # type: ignore[union-attr]
    return rows


def forget_unreferred(limit: int = 1000) -> int:
    """Delete files nobody refers to, row and bytes; what is being stored or backed up at this moment stays."""
    gone = 0
    for blob in unreferred().order_by("pk")[:limit]:
        with _alone_with(blob.sha256) as alone:
            # asked again, now that nobody can be storing it; the bytes go before the row's end is committed:
            # afterwards somebody may have stored them anew
            if alone and unreferred().filter(pk=blob.pk).delete()[0]:
                path_of(blob.sha256).unlink(missing_ok=True)
                shutil.rmtree(previews_of(blob.sha256), ignore_errors=True)
                gone += 1
    return gone


def forget_strays(before: datetime) -> int:
    """Delete bytes without a row, written before: what a transaction left that was rolled back, or a power cut."""
    gone = 0
    old = [path for path in Path(settings.FILES_DIR).glob("incoming/*") if _written_before(path, before)]
    for path in old:
        path.unlink(missing_ok=True)
    for folder in Path(settings.FILES_DIR).glob("??/??"):
        paths = {path.name: path for path in folder.iterdir() if _written_before(path, before)}
        known = set(Blob.objects.filter(sha256__in=list(paths)).values_list("sha256", flat=True))
        for name in sorted(set(paths) - known):
            with _alone_with(name) as alone:
                if alone and not Blob.objects.filter(sha256=name).exists():
                    paths[name].unlink(missing_ok=True)
                    gone += 1
    return gone + len(old)


def _written_before(path: Path, moment: datetime) -> bool:
    try:
        return path.is_file() and path.stat().st_mtime < moment.timestamp()
    except FileNotFoundError:
        return False


@contextmanager
def _alone_with(sha256: str) -> Iterator[bool]:
    """A transaction in which nobody else stores these bytes and no backup runs; False when somebody does."""
    with transaction.atomic(), permit_writes("forget files"), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [FILES_LOCK])
        free = bool(cursor.fetchone()[0])
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_lock_of(sha256)])
        yield free and bool(cursor.fetchone()[0])


def _lock_of(sha256: str) -> int:
    return int.from_bytes(hashlib.sha256(sha256.encode()).digest()[:8], signed=True)


def _write_aside(source: bytes | BinaryIO) -> tuple[str, int, Path]:
    folder = Path(settings.FILES_DIR) / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder)
    hasher, size = hashlib.sha256(), 0
    with os.fdopen(handle, "wb") as out:
        for chunk in (source,) if isinstance(source, bytes) else iter(lambda: source.read(CHUNK), b""):
            hasher.update(chunk)
            size += len(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return hasher.hexdigest(), size, Path(name)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
