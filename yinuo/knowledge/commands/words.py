"""Words as they are kept; what is wrong with them is gathered, so that all of it can be said at once."""

from collections.abc import Callable

from yinuo.kernel.errors import Invalid
from yinuo.kernel.text import clean_line


def taken(clean: Callable[[str, int], str], given: str, most: int, field: str, wrong: dict[str, str]) -> str:
    """Cleaned, or empty with a sentence under `field`."""
    try:
        return clean(given, most)
    except Invalid as error:
        wrong[field] = error.message
        return ""


def asked(given: str, most: int, field: str, sentence: str) -> str:
    """One line that must not be empty."""
    wrong: dict[str, str] = {}
    words = taken(clean_line, given, most, field, wrong)
    if not words:
        raise Invalid(wrong.get(field, sentence), fields={field: wrong.get(field, sentence)})
    return words
