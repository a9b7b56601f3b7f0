"""Pure rules of the wording coach: no database, no clock, no actor.

folding    how a text is looked at: one character for those that mean the same, what people put between them left out
phrases    a phrase as a person writes it, and what it becomes
matching   many phrases in one text; which of those that overlap counts
sheets     rules as rows of a table, out and in
"""

from yinuo.wording.rules.folding import FOLDING, fold
from yinuo.wording.rules.matching import Book, Finding, Rule, blocking
from yinuo.wording.rules.phrases import WrongPhrase, read_phrase

__all__ = ["FOLDING", "Book", "Finding", "Rule", "WrongPhrase", "blocking", "fold", "read_phrase"]
