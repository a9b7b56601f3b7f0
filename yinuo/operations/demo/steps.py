"""One step of a case: what people would have done in each stage, by their own commands, within office hours."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from yinuo.approvals.commands import decide_approval
from yinuo.approvals.models import Approval, ApprovalStep
from yinuo.complaints import commands as complaints
from yinuo.complaints.models import Agreement, Complaint, Restatement
from yinuo.complaints.states import MAIN_LINE, Stage
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.clock import CST
from yinuo.matters.commands import complete_task
from yinuo.matters.models import Task
from yinuo.operations.demo.people import Story
from yinuo.promises.commands.personal import make_personal_promise

# How far a case comes before it leaves the road.
BEFORE_EXIT = {
    "rejected": "assessed",
    "withdrawn": "acknowledged",
    "escalated_out": "investigating",
    "merged": "assessed",
}


@dataclass
class Desk:
    """Who plays which part in the demo."""

    dice: random.Random
    actors: dict[str, Actor]
    units: dict[str, int]


@dataclass
class Case:
    desk: Desk
    story: Story
    complaint: Complaint
    agent: str
    at: datetime

    @property
    def chief(self) -> str:
        """Who leads the handler's desk."""
        return "supervisor" if self.agent in ("agent", "agent2") else "supervisor2"

    def step(self, hours: float) -> datetime:
        """The next moment something is done, within working hours and never in the future."""
        self.at = min(office(self.at + timedelta(hours=hours)), clock.now() - timedelta(minutes=5))
        return self.at

    def do(self, who: str, command: Callable[..., Any], hours: float, **values: Any) -> Any:
        with acting_as(self.desk.actors[who]):
            return command(at=self.step(hours), **values)


def office(at: datetime) -> datetime:
    """Moved into office hours (09:00–17:30 China time, Monday to Friday), never earlier."""
    local = at.astimezone(CST)
    if local.hour < 9:
        local = local.replace(hour=9, minute=local.minute % 30)
    elif (local.hour, local.minute) > (17, 30):
        local = (local + timedelta(days=1)).replace(hour=9, minute=local.minute % 30)
    while local.weekday() >= 5:
        local += timedelta(days=1)
    return local


def advance(case: Case, stage: str) -> None:
    """Do what people would have done until the case stands at `stage`."""
    goal = BEFORE_EXIT.get(stage, stage)
    for name in MAIN_LINE[1 : MAIN_LINE.index(Stage(goal)) + 1]:
        STEPS[name](case, stage)
    if stage in EXITS:
        EXITS[stage](case)


def _acknowledge(case: Case, goal: str) -> None:
    case.do(
        case.agent,
        complaints.acknowledge,
        0.5,
        complaint_id=case.complaint.pk,
        text=_("您好，您的投诉已受理，我们会尽快核实并与您联系。"),
    )
    if goal == "acknowledged" and case.desk.dice.random() < 0.5:
        with acting_as(case.desk.actors[case.agent]):
            make_personal_promise(
                matter_id=case.complaint.pk, title=_("给客户回电说明进展"), due_at=clock.now() + timedelta(hours=3)
            )


def _assess(case: Case, goal: str) -> None:
    made = case.do(case.agent, complaints.restate, 0.3, complaint_id=case.complaint.pk, via="phone")
    case.do(
        case.agent,
        complaints.record_restatement_answer,
        0.1,
        restatement_id=Restatement.unscoped.get(pk=made.pk).pk,
        confirmed=True,
    )
    judgement = "unjustified" if goal == "rejected" else case.desk.dice.choice(("justified", "justified", "partly"))
    case.do(
        case.agent,
        complaints.assess,
        1,
        complaint_id=case.complaint.pk,
        judgement=judgement,
        kind=case.story.kind,
        subkind=case.story.subkind,
        basis=_("核对了合同、送货单与客户提供的照片。"),
        temperament=case.desk.dice.choice(("angry", "claiming", "rights_defending", "wronged")),
    )


def _investigate(case: Case, goal: str) -> None:
    case.do(case.agent, complaints.start_investigation, 2, complaint_id=case.complaint.pk)
    if goal != "investigating":
        case.do(
            case.agent,
            complaints.record_finding,
            5,
            complaint_id=case.complaint.pk,
            facts=_("经现场核实，客户反映情况属实。"),
            cause=_("交接环节未按规程复核。"),
            fault_share=80,
            unit_id=case.desk.units["warehouse"],
        )
        case.do(
            case.agent,
            complaints.reply,
            1,
            complaint_id=case.complaint.pk,
            text=_("我们已到现场核实，正在拟定处理方案，有进展会及时告诉您。"),
        )


def _propose(case: Case, _goal: str) -> None:
    amount = case.desk.dice.choice((120, 300, 480, 1200, 2600))
    items = [
        {
            "kind": "replace",
            "detail": case.story.product,
            "amount": str(amount),
            "unit_id": case.desk.units["warehouse"],
        },
        {"kind": "gift", "detail": _("护手霜两盒"), "amount": "60", "unit_id": case.desk.units["marketing"]},
    ]
    case.do(
        case.agent,
        complaints.draft_proposal,
        6,
        complaint_id=case.complaint.pk,
        items=items,
        reason=_("责任主要在我方，客户往来多年，诉求合理。"),
    )


def _submit(case: Case, _goal: str) -> None:
    case.do(case.agent, complaints.submit_proposal, 1, complaint_id=case.complaint.pk)


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
        case.do(who, complete_task, 4, task_id=task.pk, result=_("已按要求办理，单据见附件编号。"))


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
    case.do(
        case.agent,
        complaints.close,
        1,
        complaint_id=row.pk,
        outcome=_("已更换产品并致歉，客户满意。"),
        lesson=_("到货当面开箱核对可避免同类问题。"),
        in_library=True,
    )


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


STEPS: dict[str, Callable[[Case, str], None]] = {
    "acknowledged": _acknowledge,
    "assessed": _assess,
    "investigating": _investigate,
    "proposing": _propose,
    "approving": _submit,
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
