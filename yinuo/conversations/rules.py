"""What a file really is, and what may be shown of it. Pure but for the image decoder."""

import io
import re
import threading
import unicodedata
from dataclasses import dataclass

import puremagic
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from yinuo.kernel.errors import Invalid
from yinuo.kernel.text import clean_line

IMAGES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/gif": "GIF"}
MAX_PIXELS = 50_000_000
MAX_SIDE = 4096
DOWNLOAD_ONLY = "application/octet-stream"
#: How many images one process decodes at the same moment.
DECODING = threading.BoundedSemaphore(2)


@dataclass(frozen=True, slots=True)
class Sniffed:
    """A file after looking at its bytes: images are re-encoded without metadata, the rest is download only."""

    data: bytes
    media_type: str
    is_image: bool
    name: str


def safe_name(name: str) -> str:
    """A file name with no path, no control or invisible character, not hidden, at most 120 characters."""
    base = re.split(r"[\\/]", unicodedata.normalize("NFKC", name or ""))[-1]
    base = re.sub(r'[<>:"|?*%;]', "_", clean_line(base[-240:], 480)).strip(" .")
    stem, dot, extension = base.rpartition(".")
    if not dot:
        return base[:120] or "file"
    return f"{stem[: 119 - len(extension[:10])] or 'file'}.{extension[:10]}"


def sniff(data: bytes, name: str) -> Sniffed:
    """Look at the bytes, never at what the sender claims. Raises `Invalid` for an image bomb or a lying image."""
    shown = safe_name(name)
    guess = _guess(data)
    if guess in IMAGES:
        return Sniffed(_reencoded(data, IMAGES[guess]), guess, True, shown)
    return Sniffed(data, guess if guess == "application/pdf" else DOWNLOAD_ONLY, False, shown)


def _guess(data: bytes) -> str:
    for magic, kind in (
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"GIF8", "image/gif"),
        (b"%PDF-", "application/pdf"),
    ):
        if data.startswith(magic):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    try:
        return str(puremagic.from_string(data[:4096], mime=True)) or DOWNLOAD_ONLY
    except (puremagic.PureError, ValueError):
        return DOWNLOAD_ONLY


def _reencoded(data: bytes, form: str) -> bytes:
    """Decoded, made small, turned upright and written anew. Few at a time: a small file may unfold to 200 MB."""
    try:
        with DECODING, Image.open(io.BytesIO(data), formats=[form]) as image:
            if image.width * image.height > MAX_PIXELS:
                raise Invalid(_("图片尺寸过大，请缩小后再上传"), code="image_too_large")
            image.thumbnail((MAX_SIDE, MAX_SIDE))
            upright = ImageOps.exif_transpose(image) or image
            # comments, colour profiles and notes of the camera stay behind: any bytes may stand in them
            upright.info = {name: value for name, value in upright.info.items() if name == "transparency"}
            out = io.BytesIO()
            if form == "JPEG":
                upright.convert("RGB").save(out, form, quality=88)
            else:
                upright.save(out, form)
            return out.getvalue()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise Invalid(_("图片已损坏或不是有效的图片文件"), code="image_broken") from None
