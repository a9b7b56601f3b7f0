"""What root may hand to the database account: search on a folder, nothing else, nobody else."""

import os
import struct
import subprocess

from hypothesis import given
from hypothesis import strategies as st

from yinuo.operations import accounts
from yinuo.operations.accounts import GROUP, GROUP_OBJ, MASK, NOBODY_IN_PARTICULAR, OTHER, USER, USER_OBJ, with_search

PLAIN = [(USER_OBJ, 7, NOBODY_IN_PARTICULAR), (GROUP_OBJ, 0, NOBODY_IN_PARTICULAR), (OTHER, 0, NOBODY_IN_PARTICULAR)]


def test_a_closed_folder_gains_one_entry_and_the_mask_that_entry_needs():
    assert with_search(PLAIN, 990) == [
        (USER_OBJ, 7, NOBODY_IN_PARTICULAR),
        (USER, 1, 990),
        (GROUP_OBJ, 0, NOBODY_IN_PARTICULAR),
        (MASK, 1, NOBODY_IN_PARTICULAR),
        (OTHER, 0, NOBODY_IN_PARTICULAR),
    ]


def test_twice_is_the_same_as_once():
    assert with_search(with_search(PLAIN, 990), 990) == with_search(PLAIN, 990)


@given(
    perms=st.lists(st.tuples(st.sampled_from([USER, GROUP]), st.integers(0, 7), st.integers(1, 50))),
    mask=st.integers(0, 7),
)
def test_nobody_else_gains_anything(perms, mask):
    entries = {(tag, who): perm for tag, perm, who in perms}
    before = [*PLAIN, *((tag, perm, who) for (tag, who), perm in entries.items()), (MASK, mask, NOBODY_IN_PARTICULAR)]
    after = {(tag, who): perm for tag, perm, who in with_search(before, 990)}
    new_mask = after[MASK, NOBODY_IN_PARTICULAR]
    for (tag, who), perm in entries.items():
        assert after[tag, who] & new_mask == perm & mask
    assert after[USER, 990] & new_mask == 1
    assert after[OTHER, NOBODY_IN_PARTICULAR] == 0


def test_the_account_gets_through_closed_folders_and_only_it(tmp_path):
    if os.geteuid() != 0:  # an ordinary user runs its own server and needs nobody's permission
        assert accounts.database_account() is None
        return
    inner = tmp_path / "甲" / "乙"
    inner.mkdir(parents=True)
    (tmp_path / "甲").chmod(0o700)
    account = accounts.database_account()
    accounts.let_through(account, inner / "file")
    look = ["/usr/bin/env", "test", "-d", str(inner)]
    assert subprocess.run(look, **account.identity()).returncode == 0
    other = accounts.Account("daemon", 1, 1)
    assert subprocess.run(look, **other.identity()).returncode != 0
    entries = list(struct.iter_unpack("<HHI", os.getxattr(tmp_path / "甲", accounts.ACL)[4:]))
    assert (USER, 1, account.uid) in entries
