"""A file is what its bytes say. Pictures are made anew, everything else can only be downloaded."""

import io
import struct
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from yinuo.conversations.rules import DOWNLOAD_ONLY, MAX_SIDE, safe_name, sniff
from yinuo.kernel.errors import Invalid


def picture(form: str = "JPEG", size: tuple[int, int] = (60, 40), **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (10, 120, 200)).save(out, form, **options)
    return out.getvalue()


def png_that_claims(width: int, height: int) -> bytes:
    """A tiny PNG whose header promises a huge picture: the classic decompression bomb."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    body = b"".join(struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in chunks)
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
def test_pictures_are_made_anew(form) -> None:
    seen = sniff(picture(form), "照片.jpg")
    assert seen.is_image and Image.open(io.BytesIO(seen.data)).format == form


def test_where_it_was_taken_is_not_kept() -> None:
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    original = picture(exif=exif)
    assert b"secret place" in original and b"secret place" not in sniff(original, "a.jpg").data


@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("GIF", {"comment": b"SMUGGLED <script>"}), ("JPEG", {"comment": b"SMUGGLED <script>"}),
        ("JPEG", {"icc_profile": b"SMUGGLED" * 20}), ("WEBP", {"xmp": b"SMUGGLED" * 20}),
        ("WEBP", {"icc_profile": b"SMUGGLED" * 20}), ("PNG", {"icc_profile": b"SMUGGLED" * 20}),
    ],
)  # fmt: skip
def test_nothing_rides_along_in_a_picture(form, options) -> None:
    """A colour profile or a comment may hold any bytes: a script, or where and when it was taken."""
    kept = Image.open(io.BytesIO(sniff(picture(form, **options), "x").data))
    kept.load()
    assert "SMUGGLED" not in str(kept.info)


def test_a_trailing_script_does_not_survive() -> None:
    assert b"<script>" not in sniff(picture() + b"<script>alert(1)</script>", "a.jpg").data


@pytest.mark.parametrize(
    ("data", "name"),
    [(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "a.png"), (b"<html><script>x</script>", "a.jpg"),
     (b"MZ\x90\x00", "invoice.pdf"), (b"#!/bin/sh\n", "a.gif"), ("纯文本".encode(), "说明.txt")],
)  # fmt: skip
def test_what_only_claims_to_be_a_picture_is_download_only(data, name) -> None:
    seen = sniff(data, name)
    assert (seen.is_image, seen.media_type) == (False, DOWNLOAD_ONLY)


def test_a_zip_bomb_stays_packed() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", b"\0" * 50_000_000)
    seen = sniff(out.getvalue(), "a.zip")
    assert seen.media_type == DOWNLOAD_ONLY and seen.data == out.getvalue()


@pytest.mark.parametrize(
    "data", [png_that_claims(60_000, 60_000), b"\xff\xd8\xff\xe0broken", b"\x89PNG\r\n\x1a\n", b"GIF89a"]
)
def test_broken_and_bombing_pictures_are_refused_in_a_sentence(data) -> None:
    with pytest.raises(Invalid, match="图片"):
        sniff(data, "a.png")


def test_a_large_picture_is_made_smaller() -> None:
    seen = sniff(picture(size=(6000, 3000)), "a.jpg")
    assert max(Image.open(io.BytesIO(seen.data)).size) == MAX_SIDE


@pytest.mark.parametrize(
    ("raw", "safe"),
    [("../../etc/passwd", "passwd"), ("C:\\x\\报告.pdf", "报告.pdf"), ("a\u202egpj.exe", "agpj.exe"), ("", "file"),
     (".htaccess", "htaccess"), ("发票\x00.jpg", "发票.jpg"), ("a\r\nSet-Cookie: x.txt", "a Set-Cookie_ x.txt"),
     ("长" * 500 + ".jpg", "长" * 116 + ".jpg")],
)  # fmt: skip
def test_names_are_only_names(raw, safe) -> None:
    assert safe_name(raw) == safe


@given(st.text(max_size=300))
def test_no_name_leads_anywhere(raw) -> None:
    safe = safe_name(raw)
    assert 0 < len(safe) <= 125 and not set(safe) & set('/\\\x00\r\n<>:"|?*') and not safe.startswith(".")
