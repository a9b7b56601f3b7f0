"""The demo company: four trades, three years of history, every stage populated, promises due today."""

import sys

from django.db import transaction
from django.utils.translation import gettext as _

from yinuo.kernel.actor import Actor, acting_as
from yinuo.operations.demo.company import login_lines as login_lines

SYSTEM = Actor.system("demo")


def run(*, customers: int = 2000, seed: int = 1) -> None:
    """Build the company into an empty database, or what is still missing of it: a run that was stopped in the
    middle, or with fewer customers, is gone on with.
    """
    from yinuo.operations.demo import boards, bulk, cases, company, knowledge, surveys

    with acting_as(SYSTEM):
        if not company.stands():
            company.require_empty()
            say(_("组织与员工……"))
            with transaction.atomic():
                company.build()
        say(_("历史客户与事项……"))
        bulk.fill(customers=customers, seed=seed, say=say)
        if not cases.told():
            say(_("在办投诉……"))
            with transaction.atomic():  # all of them or none: half a story is not gone on with
                cases.live(company.standing(), seed=seed, say=say)
                boards.show(company.standing())
                surveys.live(seed=seed, say=say)
        if not knowledge.told():
            with transaction.atomic():
                knowledge.build(company.standing(), say=say)
    say(_("演示公司已就绪"))


def unfinished() -> bool:
    """Whether the demo company was begun here and something of it is not there."""
    from yinuo.operations.demo import bulk, cases, company, knowledge

    with acting_as(SYSTEM):
        return company.stands() and (not cases.told() or not knowledge.told() or bool(bulk.missing_indexes()))


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
