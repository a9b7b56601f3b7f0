"""Numbers below a thousand as people write them: digits, decimals, Chinese numerals. Their characters are data."""

import re
import tomllib
from pathlib import Path

_WORDS = tomllib.loads((Path(__file__).resolve().parent.parent / "data" / "numerals.toml").read_text("utf-8"))
_DIGIT: dict[str, int] = {character: n for n, character in enumerate(_WORDS["digits"])} | _WORDS["also"]
_BELOW_A_THOUSAND = re.compile(_WORDS["below_a_thousand"])
#: A whole number, never the tail of a longer one.
PATTERN = r"(?<![\d.．{0}])(?:\d+(?:[.．]\d+)?|[{0}]+)".replace("{0}", _WORDS["characters"])
MOST = 1000


def read_number(text: str) -> float | None:
    """二十四 → 24, 一百零五 → 105, 一百五 → 150, 半 → 0.5, 1.5 → 1.5; of two neighbours (两三, 十二三) the greater;
    None for what is no number below a thousand.
    """
    if re.fullmatch(r"\d+(?:[.．]\d+)?", text):
        amount = float(text.replace("．", "."))
        return amount if amount < MOST else None
    if text in _WORDS["zero"]:
        return 0
    if text == _WORDS["half"]:
        return 0.5
    found = _BELOW_A_THOUSAND.fullmatch(text)
    if not text or found is None:
        return None
    hundreds, gap, ten, rest = found["hundreds"], found["gap"], found["ten"], found["rest"] or ""
    if (len(rest) == 2 and _DIGIT[rest[0]] >= _DIGIT[rest[1]]) or (gap and not (ten or rest)):
        return None
    ones = _DIGIT[rest[-1]] if rest else 0
    if hundreds and not gap and not ten:
        ones *= 10  # 一百五 is a hundred and fifty
    tens = (_DIGIT[found["tens"]] if found["tens"] else 1) if ten else 0
    return (_DIGIT[hundreds] * 100 if hundreds else 0) + tens * 10 + ones
