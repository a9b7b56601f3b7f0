"""PostgreSQL refuses to run as root: the system account that runs it instead, and what that account may reach."""

import os
import pwd
import shutil
import stat
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yinuo.operations.words import Trouble, _

NAME = "yinuo-db"
ACL = "system.posix_acl_access"
USER_OBJ, USER, GROUP_OBJ, GROUP, MASK, OTHER = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
SEARCH, NOBODY_IN_PARTICULAR = 0x1, 0xFFFFFFFF

Entry = tuple[int, int, int]


@dataclass(frozen=True)
class Account:
    """Who owns the data folder and runs the server. `None` in its place means: simply ourselves."""

    name: str
    uid: int
    gid: int

    def identity(self) -> dict[str, Any]:
        """Keyword arguments that make `subprocess` run as this account and with none of our groups."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def database_account() -> Account | None:
    """The dedicated account when we are root (created on first use), otherwise nothing is needed."""
    if os.geteuid() != 0:
        return None
    found = _lookup(NAME)
    if found is None and (useradd := shutil.which("useradd", path=os.environ.get("PATH", "") + ":/usr/sbin")):
        command = [useradd, "--system", "--no-create-home", "--home-dir", "/nonexistent"]
        subprocess.run([*command, "--shell", "/usr/sbin/nologin", NAME], capture_output=True)
        found = _lookup(NAME)
    found = found or _lookup("nobody")
    if found is None:
        raise Trouble(
            _("PostgreSQL 不能以 root 运行，而系统里没有可用的普通用户；请先运行：useradd --system yinuo-db。")
        )
    return found


def _lookup(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(name, entry.pw_uid, entry.pw_gid) if entry.pw_uid else None


def let_through(account: Account | None, target: Path) -> None:
    """Give the account search permission, and nothing more, on each folder above the target that refuses it."""
    if account is None:
        return
    for folder in reversed(target.resolve().parents):
        if folder.stat().st_mode & stat.S_IXOTH or _may_search(account, folder):
            continue
        try:
            _grant_search(account.uid, folder)
        except OSError as error:
            raise Trouble(
                _(
                    "数据库用户 {user} 进不了目录 {folder}，而该文件系统不支持 ACL；"
                    "请换一个目录，或运行：chmod o+x {folder}"
                ).format(user=account.name, folder=folder)
            ) from error


def let_read(account: Account | None, tree: Path) -> None:
    """Installed under a strict umask, the server's own programs would be closed to the account."""
    if account is None:
        return
    for path in (tree, *tree.rglob("*")):
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            continue
        wanted = mode | (0o055 if stat.S_ISDIR(mode) or mode & stat.S_IXUSR else 0o044)
        if wanted != mode:
            path.chmod(stat.S_IMODE(wanted))


def _may_search(account: Account, folder: Path) -> bool:
    asked = subprocess.run([shutil.which("test") or "/usr/bin/test", "-x", folder], **account.identity())
    return asked.returncode == 0


def _grant_search(uid: int, folder: Path) -> None:
    entries = with_search(_read_acl(folder), uid)
    packed = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
    os.setxattr(folder, ACL, packed)


def _read_acl(folder: Path) -> list[Entry]:
    try:
        raw = os.getxattr(folder, ACL)
    except OSError:  # none yet: the mode bits say the same
        mode = folder.stat().st_mode
        owner, group, other = (mode >> 6) & 7, (mode >> 3) & 7, mode & 7
        return [
            (tag, perm, NOBODY_IN_PARTICULAR) for tag, perm in ((USER_OBJ, owner), (GROUP_OBJ, group), (OTHER, other))
        ]
    return list(struct.iter_unpack("<HHI", raw[4:]))


def with_search(entries: list[Entry], uid: int) -> list[Entry]:
    """The same list with search for one user; what the old mask withheld from the others stays withheld."""
    mask = next((perm for tag, perm, _id in entries if tag == MASK), 7)
    kept: dict[tuple[int, int], int] = {}
    for tag, perm, who in entries:
        if tag != MASK:
            kept[tag, who] = perm & mask if tag in (USER, GROUP_OBJ, GROUP) else perm
    kept[USER, uid] = kept.get((USER, uid), 0) | SEARCH
    widest = 0
    for (tag, _who), perm in kept.items():
        if tag in (USER, GROUP_OBJ, GROUP):
            widest |= perm
    kept[MASK, NOBODY_IN_PARTICULAR] = widest
    return [(tag, perm, who) for (tag, who), perm in sorted(kept.items())]
