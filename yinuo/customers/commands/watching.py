"""Looking at personal data leaves a trace; looking unusually often is told to those who answer for it."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from yinuo.customers.commands.rows import locked_customer
from yinuo.customers.models import ChannelIdentity, Customer, RevealAlert
from yinuo.customers.queries.grading import rule_in_force
from yinuo.customers.queries.watching import reveals_of
from yinuo.customers.rules import VIEW_EVERY
from yinuo.identity.models import Staff, Unit
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import nothing_done, record, record_seldom
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing
from yinuo.kernel.events import emit
from yinuo.kernel.planned import planned
from yinuo.kernel.text import clean_line
from yinuo.kernel.throttle import first_in

REVEALABLE = ("phone", "email", "wechat", "address", "uscc", "birthday", "family", "id_number")


@command("customer.view", needs="customer.read")
def note_viewed(*, customer_id: int, by: Actor, at: datetime) -> None:
    """This person opened the card. Opened again within some minutes it is the same view. Two statements."""
    _let_in(customer_id)
    record_seldom(Customer(pk=customer_id), {}, every=VIEW_EVERY, at=at)


@command("customer.print", needs="customer.read")
def note_printed(*, customer_id: int, by: Actor, at: datetime) -> None:
    """This person opened the card on paper."""
    _let_in(customer_id)
    record(Customer(pk=customer_id))


def _let_in(customer_id: int) -> None:
    if not _seen(customer_id=customer_id):
        raise Missing(_("没有这位客户，或您无权查看"))


@planned("customer_id")
def _seen(*, customer_id: int) -> QuerySet[Any]:
    return Customer.objects.filter(pk=customer_id).values_list("pk", flat=True)


@command("customer.reveal", needs="customer.reveal", keeps=False)
def reveal_field(*, customer_id: int, field: str, reason: str, by: Actor, at: datetime) -> list[str]:
    """The plain values of a masked field; who looked, at what and why is kept."""
    customer = locked_customer(customer_id, merged_too=True)
    why = clean_line(reason, 200)
    if len(why) < 2:
        raise Invalid(_("请说明查看原因"), fields={"reason": _("请说明查看原因")})
    if field not in REVEALABLE:
        raise Invalid(_("没有这个字段"), fields={"field": _("没有这个字段")})
    record(customer, {"field": field, "reason": why})
    emit("customer.revealed", staff_id=by.staff_id)
    if field in ChannelIdentity.Kind.values:
        return list(
            customer.identities(manager="unscoped").filter(kind=field, active=True).values_list("value", flat=True)
        )
    value = getattr(customer, field, None) or customer.profile.get(field, "")
    return [str(value)] if value else []


@command("customer.watch_reveals", internal=True)
def watch_reveals(*, staff_id: int, by: Actor, at: datetime) -> None:
    """More looks at masked fields than the rule finds usual: those who answer for it are told, once in its window."""
    rule = rule_in_force("reveals").rule
    since = at - timedelta(minutes=rule.minutes)
    count = reveals_of(staff_id, since).count() + 1  # and this one, which is not written yet
    if count <= rule.most or not first_in(f"reveals:{staff_id}", rule.window, at):
        nothing_done()
        return
    told = _answer_for(staff_id)
    row = RevealAlert.unscoped.create(staff_id=staff_id, since=since, at=at, count=count, told=told)
    record(row, {"staff": staff_id, "count": count, "minutes": rule.minutes, "told": told})
    emit("customer.revealed_often", topics=[f"staff:{one}" for one in told], alert_id=row.pk)


def _answer_for(staff_id: int) -> list[int]:
    """Who answers for what this colleague does: manager, the nearest head above, administrators and auditors."""
    staff = Staff.objects.select_related("unit").get(pk=staff_id)
    above = {int(pk) for pk in staff.unit.path.split("/") if pk}
    heads = Unit.objects.filter(pk__in=above, head__is_active=True).exclude(head_id=staff_id).order_by("-path")
    nearest = list(heads.values_list("head_id", flat=True)[:1])
    wanted = Q(pk__in=[*nearest, staff.manager_id]) | Q(roles__grants__overlap=["audit.read", "staff.manage"])
    people = Staff.objects.filter(wanted, is_active=True).exclude(pk=staff_id)
    return sorted(people.values_list("pk", flat=True).distinct())
