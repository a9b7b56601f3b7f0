"""A page as a PDF file: the same template, printed by a process of its own (`press.py`) that reaches nothing else."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from yinuo.kernel import clock
from yinuo.kernel.errors import Invalid, YinuoError
from yinuo.web import press
from yinuo.web.formats import exact
from yinuo.web.render import shell

STATIC = Path(__file__).parent / "static"
SECONDS, WAIT, MOST_PAGES, MOST_LETTERS = 45, 20, 120, 3_000_000
#: So many at a time in one process of the server; the others wait their turn.
_turns = threading.BoundedSemaphore(2)
#: All the process learns of its surroundings: nothing secret.
_KNOWN = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "XDG_CACHE_HOME", "FONTCONFIG_FILE", "FONTCONFIG_PATH")


_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\u200e\u200f\u202a-\u202e\u2066-\u2069]+')


class Unprintable(YinuoError):
    """No PDF can be made here now; the page itself can still be printed from the browser."""

    status = 503
    code = "no_pdf"


def paper(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    name: str,
    *,
    styles: tuple[str, ...] = ("css/paper.css",),
    pictures: Mapping[str, Path] | None = None,
) -> HttpResponse:
    """Answer with the template as the file `name` (without ".pdf").

    The template extends "papers/sheet.jinja". Of pictures only those named are found: address in the page → file.
    """
    pdf = made(template, {**shell(request), **context}, styles=styles, pictures=pictures)
    response = HttpResponse(pdf, content_type="application/pdf")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file_name(name), safe='')}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def made(
    template: str,
    context: Mapping[str, Any],
    *,
    styles: tuple[str, ...] = ("css/paper.css",),
    pictures: Mapping[str, Path] | None = None,
) -> bytes:
    """The file itself, also where nobody asked for a page: the context names the `actor` it is made for."""
    environment = engines["jinja2"].env  # type: ignore[attr-defined]
    html = environment.get_template(template).render({**context, "as_file": True, "language": language()})
    sheets = [(STATIC / style).read_text("utf-8") for style in styles]
    return printed(html, [*sheets, page_numbers()], pictures or {})


def language() -> str:
    """What the papers are written in, as a file says it."""
    return "zh-CN" if (get_language() or "zh").startswith("zh") else "en"


def file_name(name: str) -> str:
    """A name every system can store, whatever a customer called himself."""
    return (_UNSAFE.sub(" ", name).strip(" .")[:80] or "paper") + ".pdf"


def page_numbers() -> str:
    """The line at the foot of each page, in the reader's language: number of the paper, when printed, which page."""
    words = _("第 %(page)s 页 / 共 %(pages)s 页") % {"page": "\0page\0", "pages": "\0pages\0"}
    page = " ".join(f"counter({w})" if w in ("page", "pages") else _quoted(w) for w in words.split("\0") if w)
    when = _quoted("　" + _("打印时间 %(when)s") % {"when": exact(clock.now())})
    return f"@page {{ @bottom-left {{ content: string(number) {when} }} @bottom-right {{ content: {page} }} }}"


def _quoted(words: str) -> str:
    return json.dumps(words, ensure_ascii=False)


def printed(html: str, styles: list[str], pictures: Mapping[str, Path]) -> bytes:
    """The PDF of a page; raises `Unprintable`, or `Invalid` when it is too long to be one."""
    if len(html) > MOST_LETTERS:
        raise Invalid(_too_long())
    asked = {
        "html": html,
        "styles": styles,
        "pictures": {address: str(place) for address, place in pictures.items()},
        "pages": MOST_PAGES,
    }
    if not _turns.acquire(timeout=WAIT):
        raise Unprintable(_("现在有好几份 PDF 正在生成，请过一分钟再试，或先用浏览器打印。"))
    try:
        code, pdf = run(asked)
    finally:
        _turns.release()
    if code == 0 and pdf.startswith(b"%PDF"):
        return pdf
    if code == press.TOO_LONG:
        raise Invalid(_too_long())
    raise Unprintable(reason(code) + _("现在可以先在打印页面用浏览器打印，也能存成 PDF。"))


def run(asked: Mapping[str, Any]) -> tuple[int, bytes]:
    """What the process answered; -1 when it took too long."""
    known = {key: os.environ[key] for key in _KNOWN if key in os.environ}
    process = subprocess.Popen(  # noqa: S603 our own program, its words come by its input
        [sys.executable, "-I", press.__file__],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=known, start_new_session=True,
    )  # fmt: skip
    with process:
        try:
            pdf, _errors = process.communicate(json.dumps(asked).encode(), timeout=SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            return -1, b""
    return process.returncode, pdf


def reason(code: int) -> str:
    """Why there is no PDF, and what would help."""
    if code == press.NO_PANGO:
        return _("这台服务器缺少排版程序 Pango，请管理员运行一次：%(command)s。") % {"command": COMMAND}
    if code == press.NO_FONT:
        return _("这台服务器没有中文字体，请管理员运行一次：%(command)s。") % {"command": COMMAND}
    return _("这份文件没能生成 PDF：内容太多，或服务器太忙。")


COMMAND = "sudo apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 fonts-noto-cjk"


def _too_long() -> str:
    return _("这份文件超过 %(most)d 页，不能存成一个 PDF。请缩小范围。") % {"most": MOST_PAGES}
