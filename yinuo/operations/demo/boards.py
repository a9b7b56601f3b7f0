"""A screen in the hall and a monthly report, so that both can be seen at once."""

from datetime import time

from django.utils.translation import gettext as _

from yinuo.identity.queries import actor_for
from yinuo.insight.commands.displays import create_display
from yinuo.insight.commands.plans import save_plan, send_now
from yinuo.insight.printing import prints
from yinuo.kernel.actor import acting_as
from yinuo.operations.demo.company import Company


def show(made: Company) -> None:
    with acting_as(actor_for(made.staff["manager"])):
        create_display(name=_("客户服务中心大厅"), days=366, unit_id=made.units["desk"].pk)
    with acting_as(actor_for(made.staff["leader"])):
        plan = save_plan(
            title=_("集团服务月报"), recipient_ids=[made.staff[who].pk for who in ("leader", "manager", "supervisor")],
            day=1, hour=time(8, 30), formats=["pdf", "xlsx"] if prints() else ["xlsx"],
        )  # fmt: skip
        send_now(plan_id=plan.pk)  # the demo's mailbox rehearses: nothing leaves the house
