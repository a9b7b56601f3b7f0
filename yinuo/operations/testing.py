"""Throw-away servers for tests: same launcher, no fsync, gone afterwards."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from yinuo.operations.commands import base_environment
from yinuo.operations.postgres import Cluster
from yinuo.operations.words import Trouble, _


@contextlib.contextmanager
def throw_away(bin_dir: Path | None = None) -> Iterator[str]:
    """A fresh server (the bundled one, or the programs in `bin_dir`) and its address."""
    folder = Path(tempfile.mkdtemp(prefix="yinuo-test-"))
    cluster = Cluster(folder / "pg", log=folder / "postgres.log", bin_dir=bin_dir, durable=False)
    try:
        yield cluster.start()
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def run(*, bin_dir: str, arguments: Sequence[str]) -> None:
    """`yinuo test-db [COMMAND …]`: run a command against a throw-away server, or keep it until Ctrl-C."""
    with throw_away(Path(bin_dir) if bin_dir else None) as url:
        words = [word for word in arguments if word != "--"]
        if words:
            environment = base_environment() | {"DATABASE_URL": url, "YINUO_TEST_DATABASE_URL": url}
            code = subprocess.run(words, env=dict(os.environ) | environment).returncode
            if code:
                raise SystemExit(code)
            return
        print(url, flush=True)
        try:
            input(_("按回车或 Ctrl-C 停止。") + "\n")
        except EOFError as error:
            raise Trouble(_("没有终端可等待；请在后面给出要运行的命令。")) from error
