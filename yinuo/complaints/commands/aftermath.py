"""After the case: root cause and its check, repair of the relation, improvement, publication, thanks, case library."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _

from yinuo.complaints.commands.handling import require_unit
from yinuo.complaints.commands.moving import entry, locked, save, topics
from yinuo.complaints.commands.talking import require_text, tell_or_owe
from yinuo.complaints.models import Complaint, CorrectiveAction, Improvement, Publication, RepairPlan, Reward
from yinuo.complaints.rules.choices import ImprovementState, Recurrence
from yinuo.complaints.rules.money import parse_amount
from yinuo.complaints.rules.registration import parse_date
from yinuo.identity.models import Staff
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.clock import CST
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Refused
from yinuo.kernel.events import emit
from yinuo.kernel.text import clean_line, clean_text
from yinuo.matters.commands.locking import lock_matters


def _date(
    given: date | str | None, field: str, at: datetime, wrong: dict[str, str], *, required: bool = True
) -> date | None:
    found, sentence = parse_date(given)
    if sentence:
        wrong[field] = sentence
    elif found is None and required:
        wrong[field] = _("请填写日期")
    elif found and found < at.astimezone(CST).date():
        wrong[field] = _("日期已经过去")
    return found


def _staff(staff_id: int | None, field: str = "owner_id") -> None:
    if staff_id is not None and not Staff.objects.filter(pk=staff_id, is_active=True).exists():
        raise Invalid(_("这位员工不存在或已停用"), fields={field: _("这位员工不存在或已停用")})


@command("complaint.plan_correction", needs="complaint.handle")
def plan_correction(
    *, complaint_id: int, root_cause: str, action: str, due_on: date | str, check_on: date | str,
    unit_id: int | None = None, owner_id: int | None = None, by: Actor, at: datetime,
) -> CorrectiveAction:  # fmt: skip
    """A root cause, what is done about it, by when, and the day it is checked whether it happened again."""
    row = locked(complaint_id)
    wrong: dict[str, str] = {}
    due = _date(due_on, "due_on", at, wrong)
    check = _date(check_on, "check_on", at, wrong)
    if due and check and check < due and not wrong:
        wrong["check_on"] = _("复查日期不能早于完成期限")
    if wrong or due is None or check is None:
        raise Invalid(_("日期没有填对"), fields=wrong)
    require_unit(unit_id)
    _staff(owner_id)
    made: CorrectiveAction = CorrectiveAction.unscoped.create(
        complaint=row, root_cause=require_text(root_cause, "root_cause", _("请写明根因")),
        action=require_text(action, "action", _("请写明纠正措施")), unit_id=unit_id, owner_id=owner_id or by.staff_id,
        due_on=due, check_on=check, at=at, by_id=by.staff_id,
    )  # fmt: skip
    entry(
        row,
        "corrective",
        _("纠正措施：%(action)s") % {"action": made.action[:200]},
        by=by,
        at=at,
        data={"corrective": made.pk},
    )
    emit(
        "complaint.correction_planned", topics=topics(row), matter_id=row.pk, corrective_id=made.pk,
        check_on=str(check), owner_id=made.owner_id, what=made.action[:80],
    )  # fmt: skip
    record(made, {"due_on": str(due), "check_on": str(check)}, matter_id=row.pk)
    return made


@command("complaint.finish_correction", needs="complaint.handle")
def finish_correction(*, corrective_id: int, note: str, by: Actor, at: datetime) -> CorrectiveAction:
    made = CorrectiveAction.objects.filter(pk=corrective_id).select_for_update(no_key=True, of=("self",)).first()
    if made is None:
        raise Missing(_("没有这项纠正措施，或您无权查看"))
    if made.done_at:
        raise Refused(_("这项措施已经完成"))
    made.done_at, made.done_note = at, require_text(note, "note", _("请写明完成情况"))
    made.save()
    record(made, {"done": True}, matter_id=made.complaint_id)
    return made


@command("complaint.check_recurrence", needs="complaint.handle")
def check_recurrence(*, corrective_id: int, recurrence: str, note: str, by: Actor, at: datetime) -> CorrectiveAction:
    """On the day: did it happen again? Then a new corrective action is owed (`correction.recurred`)."""
    lock_matters(CorrectiveAction.objects.filter(pk=corrective_id).values_list("complaint_id", flat=True))
    made = CorrectiveAction.objects.filter(pk=corrective_id).select_for_update(no_key=True, of=("self",)).first()
    if made is None:
        raise Missing(_("没有这项纠正措施，或您无权查看"))
    if recurrence not in Recurrence.values:
        raise Invalid(_("请选择复查结果"), fields={"recurrence": _("请选择复查结果")})
    if made.checked_at:
        raise Refused(_("这项措施已经复查过"))
    if at.astimezone(CST).date() < made.check_on:
        raise Refused(_("还没有到复查日期 %(day)s") % {"day": made.check_on})
    made.recurrence, made.checked_at = recurrence, at
    made.check_note = require_text(note, "note", _("请写明复查情况"))
    made.save()
    row = locked(made.complaint_id)
    entry(row, "recurrence", _("复查：%(result)s") % {"result": made.get_recurrence_display()}, by=by, at=at)
    emit(
        "complaint.recurrence_checked", topics=topics(row), matter_id=row.pk, corrective_id=made.pk,
        recurrence=recurrence, owner_id=made.owner_id, what=made.action[:80],
    )  # fmt: skip
    record(made, {"recurrence": recurrence}, matter_id=row.pk)
    return made


@command("complaint.plan_repair", needs="complaint.handle")
def plan_repair(
    *, complaint_id: int, goal: str, steps: str, owner_id: int | None = None, due_on: date | str | None = None,
    by: Actor, at: datetime,
) -> RepairPlan:  # fmt: skip
    """How the relation with this customer is mended."""
    row = locked(complaint_id)
    wrong: dict[str, str] = {}
    due = _date(due_on, "due_on", at, wrong, required=False)
    if wrong:
        raise Invalid(_("日期没有填对"), fields=wrong)
    _staff(owner_id)
    made: RepairPlan = RepairPlan.unscoped.create(
        complaint=row, goal=require_text(goal, "goal", _("请写明目标"), 2000), owner_id=owner_id or by.staff_id,
        due_on=due,
        steps=require_text(steps, "steps", _("请写明步骤")), at=at, by_id=by.staff_id,
    )  # fmt: skip
    entry(row, "repair_plan", _("客户关系修复计划：%(goal)s") % {"goal": made.goal[:200]}, by=by, at=at)
    record(made, {}, matter_id=row.pk)
    return made


@command("complaint.finish_repair", needs="complaint.handle")
def finish_repair(*, repair_id: int, result: str, by: Actor, at: datetime) -> RepairPlan:
    made = RepairPlan.objects.filter(pk=repair_id, done_at=None).select_for_update(no_key=True, of=("self",)).first()
    if made is None:
        raise Missing(_("没有进行中的修复计划，或您无权查看"))
    made.result, made.done_at = require_text(result, "result", _("请写明结果")), at
    made.save()
    record(made, {"done": True}, matter_id=made.complaint_id)
    return made


@command("complaint.propose_improvement", needs="complaint.handle")
def propose_improvement(
    *, complaint_id: int, title: str, demand: str, suggestion: str, addressed_to_id: int | None = None, by: Actor,
    at: datetime,
) -> Improvement:  # fmt: skip
    """Report a demand on product or policy upward, with a proposal."""
    row = locked(complaint_id)
    require_unit(addressed_to_id, "addressed_to_id")
    made: Improvement = Improvement.unscoped.create(
        complaint=row, title=require_text(clean_line(title, 120), "title", _("请填写标题"), 120),
        demand=require_text(demand, "demand", _("请写明客户诉求")),
        suggestion=require_text(suggestion, "suggestion", _("请写明改进建议")), addressed_to_id=addressed_to_id, at=at,
        by_id=by.staff_id,
    )  # fmt: skip
    entry(row, "improvement", _("改进建议上报：%(title)s") % {"title": made.title}, by=by, at=at)
    emit("complaint.improvement_proposed", topics=topics(row), matter_id=row.pk, improvement_id=made.pk)
    record(made, {}, matter_id=row.pk)
    return made


@command("complaint.answer_improvement", needs="complaint.supervise")
def answer_improvement(*, improvement_id: int, accepted: bool, answer: str, by: Actor, at: datetime) -> Improvement:
    made = Improvement.objects.filter(pk=improvement_id).select_for_update(no_key=True, of=("self",)).first()
    if made is None:
        raise Missing(_("没有这份改进建议，或您无权查看"))
    if made.state != ImprovementState.SUBMITTED:
        raise Refused(_("这份改进建议已有答复"))
    made.state = ImprovementState.ACCEPTED if accepted else ImprovementState.DECLINED
    made.answer = require_text(answer, "answer", _("请写明答复"))
    made.answered_by_id, made.answered_at = by.staff_id, at
    made.save()
    record(made, {"state": made.state}, matter_id=made.complaint_id)
    return made


@command("complaint.publish", needs="complaint.supervise")
def publish(
    *, complaint_id: int, title: str, text: str, unit_id: int | None = None, by: Actor, at: datetime
) -> Publication:
    """Make the case known inside the company. The customer's name, phone and address may not appear in it."""
    row = locked(complaint_id)
    require_unit(unit_id)
    heading = require_text(clean_line(title, 120), "title", _("请填写标题"), 120)
    body = require_text(text, "text", _("请填写内容"), 20_000)
    named = [v for v in (row.matter.customer.name, row.complainant, row.phone, row.phone.removeprefix("+86"), row.email)
             if len(v) > 1 and v in heading + body]  # fmt: skip
    if named:
        raise Refused(
            _("通报中不能出现客户的姓名或联系方式：%(words)s") % {"words": "、".join(dict.fromkeys(named))},
            code="names_customer",
        )
    made: Publication = Publication.unscoped.create(
        complaint=row, title=heading, text=body, unit_id=unit_id, at=at, by_id=by.staff_id
    )
    entry(row, "published", _("内部通报：%(title)s") % {"title": heading}, by=by, at=at)
    emit("complaint.published", topics=topics(row), matter_id=row.pk, publication_id=made.pk, unit_id=unit_id)
    record(made, {}, matter_id=row.pk)
    return made


