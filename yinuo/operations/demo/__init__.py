"""The demo company: four trades, three years of history, every stage populated, promises due today."""

import sys

from django.utils.translation import gettext as _

from yinuo.kernel.actor import Actor, acting_as
from yinuo.operations.demo.company import login_lines as login_lines

SYSTEM = Actor.system("demo")


def run(*, customers: int = 2000, seed: int = 1) -> None:
    """Build the company into an empty database, or add the history that is still missing (resumable)."""
    from yinuo.identity.models import Staff
    from yinuo.operations.demo import bulk, cases, company
    from yinuo.promises.commands.standards import load_pack

    with acting_as(SYSTEM):
        if not Staff.objects.filter(username="agent").exists():
            say(_("组织与员工……"))
            made = company.build()
            for pack in ("common", "lubricant"):
                load_pack(name=pack)
            say(_("历史客户与事项……"))
            bulk.fill(customers=customers, seed=seed, say=say)
            say(_("在办投诉……"))
            cases.live(made, seed=seed, say=say)
        else:
            bulk.fill(customers=customers, seed=seed, say=say)
    say(_("演示公司已就绪"))


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
