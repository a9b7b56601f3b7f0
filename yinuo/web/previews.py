"""Small pictures of attachments, and the pages of a PDF as pictures: made once per content, forgotten with it."""

import io
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from PIL import Image

from yinuo.conversations.models import Attachment
from yinuo.conversations.rules import DECODING
from yinuo.kernel.blobs import path_of, previews_of
from yinuo.kernel.errors import Invalid, Missing, TooMany
from yinuo.web import raster

PDF = "application/pdf"
SMALL, WIDE, SECONDS, WAIT = (320, 320), 1400, 30, 15
NOT_DRAWN = gettext_lazy("这一页画不出来，请下载后查看。")
#: So many processes at a time in one process of the server; the others wait their turn.
_turns = threading.BoundedSemaphore(2)


def can_show(file: Attachment) -> bool:
    """Whether the page can show it: images we wrote anew, and PDF files."""
    return file.is_image or file.media_type == PDF


def small(file: Attachment) -> bytes:
    """A small picture of an image, or of the first page of a PDF; a grey one of a PDF nobody can read."""
    if file.is_image:
        return _kept(file, "small", lambda: _shrunk(path_of(file.blob.sha256)))
    return _kept(file, "small", lambda: _drawn(file, "1", str(SMALL[0])) or _webp(Image.new("RGB", (4, 3), "#d5dae0")))


def about(file: Attachment) -> dict[str, Any]:
    """How many pages a PDF has, and the sizes of those shown: none where nobody can read it."""
    if file.media_type != PDF:
        raise Missing(_("这个附件不能预览，请下载后查看"))
    found: dict[str, Any] = json.loads(_kept(file, "about", lambda: _drawn(file) or b'{"pages": 0, "sizes": []}'))
    return found


def drawn(file: Attachment, number: int) -> bytes:
    """One page of a PDF."""
    if not 1 <= number <= len(about(file)["sizes"]):
        raise Missing(_("没有这一页"))
    if picture := _kept(file, str(number), lambda: _drawn(file, str(number), str(WIDE))):
        return picture
    raise Invalid(str(NOT_DRAWN))


def _kept(file: Attachment, part: str, make: Callable[[], bytes]) -> bytes:
    """What was made before for the same content, or made now."""
    place = previews_of(file.blob.sha256) / part
    try:
        return place.read_bytes()
    except FileNotFoundError:
        made = make()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as out:
            out.write(made)
        Path(out.name).replace(place)
    except OSError:  # a full disk: it is made again next time
        pass
    return made


def _shrunk(path: Path) -> bytes:
    with DECODING, Image.open(path) as image:
        image.draft("RGB", SMALL)
        image.thumbnail(SMALL)
        clear = "transparency" in image.info or image.mode in ("RGBA", "LA")
        return _webp(image.convert("RGBA" if clear else "RGB"))


def _webp(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=80)
    return out.getvalue()


def _drawn(file: Attachment, *wanted: str) -> bytes:
    """What the drawing process answered; nothing for a file that is broken, which is so for ever."""
    if not _turns.acquire(timeout=WAIT):
        raise TooMany(_("现在打开的文件太多，请稍等再看。"), retry_after=5)
    try:
        done = subprocess.run(  # noqa: S603 our own program; the path is one of ours
            [sys.executable, "-I", raster.__file__, str(path_of(file.blob.sha256)), *wanted],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, timeout=SECONDS,
            env={"PATH": os.environ.get("PATH", "")}, start_new_session=True,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Invalid(str(NOT_DRAWN)) from None
    finally:
        _turns.release()
    if done.returncode not in (0, raster.BROKEN):
        raise Invalid(str(NOT_DRAWN))
    return done.stdout if done.returncode == 0 else b""
