"""Many phrases in one text. The phrases' anchors are found all at once (Aho–Corasick); only where one of them stands is
its phrase tried.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import ahocorasick

from yinuo.wording.rules.folding import FOLDING, Folded, fold
from yinuo.wording.rules.phrases import Phrase, read_phrase

LEVELS = ("hint", "warn", "block")
#: So many places of a text are looked at; a longer list helps nobody.
MOST = 500
_QUOTED = re.compile(FOLDING.quoted)
_NEGATED = re.compile(FOLDING.negated.replace("$", r"\Z"))  # in Python "$" is also before a last line end
LOOK_BACK = 12


@dataclass(frozen=True, slots=True)
class Rule:
    """A wording rule as the matcher needs it. `kinds` and `channels` empty: everywhere."""

    key: str
    say: tuple[str, ...]
    category: str
    level: str
    why: str
    instead: tuple[str, ...] = ()
    kinds: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()

    def applies(self, kind: str, channel: str) -> bool:
        return (not self.kinds or kind in self.kinds) and (not self.channels or channel in self.channels)

    @property
    def weight(self) -> int:
        return LEVELS.index(self.level)


@dataclass(frozen=True, slots=True)
class Finding:
    """`words` stand at `start` of the text as it was typed."""

    rule: Rule
    start: int
    end: int
    words: str


@dataclass(slots=True)
class Book:
    """All rules of one edition, compiled once."""

    rules: Sequence[Rule]
    edition: int = 0
    phrases: list[tuple[Rule, Phrase, re.Pattern[str]]] = field(default_factory=list)
    _anchors: ahocorasick.Automaton = field(default_factory=ahocorasick.Automaton)

    def __post_init__(self) -> None:
        at: dict[str, list[int]] = {}
        for rule in self.rules:
            for say in rule.say:
                phrase = read_phrase(say)
                for anchor in phrase.anchors:
                    at.setdefault(anchor, []).append(len(self.phrases))
                self.phrases.append((rule, phrase, phrase.pattern))
        for anchor, numbers in at.items():
            self._anchors.add_word(anchor, (len(anchor), tuple(numbers)))
        self._anchors.make_automaton()

    def find(self, text: str, *, kind: str = "", channel: str = "") -> list[Finding]:
        """What in the text the writer is to think about, in order, each stretch once."""
        if not self.phrases:
            return []
        folded = fold(text)
        found = {
            (start, end, rule.key): rule for rule, start, end in self._matches(folded) if rule.applies(kind, channel)
        }
        quotes = [match.span() for match in _QUOTED.finditer(folded.text)]
        order = {rule.key: number for number, rule in enumerate(self.rules)} if found else {}
        meant = [
            (start, end, rule) for (start, end, _key), rule in sorted(found.items(), key=lambda f: order[f[1].key])
            if not any(a <= start and end <= b for a, b in quotes) and not _denied(folded.text, start)
        ]  # fmt: skip
        return [
            Finding(rule, a, b, text[a:b])
            for start, end, rule in kept(meant)
            for a, b in [(folded.places[start], folded.places[end - 1] + 1)]
        ]

    def _matches(self, folded: Folded) -> Iterable[tuple[Rule, int, int]]:
        tried: set[tuple[int, int]] = set()
        for last, (length, numbers) in self._anchors.iter(folded.text):
            first = last - length + 1
            for number in numbers:
                rule, phrase, pattern = self.phrases[number]
                low = max(0, first - phrase.reach - 1)
                for match in pattern.finditer(folded.text[low : last + phrase.reach + 2]):
                    start, end = low + match.start(), low + match.end()
                    if start <= first and last < end and (number, start) not in tried:
                        tried.add((number, start))
                        yield rule, start, end
                if len(tried) >= MOST:
                    return


def _denied(text: str, start: int) -> bool:
    """Whether just before it stands what turns it round: "我们不会说……"."""
    return bool(_NEGATED.search(text[max(0, start - LOOK_BACK) : start]))


def kept(found: Iterable[tuple[int, int, Rule]]) -> list[tuple[int, int, Rule]]:
    """Of those that overlap the gravest, among these the longest; then in the order of the text."""
    chosen: list[tuple[int, int, Rule]] = []
    for one in sorted(found, key=lambda f: (-f[2].weight, f[0] - f[1], f[0])):  # then as the rules stand
        if all(one[1] <= other[0] or other[1] <= one[0] for other in chosen):
            chosen.append(one)
    return sorted(chosen, key=lambda f: f[:2])


def blocking(found: Iterable[Finding]) -> list[Finding]:
    return [one for one in found if one.rule.level == "block"]
