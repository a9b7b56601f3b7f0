"""Files by content: written whole, synced and renamed, so a power cut leaves either the file or nothing."""

import hashlib
import os
import tempfile
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from yinuo.kernel.models import Blob

CHUNK = 1 << 20


def path_of(sha256: str) -> Path:
    return Path(settings.FILES_DIR) / sha256[:2] / sha256[2:4] / sha256


def store(source: bytes | BinaryIO, media_type: str = "application/octet-stream") -> Blob:
    """Keep the bytes and return their row (an existing one for the same bytes). Call inside a command."""
    digest, size, temporary = _write_aside(source)
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
