"""How much a word of an article counts when it is searched for: in the title most, then in a keyword. Pure."""

from collections.abc import Iterable

from yinuo.kernel.search import name_tokens
from yinuo.kernel.text import grams

TITLE, KEYWORD, BODY = "A", "B", "D"


def weights(title: str, keywords: Iterable[str], body: str, also: Iterable[str] = ()) -> dict[str, str]:
    """Every search token with the weight of the best place it stands in. `also`: words that count as the body's."""
    found: dict[str, str] = {}
    for weight, tokens in (
        (TITLE, name_tokens(title)),
        (KEYWORD, [t for word in keywords for t in name_tokens(word)]),
        (BODY, [t for text in (*also, body) for t in grams(text)]),
    ):
        for token in tokens:
            if token:
                found.setdefault(token, weight)
    return found
