"""A promise a standard describes, made by hand: what happened was not seen by the product itself (a delivery agreed,
payment received, a sample that arrived).
"""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from yinuo.calendars.queries import current_book, path_ids
from yinuo.calendars.wording import moment_text, span_text
from yinuo.conversations.models import Conversation
from yinuo.kernel.actor import Actor
from yinuo.kernel.clock import CST
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Refused
from yinuo.kernel.text import clean_line
from yinuo.matters.models import Matter
from yinuo.promises.commands.locking import lock_subject
from yinuo.promises.commands.making import Subject, from_standard, same_subject, title_of, write_promises
from yinuo.promises.commands.personal import FURTHEST, agreed, personal_subject
from yinuo.promises.commands.spacing import refuse_too_soon
from yinuo.promises.models import Promise, Standard
from yinuo.promises.rules.happenings import AUTOMATIC
from yinuo.promises.rules.moments import start_of
from yinuo.promises.rules.standard import Sense, StandardSpec

MOST_AT_STAKE = Decimal("1e9")


def by_hand(spec: StandardSpec) -> bool:
    """Whether somebody may promise by this standard: those the product follows by itself need nobody."""
    return spec.trigger not in AUTOMATIC


@command("promise.make_by_standard", needs="promise.make")
def make_by_standard(
    *, standard: str, what: str = "", agreed_on: date | str | None = None, amount: object = "",
    matter_id: int | None = None, customer_id: int | None = None, conversation_id: int | None = None,
    owner_id: int | None = None, by: Actor, at: datetime,
) -> Promise:  # fmt: skip
    """Promise by the standard with the key `standard`. `agreed_on` is the day agreed with the customer where the
    standard counts from one; `amount` the sum in yuan a percentage of compensation is reckoned on: it must be
    given where the standard asks for one.
    """
    found = Standard.objects.filter(key=standard[:60], in_force=True).first()
    if found is None or not by_hand(found.spec):
        raise Invalid(_("请选择服务标准"), fields={"standard": _("请选择一项在用的、由人登记的服务标准")})
    start, wrong = _start(found.spec, agreed_on, at)
    stake = _stake(found.spec, amount, wrong)
    if matter_id is None and customer_id is None and conversation_id is None:
        wrong["customer_id"] = _("请选择答应的是哪位客户")
    if wrong or start is None:
        raise Invalid(_("承诺没有填完整"), fields=wrong)
    if found.spec.sense is Sense.MINIMUM_GAP:  # the gap is kept towards the customer, whatever it is about
        if matter_id or conversation_id:
            customer_id = _whose(matter_id, conversation_id)
        matter_id = conversation_id = None
    subject = personal_subject(matter_id, customer_id, conversation_id, owner_id or by.staff_id)
    subject = replace(subject, facts={"amount": stake, "what": clean_line(what, 100)})
    lock_subject(subject.matter, subject.conversation, subject.customer_id)
    if same_subject(subject).filter(outstanding=True, obligation=found.spec.obligation).exists():
        sentence = _("“%(title)s”已经在履行，请先完成那一项") % {"title": found.title}
        raise Refused(sentence, fields={"standard": sentence})
    if found.spec.sense is Sense.MINIMUM_GAP:
        return write_promises([_planned(found, subject, start, by, at)], by=by, at=at)[0]
    return write_promises([from_standard(found, subject, start, current_book(), by=by, at=at)], by=by, at=at)[0]


def _whose(matter_id: int | None, conversation_id: int | None) -> int:
    rows: Any = Conversation.objects.filter(pk=conversation_id or 0)
    if matter_id:
        rows = Matter.objects.filter(pk=matter_id)
    found: int | None = rows.values_list("customer_id", flat=True).first()
    if found is None:
        raise Missing(_("没有这个事项或客户，或您无权查看"))
    return found


def _planned(standard: Standard, subject: Subject, start: datetime, by: Actor, at: datetime) -> Promise:
    """Planned for a day, not sooner after the last one than the standard says; owed by the end of that day."""
    spec, day = standard.spec, start.astimezone(CST).date()
    calendar = current_book().calendar(path_ids(subject.unit.path) if subject.unit else ())
    due_at = max(calendar.close_of(day), at + timedelta(hours=1))
    refuse_too_soon(spec, subject.customer_id, due_at, "agreed_on")
    why = _("计划 → %(due)s；两次至少间隔 %(gap)s") % {"due": moment_text(due_at), "gap": span_text(spec.span)}
    return agreed(standard, subject, title_of(spec.title, subject), due_at, why, by=by, at=at)


def _start(spec: StandardSpec, agreed_on: date | str | None, at: datetime) -> tuple[datetime | None, dict[str, str]]:
    """From when it counts, or what is wrong with the day."""
    planned = spec.sense is Sense.MINIMUM_GAP
    if not (spec.counts_from or planned):
        return at, {}
    if not agreed_on:
        sentence = _("请填写计划在哪一天") if planned else _("请填写与客户约定的日期")
        return None, {"agreed_on": sentence}
    if planned:
        spec = replace(spec, counts_from="agreed_on")
    try:
        start = start_of(spec, {spec.counts_from: agreed_on}, at)
    except ValueError:
        return None, {"agreed_on": _("请填写真实存在的日期，例如 2026-03-05")}
    if start is None or start.astimezone(CST).date() < at.astimezone(CST).date():
        return None, {"agreed_on": _("约定的日期已经过去")}
    return (None, {"agreed_on": _("日期太远，请核对")}) if start > at + FURTHEST + timedelta(days=1) else (start, {})


def _stake(spec: StandardSpec, amount: object, wrong: dict[str, str]) -> str | None:
    text = str(amount if amount is not None else "").strip()
    if not text:
        if spec.breach.needs_sum and spec.sense is not Sense.MINIMUM_GAP:  # what is only planned is of no sum
            wrong["amount"] = _("这项标准按金额的比例赔付，请填写涉及的金额")
        return None
    try:
        sum_ = Decimal(text)
    except InvalidOperation:
        sum_ = Decimal(-1)
    if not sum_.is_finite() or not 0 <= sum_ <= MOST_AT_STAKE or sum_ != round(sum_, 2):
        wrong["amount"] = _("金额须为非负数，最多两位小数")
        return None
    return str(sum_)
