"""The second half of a case in the demo: agreed, carried out, asked about, closed; and the roads that leave before."""

from collections.abc import Callable
from datetime import timedelta

from django.utils.translation import gettext as _

from yinuo.approvals.commands import decide_approval
from yinuo.approvals.models import Approval, ApprovalStep
from yinuo.complaints import commands as complaints
from yinuo.complaints.models import Agreement, Complaint
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.matters.commands import complete_task
from yinuo.matters.models import Task
from yinuo.matters.rules import needs_proof
from yinuo.operations.demo.desk import Case
from yinuo.promises.commands import bring_up_to_date, make_good
from yinuo.promises.queries.detail import of_matter, to_make_good


def _approve(case: Case, _goal: str) -> None:
    logins = {actor.id: login for login, actor in case.desk.actors.items()}
    approval = Approval.unscoped.filter(matter_id=case.complaint.pk, state="pending").get()
    for step in ApprovalStep.unscoped.filter(approval=approval).order_by("seq"):
        approval.refresh_from_db()
        case.do(
            logins[step.staff_id],
            decide_approval,
            3,
            approval_id=approval.pk,
            decision="approved",
            comment=_("同意。"),
            expected_version=approval.version,
        )
    case.do(case.agent, complaints.offer_agreement, 1, complaint_id=case.complaint.pk)


def _agree(case: Case, goal: str) -> None:
    made = Agreement.unscoped.filter(complaint=case.complaint).latest("pk")
    case.do(
        case.agent,
        complaints.record_agreement_answer,
        8,
        agreement_id=made.pk,
        accepted=True,
        how="recorded_call",
        note=_("电话录音 8021，客户口头确认全部内容。"),
    )
    tasks = list(Task.unscoped.filter(matter_id=case.complaint.pk, state="open").order_by("pk"))
    for task in tasks if goal != "executing" else tasks[:1]:
        who = "warehouse" if task.unit_id == case.desk.units["warehouse"] else "marketing"
        case.do(who, complete_task, 4, task_id=task.pk, result=_("已按要求办理。"), **_proof(task.kind))


def _proof(kind: str) -> dict[str, str]:
    return {"no_proof": _("演示数据，原件在财务留存。")} if needs_proof(kind) else {}


def _call_back(case: Case, _goal: str) -> None:
    case.do(case.agent, complaints.finish_execution, 2, complaint_id=case.complaint.pk)


def _close(case: Case, _goal: str) -> None:
    other = "agent2" if case.agent == "agent" else "supervisor" if case.agent == "agent2" else "supervisor2"
    score = case.desk.dice.choice((4, 5, 5))
    case.do(
        other,
        complaints.record_callback,
        10,
        complaint_id=case.complaint.pk,
        reached=True,
        satisfaction=score,
        outcome=score,
        process=4,
        treatment=5,
        comment=_("客户表示满意。"),
    )
    row = Complaint.unscoped.get(pk=case.complaint.pk)
    if row.severity in ("serious", "critical"):
        soon = clock.now().date() + timedelta(days=10)
        case.do(
            case.agent,
            complaints.plan_correction,
            0.5,
            complaint_id=row.pk,
            root_cause=_("交接环节无人复核"),
            action=_("出库增加双人复核"),
            due_on=soon,
            check_on=soon + timedelta(days=30),
            unit_id=case.desk.units["warehouse"],
        )
    _apologise(case)
    case.do(
        case.agent,
        complaints.close,
        0,
        complaint_id=row.pk,
        outcome=_("已更换产品并致歉，客户满意。"),
        lesson=_("到货当面开箱核对可避免同类问题。"),
        in_library=True,
    )


def _apologise(case: Case) -> None:
    """What was not done in time is said sorry for before the case closes."""
    with acting_as(Actor.system("clock")):
        bring_up_to_date(matter_id=case.complaint.pk, at=case.step(1))
    for owed in to_make_good(of_matter(case.complaint.matter)):
        said = _("回访时已就未按时办到致歉，客户表示谅解。")
        case.do(case.agent, make_good, 0, promise_id=owed.promise_id, text=said)


def _reject(case: Case) -> None:
    case.do(
        case.agent,
        complaints.reject,
        2,
        complaint_id=case.complaint.pk,
        understood=True,
        understood_how=_("电话中客户表示理解"),
        explanation=_("经核实，产品在质保条件之外使用，相关说明已向您逐条解释，感谢您的理解。"),
    )


def _withdraw(case: Case) -> None:
    case.do(case.agent, complaints.withdraw, 3, complaint_id=case.complaint.pk, reason=_("客户来电表示问题已自行解决"))


def _escalate_out(case: Case) -> None:
    case.do(
        case.chief,
        complaints.escalate_out,
        4,
        complaint_id=case.complaint.pk,
        body=_("市场监督管理局 12315"),
        reference="12315-2026-0387",
        reason=_("客户已向 12315 申诉"),
    )


def _merge(case: Case) -> None:
    """The customer tells it again, to somebody else; the supervisor makes one case of the two."""
    row = case.complaint
    again = case.do(
        case.agent,
        complaints.register,
        1,
        channel="visit",
        customer_id=row.matter.customer_id,
        name=row.complainant,
        phone=row.phone,
        title=case.story.title,
        content=case.story.content,
        demand=case.story.demand,
        product=case.story.product,
        severity=row.severity,
    )
    case.do(
        case.chief,
        complaints.merge_complaints,
        1,
        complaint_ids=[again.pk],
        into_id=row.pk,
        reason=_("同一客户就同一件事先后来电、来访"),
    )


ENDINGS: dict[str, Callable[[Case, str], None]] = {
    "offered": _approve,
    "executing": _agree,
    "callback": _call_back,
    "closed": _close,
}
EXITS: dict[str, Callable[[Case], None]] = {
    "rejected": _reject,
    "withdrawn": _withdraw,
    "escalated_out": _escalate_out,
    "merged": _merge,
}
