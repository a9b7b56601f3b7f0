#!/bin/sh
# How previous.tar.xz was made: tests/operations/upgrade/make.sh COMMIT
# A small demo company with a mailbox, made and backed up by the code of an earlier state (the one kept: 4dc4acd). The
# dump inside is left uncompressed so that xz packs all of it. The key beside it guards nothing but this company.
set -e
here=$(cd -- "$(dirname -- "$0")" && pwd); root=$(git -C "$here" rev-parse --show-toplevel)
work=$(mktemp -d)
git -C "$root" worktree add -q --detach "$work/code" "$1"
cd "$work/code"
export YINUO_HOME="$work/home" PYTHONPATH=. PYTHON="${PYTHON:-$root/.venv/bin/python}"
mkdir -p "$YINUO_HOME"; printf 'key-of-the-previous-release' > "$YINUO_HOME/secret.key"
sed -i 's/--compress=6/--compress=0/' yinuo/operations/backup.py
"$PYTHON" -m yinuo demo --customers 20
"$PYTHON" -m yinuo manage shell -c '
from yinuo.channels.email.commands.mailboxes import save_mailbox
from yinuo.kernel.actor import Actor, acting_as
with acting_as(Actor.system("setup")):
    save_mailbox(name="old", address="old@example.com", imap_host="imap.example.com", imap_user="old",
                 imap_password="kept-in-the-vault", smtp_host="smtp.example.com")
'
"$PYTHON" -m yinuo backup "$work/previous.tar"
xz -9e "$work/previous.tar"
mv "$work/previous.tar.xz" "$here/previous.tar.xz"
mv "$work/previous.tar.key" "$here/previous.tar.xz.key"
chmod 644 "$here"/previous.tar.xz*
git -C "$root" worktree remove --force "$work/code"
rm -rf "$work"
