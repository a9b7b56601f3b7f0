"""What a customer bought, their grade, and the rules for proposing it and for noticing who looks too much."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from yinuo.customers.commands.card import struck_off
from yinuo.customers.commands.rows import locked_customer
from yinuo.customers.models import Customer, CustomerRule, GradeChange, Purchase
from yinuo.customers.queries.grading import RULES
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.clock import CST
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Refused, Stale
from yinuo.kernel.text import clean_line

MOST = Decimal("9999999999.99")


@command("customer.propose_grade", needs="customer.edit")
def propose_grade(*, customer_id: int, grade: str, reason: str, by: Actor, at: datetime) -> GradeChange:
    customer = locked_customer(customer_id)
    if grade not in Customer.Grade.values or not clean_line(reason, 300):
        raise Invalid(_("请选择级别并说明理由"), fields={"reason": _("请选择级别并说明理由")})
    change = GradeChange.unscoped.create(
        customer=customer, old_grade=customer.grade, new_grade=grade, reason=clean_line(reason, 300),
        proposed_by_id=by.staff_id, proposed_at=at,
    )  # fmt: skip
    record(customer, {"from": customer.grade, "to": grade})
    return change


@command("customer.confirm_grade", needs="customer.grade")
def confirm_grade(*, change_id: int, agree: bool, by: Actor, at: datetime) -> GradeChange:
    change = GradeChange.objects.filter(pk=change_id).select_for_update(no_key=True, of=("self",)).first()
    if change is None:
        raise Missing(_("没有这条级别变更"))
    if change.confirmed_at:
        raise Refused(_("这条级别变更已处理过"))
    locked_customer(change.customer_id)
    change.confirmed_by_id, change.confirmed_at, change.refused = by.staff_id, at, not agree
    change.save()
    if agree:
        Customer.unscoped.filter(pk=change.customer_id).update(grade=change.new_grade, updated_at=at)
    record(change.customer, {"to": change.new_grade, "agree": agree})
    return change


@command("customer.add_purchase", needs="customer.edit")
def add_purchase(*, customer_id: int, bought_on: date, what: str, amount: Decimal, by: Actor, at: datetime) -> Purchase:
    """Something they bought; the rule that proposes a grade counts it."""
    customer, named = locked_customer(customer_id), clean_line(what, 120)
    if not named:
        raise Invalid(_("请填写买了什么"), fields={"what": _("请填写买了什么")})
    if not 0 <= amount <= MOST:
        raise Invalid(_("金额不对"), fields={"amount": _("金额不对")})
    if bought_on > at.astimezone(CST).date():
        raise Invalid(_("购买日期不能在将来"), fields={"bought_on": _("购买日期不能在将来")})
    row = Purchase.unscoped.create(
        customer=customer, bought_on=bought_on, what=named, amount=amount, author_id=by.staff_id
    )
    record(customer, {"purchase": row.pk, "amount": str(amount)})
    return row


@command("customer.remove_purchase", needs="customer.edit")
def remove_purchase(*, purchase_id: int, by: Actor, at: datetime) -> Customer:
    """It was entered by mistake, or returned."""
    row = Purchase.objects.filter(pk=purchase_id).first()
    if row is None:
        raise Missing(_("没有这笔购买记录，或您无权查看"))
    gone = {"purchase_removed": row.pk, "what": row.what, "amount": str(row.amount), "on": str(row.bought_on)}
    return struck_off(row, row.customer_id, gone)


@command("customer.set_rule", needs="standard.edit")
def set_rule(
    *, kind: str, values: dict[str, Any], reason: str, expected_version: int, by: Actor, at: datetime
) -> CustomerRule:
    """A new version of a rule is in force from now on; the earlier ones are kept with who, when and why."""
    if kind not in RULES:
        raise Invalid(_("没有这种规则"), fields={"kind": _("没有这种规则")})
    why = clean_line(reason, 300)
    if len(why) < 2:
        raise Invalid(_("请说明为什么改"), fields={"reason": _("请说明为什么改")})
    rule = RULES[kind].of(values)
    last = CustomerRule.objects.filter(kind=kind).order_by("-no").first()
    if (last.no if last else 0) != expected_version:
        raise Stale(_("这条规则刚被别人改过"), current=last.values if last else None)
    row, fresh = CustomerRule.unscoped.get_or_create(
        kind=kind, no=expected_version + 1,
        defaults={"values": rule.values(), "reason": why, "saved_by_id": by.staff_id, "saved_at": at},
    )  # fmt: skip
    if not fresh:  # somebody else saved in this very moment
        raise Stale(_("这条规则刚被别人改过"), current=row.values)
    record(row, {"kind": kind, "no": row.no, "values": row.values, "reason": why})
    return row
