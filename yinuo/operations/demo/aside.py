"""A day as it comes: one has more on hand than another, one is away, something is nobody's, something was put aside."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from yinuo.identity.commands import set_absence
from yinuo.identity.models import Staff
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as
from yinuo.operations.demo.desk import Desk
from yinuo.promises.commands import assign_promise, snooze_promise
from yinuo.promises.models import Promise
from yinuo.promises.rules.snoozing import latest


def make_uneven(desk: Desk) -> None:
    """What the third agent had is handed round while they are on leave."""
    people = {s.username: s.pk for s in Staff.objects.filter(username__in=("agent", "agent3", "agent4"))}
    chief = desk.actors["manager"]
    with acting_as(chief):
        for owner_id in (people["agent4"], people["agent4"], None):
            row = _open(people["agent3"]).filter(matter__isnull=False, task=None).first()
            if row:
                assign_promise(promise_id=row.pk, owner_id=owner_id, reason=_("休假期间由同事办理"))
    today = clock.now().astimezone(clock.CST).date()
    with acting_as(desk.actors["agent3"]):
        set_absence(
            staff_id=people["agent3"], substitute_id=people["agent4"], starts_on=today,
            ends_on=today + timedelta(days=3), note=_("年休假"),
        )  # fmt: skip


def put_aside(desk: Desk) -> None:
    """Two rows of the first agent and one of the second, each with its reason, each until it has to be warned of."""
    reasons = iter((
        ("customer", _("客户出差，说好回来再谈")), ("department", _("仓储在核对出库记录")),
        ("appointment", _("约好下午上门看现场")),
    ))  # fmt: skip
    for login, most in (("agent", 2), ("agent2", 1)):
        actor = desk.actors[login]
        now = clock.now()
        with acting_as(actor):
            rows = _open(actor.staff_id).filter(state="open", warned=False, due_at__gt=now)
            free = [p for p in rows if latest(p.points, p.starts_at, p.due_at) > now + timedelta(hours=2)]
            for promise in free[:most]:
                reason, note = next(reasons)
                snooze_promise(promise_id=promise.pk, reason=reason, note=note)


def _open(staff_id: int | None) -> Any:
    return Promise.objects.filter(owner_id=staff_id, outstanding=True).order_by("-due_at", "pk")
