"""The doctor's look at what runs: the product, Python and libraries, and whether they fit the database."""

import platform
import re
from collections.abc import Callable
from importlib import metadata

from yinuo.operations.finding import BAD, GOOD, WARNING, Finding
from yinuo.operations.words import ROOT, _

PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)(?:\s*;[^\\\n]*)?", re.M)
SHOWN = 3


def installed(name: str) -> str:
    """Its version; '' when it is not there."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def strangers(lock: str, version_of: Callable[[str], str] = installed) -> list[str]:
    """Libraries that are another version than the lock says, or missing: what was tested is not what runs."""
    return [name for name, version in PINNED.findall(lock) if version_of(name) != version]


def libraries() -> list[Finding]:
    from django.conf import settings

    words = _("一诺 {version}，Python {python}").format(version=settings.VERSION, python=platform.python_version())
    other = strangers((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    if not other:
        return [Finding(_("版本"), GOOD, _("{words}，依赖与锁定的版本一致").format(words=words))]
    names = "、".join(other[:SHOWN]) + ("……" if len(other) > SHOWN else "")
    words = _("{words}，{count} 个依赖不是锁定的版本：{names}").format(words=words, count=len(other), names=names)
    return [Finding(_("版本"), WARNING, words, _("用 bin/run 或 bin/yinuo 启动，会按锁定的版本重新安装。"))]


def database() -> list[Finding]:
    """A database that a newer version has been at: this one may spoil what it does not know."""
    from django.db import connection

    from yinuo.operations.archive import applied_migrations, known_migrations

    connection.ensure_connection()
    unknown = sorted(set(applied_migrations(connection.connection)) - known_migrations())
    if unknown:
        words = _("数据库由更新的版本升级过（{step} 等 {count} 步）").format(step=unknown[0], count=len(unknown))
        return [Finding(_("版本"), BAD, words, _("请装回那个更新的版本，或恢复升级前的备份。"))]
    return []


def look() -> list[Finding]:
    return [*libraries(), *database()]
