"""What the README tells a newcomer to look for is on the screen under that name."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "yinuo/locale/en/LC_MESSAGES/django.po"
PLACES = {"事项页", "matter page"}  # where one is, not what is written there


def bold(file: str, head: str) -> set[str]:
    part = (ROOT / file).read_text(encoding="utf-8").split(f"## {head}\n")[1].split("\n## ")[0]
    return set(re.findall(r"\*\*(.+?)\*\*", part)) - PLACES


def test_the_first_ten_minutes_use_the_words_of_the_screen():
    text = CATALOGUE.read_text(encoding="utf-8")
    chinese, english = (set(re.findall(rf'^{key} "(.+)"$', text, re.M)) for key in ("msgid", "msgstr"))
    wanted = bold("README.md", "十分钟上手")
    assert len(wanted) >= 7
    assert not {word for word in wanted if not any(one == word or one.startswith(f"{word}：") for one in chinese)}
    assert not bold("README.en.md", "Ten minutes of first use") - english