@command("complaint.reward", needs="complaint.handle")
def reward(
    *,
    complaint_id: int,
    reason: str,
    thanks: str,
    gift: str = "",
    worth: object = "",
    via: str = "",
    by: Actor,
    at: datetime,
) -> Reward:
    """Thank a customer whose complaint helped us; `thanks` is said to the customer."""
    row = locked(complaint_id)
    amount, sentence = parse_amount(worth)
    if sentence:
        raise Invalid(sentence, fields={"worth": sentence})
    words = require_text(thanks, "thanks", _("请写感谢的话"), 2000)
    made: Reward = Reward.unscoped.create(
        complaint=row, reason=require_text(reason, "reason", _("请写明奖励的理由"), 2000), thanks=words,
        gift=clean_line(gift, 120), worth=amount, at=at, by_id=by.staff_id,
    )  # fmt: skip
    about = _("感谢客户的意见")
    said = tell_or_owe(row, words, about, via=via, task="thank_customer", field="thanks", by=by, at=at)
    entry(row, "reward", about, interaction=said, public=True, by=by, at=at, data={"reward": made.pk})
    record(made, {"worth": str(amount)}, matter_id=row.pk)
    return made


@command("complaint.put_in_library", needs="complaint.handle")
def put_in_library(*, complaint_id: int, in_library: bool, lesson: str = "", by: Actor, at: datetime) -> Complaint:
    """Mark the case as one to learn from (or no longer), with its lesson."""
    row = locked(complaint_id)
    row.in_library, row.lesson = in_library, clean_text(lesson, 5000) or row.lesson
    save(row)
    record(row, {"in_library": in_library}, matter_id=row.pk)
    return row
