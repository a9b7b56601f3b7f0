"""The words of the pages in the reader's language, looked up once per process: a page says hundreds of them."""

from collections import defaultdict
from typing import Any

from django.utils import translation
from markupsafe import Markup, escape

#: Language → source text → (the translation, the translation with its doubled percent signs folded).
_known: defaultdict[str | None, dict[str, tuple[str, Markup]]] = defaultdict(dict)


def gettext(text: str, /, **values: Any) -> Markup:
    """The translation of `text`; values are escaped unless they are markup already."""
    words = _known[translation.get_language()]
    found = words.get(text)
    if found is None:
        translated = translation.gettext(text)
        found = words[text] = (translated, Markup(translated.replace("%%", "%")))  # noqa: S704
    return _filled(found[0], values) if values else found[1]


def plain(text: str) -> str:
    """The translation of `text` as plain text, its percent signs as they stand."""
    words = _known[translation.get_language()]
    found = words.get(text)
    if found is None:
        gettext(text)
        found = words[text]
    return found[0]


def ngettext(singular: str, plural: str, n: int, /, **values: Any) -> Markup:
    """As `gettext`, in the form that fits the number, which is `num` in the text."""
    return _filled(translation.ngettext(singular, plural, n), {"num": n, **values})


def _filled(text: str, values: dict[str, Any]) -> Markup:
    safe = {k: v if isinstance(v, (int, float)) else escape(v) for k, v in values.items()}
    return Markup(text % safe)  # noqa: S704
