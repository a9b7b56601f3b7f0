"""Attachments looked at in the page: pictures we drew ourselves, of what one may see, made once."""

import io
from types import SimpleNamespace

import pytest
from PIL import Image

from yinuo.complaints.tests.conftest import Walk
from yinuo.conversations.commands import upload_attachment
from yinuo.kernel.actor import acting_as
from yinuo.kernel.blobs import path_of, previews_of
from yinuo.web import previews, raster


def paged(*sizes: tuple[int, int]) -> bytes:
    """A PDF with an empty page of each size and a script that would run on opening it."""
    kids = " ".join(f"{n + 4} 0 R" for n in range(len(sizes)))
    parts = [
        "<</Type/Catalog/Pages 2 0 R/OpenAction 3 0 R>>", f"<</Type/Pages/Kids[{kids}]/Count {len(sizes)}>>",
        "<</S/JavaScript/JS(app.alert\\(1\\))>>", *(f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {w} {h}]>>" for w, h in sizes),
    ]  # fmt: skip
    body = "".join(f"{n} 0 obj{part}endobj\n" for n, part in enumerate(parts, 1))
    return f"%PDF-1.4\n{body}trailer<</Root 1 0 R>>\n%%EOF".encode()


def photo(turned: int) -> bytes:
    marks, out = Image.Exif(), io.BytesIO()
    marks[0x0112] = turned
    Image.new("RGB", (900, 300), "#a33").save(out, "JPEG", exif=marks)
    return out.getvalue()


@pytest.fixture
def put(firm):
    def made(data: bytes, name: str):
        with acting_as(firm.wang):
            return upload_attachment(file=data, name=name, upload_key="key-12345678")

    return made


def picture(answer) -> Image.Image:
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    assert (
        answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
        and answer["Cache-Control"] == "private, no-cache"
    )
    return Image.open(io.BytesIO(answer.content))


def test_pages_of_a_pdf(wang, client_of, put, monkeypatch) -> None:
    file = put(paged((595, 842), (10, 90000)), "送货单.pdf")
    about = wang.get(f"/files/{file.pk}/pages/").json()
    assert about == {"pages": 2, "sizes": [[595, 842], [10, 90000]]}
    first = wang.get(f"/files/{file.pk}/pages/1/")
    assert abs(picture(first).width - previews.WIDE) <= 1
    assert picture(wang.get(f"/files/{file.pk}/pages/2/")).height <= raster.MOST_HIGH + 1
    monkeypatch.setattr(previews.subprocess, "run", lambda *_a, **_k: pytest.fail("drawn again"))
    assert wang.get(f"/files/{file.pk}/pages/1/").content == first.content
    assert wang.get(f"/files/{file.pk}/pages/1/", headers={"If-None-Match": first["ETag"]}).status_code == 304
    for beyond in (0, 3, 99999):
        assert wang.get(f"/files/{file.pk}/pages/{beyond}/").status_code == 404
    for part in ("pages/", "pages/1/", "small/"):
        assert client_of("cai").get(f"/files/{file.pk}/{part}").status_code == 404, "somebody else's"
    assert {path.name for path in previews_of(file.blob.sha256).iterdir()} == {"about", "1", "2"}


def test_small_pictures_and_what_cannot_be_shown(wang, put) -> None:
    upright = put(photo(6), "竖.jpg")
    small = picture(wang.get(f"/files/{upright.pk}/small/"))
    assert small.height == 320 and small.width < small.height, "turned as it was held"
    for data in (b"%PDF-1.7 broken", paged()):
        broken = put(data, "坏.pdf")
        about = wang.get(f"/files/{broken.pk}/pages/").json()
        assert about["pages"] == 0 and "请下载后查看" in about["detail"]
        assert wang.get(f"/files/{broken.pk}/pages/1/").status_code == 404
    for name, data in (
        ("图.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"),
        ("页.html", b"<html><script>"),
    ):
        file = put(data, name)
        assert wang.get(f"/files/{file.pk}/small/").status_code == 404
        assert wang.get(f"/files/{file.pk}/")["Content-Disposition"].startswith("attachment")


def test_a_pdf_that_stops_the_drawing_is_tried_again(wang, put, monkeypatch) -> None:
    """Too slow or too large now is not broken for ever."""
    file = put(paged((100, 100)), "慢.pdf")
    with monkeypatch.context() as slow:
        slow.setattr(previews.subprocess, "run", lambda *_a, **_k: SimpleNamespace(returncode=-9, stdout=b""))
        answer = wang.get(f"/files/{file.pk}/pages/")
        assert answer.status_code == 422 and "请下载后查看" in answer.json()["detail"]
    assert wang.get(f"/files/{file.pk}/pages/").json()["pages"] == 1


def test_thumbnails_keep_their_place(wang, put, firm) -> None:
    """Fixed sizes and lazily fetched; a file of another kind only downloads."""
    case = Walk(firm)
    put(photo(1), "照片.jpg"), put(paged((9, 9)), "单.pdf"), put(b"PK\x03\x04", "表.docx")
    wang.post(
        f"/complaints/{case.id}/note/", {"text": "照片来了", "upload_key": "key-12345678", "once": "o-1234567890"}
    )
    page = wang.get(f"/complaints/{case.id}/").content.decode()
    assert page.count('<img loading="lazy" width="112" height="84"') == 2
    assert (
        'data-preview="照片.jpg"' in page and 'data-preview="单.pdf"' in page and 'data-preview="表.docx"' not in page
    )
    assert path_of("ab" * 32) != previews_of("ab" * 32)
