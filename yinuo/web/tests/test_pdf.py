"""Papers as PDF files: A4, Chinese that can be read and copied, and nothing a customer wrote reaches anything."""

import json
import re
import subprocess
import sys
from io import BytesIO
from urllib.parse import unquote

import pytest
from pypdf import PdfReader

from yinuo.complaints.models import Complaint
from yinuo.complaints.tests.conftest import Walk
from yinuo.kernel.errors import Invalid
from yinuo.kernel.guard import permit_writes
from yinuo.kernel.models import AuditEntry
from yinuo.web import pdf, press

HOSTILE = (
    '</td><img src="file:///etc/passwd"><link rel="attachment" href="file:///etc/hostname">{{ 7*7 }}'
    "<script>x</script>\x00\x07鹽𠮷😀終わり"
)


def fonts(reader: PdfReader) -> dict[str, bool]:
    """Each font of the file, and whether its letters are in it."""
    found = {}
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            font = font.get_object()
            for inner in font.get("/DescendantFonts", [font]):
                about = inner.get_object()["/FontDescriptor"]
                found[font["/BaseFont"]] = "/FontFile3" in about or "/FontFile2" in about
    return found


def flat(reader: PdfReader) -> str:
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in reader.pages))


def test_the_registration_form_as_a_file(client_of, firm) -> None:
    case = Walk(firm, name="欧阳娜娜", phone="13812345678", content="机油发黑。").to("assessed")
    with permit_writes("test"):
        Complaint.unscoped.filter(pk=case.id).update(demand=HOSTILE.replace("\0", ""), basis="长" * 9000)
    answer = client_of("wang").get(f"/complaints/{case.id}/registration.pdf")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    name = unquote(answer["Content-Disposition"].removeprefix("attachment; filename*=UTF-8''"))
    number = Complaint.unscoped.get(pk=case.id).matter.number
    assert name == f"顾客投诉登记表 {number}.pdf"

    reader = PdfReader(BytesIO(answer.content))
    assert {(round(p.mediabox.width), round(p.mediabox.height)) for p in reader.pages} == {(595, 842)}
    text, embedded = flat(reader), fonts(reader)
    for said in ("顾客投诉登记表", "欧阳娜娜", "机油发黑。", number, "领导批示", "打印时间", "后面还有7,500字"):
        assert said in text, said
    assert f"第1页/共{len(reader.pages)}页" in text and len(reader.pages) > 1
    assert "13812345678" not in text and "138****5678" in text, "masked as on the page"
    assert text.count("投诉人欧阳娜娜") == len(reader.pages), "the head again on every page"
    assert '<imgsrc="file:///etc/passwd">' in text and "{{7*7}}" in text and "鹽𠮷" in text, (
        "what he wrote, as he wrote it"
    )
    assert not reader.attachments and "/Image" not in str(reader.pages[0]["/Resources"].get("/XObject", ""))
    assert any("CJK" in font for font in embedded) and all(embedded.values())
    assert (reader.metadata.title, reader.root_object["/Lang"]) == (f"{number} 顾客投诉登记表", "zh-CN")
    assert reader.root_object["/MarkInfo"]["/Marked"]
    assert AuditEntry.unscoped.filter(command="complaint.note_printed", matter_id=case.id).count() == 1

    assert client_of("cang").get(f"/complaints/{case.id}/registration.pdf").status_code == 403
    assert client_of("wang").get("/complaints/999999/registration.pdf").status_code == 404


def test_a_page_reaches_nothing(tmp_path) -> None:
    """Not even our own templates could leak a file or call an address: the printing process refuses."""
    secret = tmp_path / "secret.png"
    secret.write_text("secret-7788")
    html = "<html lang=zh><body>完" + "".join(
        f'<img src="{u}"><link rel="attachment" href="{u}"><link rel="stylesheet" href="{u}"><object data="{u}"></object>'
        for u in (
            secret.as_uri(),
            "http://127.0.0.1:9/",
            "data:text/plain,secret-7788",
            "paper://page/other",
            "//127.0.0.1/",
        )
    )
    style = f'@import "{secret.as_uri()}"; @font-face {{ font-family: x; src: url({secret.as_uri()}) }} body {{ font-family: x }}'
    reader = PdfReader(BytesIO(pdf.printed(html, [style], {"/given/": secret})))
    assert not reader.attachments and flat(reader) == "完"
    assert "secret-7788" not in str(reader.trailer)


@pytest.mark.parametrize(
    "code, sentence", [(press.NO_PANGO, "Pango"), (press.NO_FONT, "中文字体"), (-1, "服务器太忙"), (1, "内容太多")]
)
def test_where_no_pdf_can_be_made(monkeypatch, code, sentence) -> None:
    monkeypatch.setattr(pdf, "run", lambda asked: (code, b""))
    with pytest.raises(pdf.Unprintable, match=sentence) as told:
        pdf.printed("<p>完", [], {})
    assert "用浏览器打印" in told.value.message and ("apt-get install" in told.value.message) == (code > 1)


def test_no_boxes_without_a_chinese_font(tmp_path) -> None:
    (tmp_path / "fonts.conf").write_text("<?xml version='1.0'?><fontconfig></fontconfig>")
    environment = {"FONTCONFIG_FILE": str(tmp_path / "fonts.conf")}
    done = subprocess.run([sys.executable, "-I", press.__file__], input=b"{}", env=environment, capture_output=True)
    assert (done.returncode, done.stdout) == (press.NO_FONT, b"")


def test_too_long_and_too_slow(monkeypatch) -> None:
    with pytest.raises(Invalid, match="120 页"):
        pdf.printed("x" * (pdf.MOST_LETTERS + 1), [], {})
    monkeypatch.setattr(pdf, "MOST_PAGES", 1)
    with pytest.raises(Invalid, match="1 页"):
        pdf.printed("<p>一<p style='break-before: page'>二", [], {})
    monkeypatch.setattr(pdf, "SECONDS", 0.01)
    assert pdf.run(json.loads('{"html": "", "styles": [], "pictures": {}, "pages": 1}')) == (-1, b"")


def test_file_names_every_system_can_store() -> None:
    assert pdf.file_name('../王/小\u202e明"\n') == "王 小 明.pdf"
    assert pdf.file_name("\0..") == "paper.pdf"
