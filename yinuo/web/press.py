"""Makes one PDF of one page, as a process of its own: whatever the page holds, it can be stopped and reaches nothing.

Run by its path (`yinuo/web/pdf.py` does), so it imports nothing of ours. One line of JSON comes in: html, styles,
pictures (address in the page → file), pages. The PDF goes out, or the code that says why there is none.
"""

import json
import os
import re
import resource
import sys
from pathlib import Path
from typing import Any

NO_PANGO, NO_FONT, TOO_LONG = 3, 4, 5
SECONDS, MEMORY = 40, 3 << 30
BASE = "paper://page"
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
#: What printers put where they lack the type.
GETA = "〓"
PROBE = "".join(map(chr, (0x6C49, 0x5B57, 0x7F16, 0x53F7)))


def bounded() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    os.nice(5)


class Type:
    """What the fonts of this machine can write, asked of Pango itself."""

    def __init__(self) -> None:
        import cffi
        from weasyprint.text import ffi  # raises OSError where Pango is not installed

        self.ffi = cffi.FFI()
        self.ffi.cdef(
            "void *pango_font_map_create_context(void *map); void *pango_layout_new(void *context);"
            "void pango_layout_set_text(void *layout, const char *text, int length);"
            "int pango_layout_get_unknown_glyphs_count(void *layout); void *pango_ft2_font_map_new(void);"
        )
        pango, ft2 = self.ffi.dlopen("libpango-1.0.so.0"), self.ffi.dlopen("libpangoft2-1.0.so.0")
        self.pango, self._kept = pango, ffi
        self.map = ft2.pango_ft2_font_map_new()
        self.context = pango.pango_font_map_create_context(self.map)

    def lacks(self, text: str) -> bool:
        layout, data = self.pango.pango_layout_new(self.context), text.encode("utf-8", "replace")
        self.pango.pango_layout_set_text(layout, data, len(data))
        return bool(self.pango.pango_layout_get_unknown_glyphs_count(layout))

    def written(self, html: str) -> str:
        """The page without what cannot be written: never a box with a code in it."""
        used = "".join(sorted({sign for sign in html if sign > "\x7f"}))
        if not used or not self.lacks(used):
            return html
        absent = {sign for sign in used if self.lacks(sign)}
        return html.translate({ord(sign): GETA for sign in absent})


def closed(pictures: dict[str, str]) -> Any:
    """Fetches the given pictures and refuses every other address: no file, no network, nothing inline."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class Closed(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Any = None) -> Any:
            place = pictures.get(url.removeprefix(BASE))
            if place is None or not url.startswith(BASE):
                raise ValueError("refused")
            return URLFetcherResponse(url, Path(place).read_bytes(), {"Content-Type": "image/png"})

    return Closed()


def made(asked: dict[str, Any], fonts: Type) -> bytes | None:
    """The PDF; None when it has more pages than asked for."""
    from weasyprint import CSS, HTML

    fetcher = closed(asked["pictures"])
    html = fonts.written(CONTROL.sub("", asked["html"]))
    page = HTML(string=html, base_url=f"{BASE}/", url_fetcher=fetcher)
    styles = [CSS(string=text, base_url=f"{BASE}/", url_fetcher=fetcher) for text in asked["styles"]]
    document = page.render(stylesheets=styles, pdf_tags=True)
    pdf: bytes | None = document.write_pdf(pdf_tags=True) if len(document.pages) <= asked["pages"] else None
    return pdf


def main() -> int:
    bounded()
    try:
        fonts = Type()
    except (OSError, ImportError):
        return NO_PANGO
    if fonts.lacks(PROBE):
        return NO_FONT
    pdf = made(json.load(sys.stdin), fonts)
    if pdf is None:
        return TOO_LONG
    sys.stdout.buffer.write(pdf)
    return 0


if __name__ == "__main__":
    sys.exit(main())
