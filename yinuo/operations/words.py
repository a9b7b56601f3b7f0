"""What the command line needs before Django is there: folders, sentences, and an error that is one sentence."""

import gettext
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

# Django's own gettext only works once every app is loaded; a taken port has to be explained long before that.
_ = gettext.translation(
    "django",
    localedir=str(ROOT / "yinuo" / "locale"),
    languages=[os.environ.get("YINUO_LANGUAGE", "zh-hans")],
    fallback=True,
).gettext


def home() -> Path:
    """The folder that holds everything an installation owns: database, files, logs, keys."""
    return Path(os.environ.get("YINUO_HOME") or ROOT / "var").resolve()


class Trouble(Exception):
    """Something the person at the keyboard can put right; printed as one sentence, never as a traceback."""

    CODE = 3

    def __init__(self, sentence: str, exit_code: int = CODE) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code
