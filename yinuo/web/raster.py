"""Draws pages of one PDF as pictures, as a process of its own: whoever sent the file gains nothing by breaking it.

Run by its path (`yinuo/web/previews.py` does), so it imports nothing of ours. `raster.py FILE` answers the sizes of the
pages as JSON, `raster.py FILE PAGE WIDTH` one page as WebP. Scripts, forms and links of the file stay behind.
"""

import json
import os
import resource
import sys

SECONDS, MEMORY = 20, 1500 << 20
#: Pages shown, and pixels: the longest receipt stays readable, a page a mile wide costs nothing.
MOST_PAGES, MOST_HIGH = 30, 4000
BROKEN = 3


def bounded() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    os.nice(5)


def main(path: str, *wanted: str) -> int:
    bounded()
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError:  # broken, or locked with a password
        return BROKEN
    if not wanted:
        sizes = [document.get_page_size(n) for n in range(min(len(document), MOST_PAGES))]
        about = {"pages": len(document), "sizes": [[round(max(side, 1)) for side in size] for size in sizes]}
        sys.stdout.write(json.dumps(about))
        return 0
    number, width = map(int, wanted)
    if not 1 <= number <= min(len(document), MOST_PAGES):
        return BROKEN
    page = document[number - 1]
    wide, high = (max(side, 1) for side in page.get_size())
    scale = min(width / wide, MOST_HIGH / high)
    picture = page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
    picture.save(sys.stdout.buffer, "WEBP", quality=82, method=3)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
