"""The shipped standards as data, one TOML file per pack."""

import tomllib
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from yinuo.kernel.errors import Missing

FOLDER = Path(__file__).resolve().parent


def pack_names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def read_pack(name: str) -> dict[str, Any]:
    """A pack's name, title, about and standards; raises `Missing` for one that is not shipped."""
    if name not in pack_names():
        raise Missing(_("没有这个标准包"))
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
