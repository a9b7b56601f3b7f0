"""The English catalogue: made ready for reading, and kept complete.

`python -m yinuo.operations.catalogue` collects what is said in the source into `locale/en/LC_MESSAGES/django.po` and
keeps every translation there is; a test fails while one is missing.
"""

from datetime import UTC, datetime
from pathlib import Path

from babel.messages import extract
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from yinuo.operations.words import ROOT

PO = ROOT / "yinuo/locale/en/LC_MESSAGES/django.po"
CONSTANT = datetime(2026, 1, 1, tzinfo=UTC)  # a date that changed with each run would make every merge a conflict
KEYWORDS = {**extract.DEFAULT_KEYWORDS, "lazy": None, "gettext_lazy": None}
METHODS = [("yinuo/**/tests/**", "ignore"), ("yinuo/**.py", "python"), ("yinuo/**/templates/**.jinja", "jinja2")]
OPTIONS = {"yinuo/**/templates/**.jinja": {"extensions": "jinja2.ext.i18n,jinja2.ext.do", "silent": "false"}}


def said() -> Catalog:
    """Every sentence of the source, in one catalogue without translations."""
    found = Catalog(domain="django", project="Yinuo", charset="utf-8")
    rows = extract.extract_from_dir(ROOT, METHODS, OPTIONS, keywords=KEYWORDS, directory_filter=_ours)
    for _name, _line, message, comments, context in rows:
        found.add(message, auto_comments=comments, context=context)
    return found


def _ours(folder: str) -> bool:
    path = Path(folder).relative_to(ROOT).as_posix()
    return path in (".", "yinuo") or path.startswith("yinuo/")


def translated() -> Catalog:
    with PO.open("rb") as file:
        return read_po(file, locale="en")


def update() -> Catalog:
    """Bring the file up to date with the source and answer the catalogue."""
    kept = translated() if PO.exists() else Catalog(locale="en", domain="django", project="Yinuo", charset="utf-8")
    kept.update(said(), no_fuzzy_matching=True)
    kept.obsolete.clear()
    kept.fuzzy, kept.header_comment = False, "# English for Yinuo. Made by `python -m yinuo.operations.catalogue`."
    kept.creation_date = kept.revision_date = CONSTANT
    with PO.open("wb") as file:
        write_po(file, kept, sort_output=True, no_location=True, omit_header=False, width=0)
    return kept


def make_ready() -> None:
    """Compile the catalogue if the compiled one is missing or older."""
    ready = PO.with_suffix(".mo")
    if not PO.exists() or (ready.exists() and ready.stat().st_mtime >= PO.stat().st_mtime):
        return
    fresh = ready.with_suffix(".mo.new")
    with fresh.open("wb") as file:
        write_mo(file, translated())
    fresh.replace(ready)


if __name__ == "__main__":
    left = [m.id for m in update() if m.id and not m.string]
    print(f"{len(left)} untranslated")  # a developer's tool
