"""The installation's key beside a backup, in a file of its own; why so: docs/decisions/backup-key.md."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from yinuo.operations.archive import KEY, sha256
from yinuo.operations.words import Trouble, _, home


def beside(backup: Path) -> Path:
    """Where the key of a backup is looked for, and written, when nobody says otherwise."""
    return backup.with_name(backup.name + ".key")


def refuse_other(target: Path) -> None:
    """A key file is never written over: another one may be all that opens another backup."""
    own = home() / KEY
    if target.exists() and own.exists() and sha256(target) != sha256(own):
        raise Trouble(_("{path} 已经存在，而且是另一把密钥；请用 --key-file 换一个文件名。").format(path=target))
    if not target.resolve().parent.is_dir():
        raise Trouble(_("没有目录 {path}。").format(path=target.resolve().parent))


def write(target: Path) -> bool:
    """False when this installation has no key of its own: it is given from outside, and kept there."""
    own = home() / KEY
    if not own.exists():
        return False
    if not target.exists():
        try:
            with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                out.write(own.read_bytes())
                out.flush()
                os.fsync(out.fileno())
        except PermissionError as error:
            raise Trouble(_("密钥写不进 {path}；请用 --key-file 换一个地方。").format(path=target)) from error
    return True


def found(manifest: Mapping[str, Any], backup: Path, given: Path | None, unpacked: Path) -> Path | None:
    """The key file that belongs to this backup, before anything is restored; None when it had none."""
    if "key" not in manifest:
        return None
    inside = unpacked / KEY
    path = given or (inside if inside.is_file() else beside(backup))
    if not path.is_file():
        raise Trouble(
            _(
                "没有找到这份备份的密钥 {path}。请用 --key-file 指出备份时另存的密钥文件；"
                "确实丢了，加 --without-key：数据都在，邮箱密码等要重新填写，已发出的链接失效。"
            ).format(path=path)
        )
    if sha256(path) != manifest["key"]:
        raise Trouble(_("{path} 不是这份备份的密钥，没有恢复任何内容。").format(path=path))
    return path


def install(source: Path) -> None:
    """The key of the restored installation, for its owner's eyes only."""
    target = home() / KEY
    fresh = target.with_name(f"{KEY}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(source.read_bytes())
    fresh.replace(target)
