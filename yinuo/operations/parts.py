"""The commands that hand over to another room: background jobs, the clock, mail files, Django itself."""

import sys
from pathlib import Path

from yinuo.operations.prepare import django, require_current
from yinuo.operations.words import Trouble, _


def worker() -> None:
    with django():
        from yinuo.jobs import worker as jobs

        jobs.main()


def clock() -> None:
    with django():
        from yinuo.jobs import clock as jobs

        jobs.main()


def import_mail(path: Path, *, mailbox: str) -> None:
    if not path.exists():
        raise Trouble(_("没有这个文件或目录：{path}").format(path=path))
    with django():
        require_current()
        from yinuo.channels.email import importing
        from yinuo.kernel.errors import YinuoError

        try:
            importing.run(path, mailbox=mailbox)
        except YinuoError as error:
            raise Trouble(error.message) from None


def manage(arguments: list[str]) -> None:
    with django():
        from django.core.management import execute_from_command_line

        execute_from_command_line(["yinuo manage", *arguments])
        sys.stdout.flush()
