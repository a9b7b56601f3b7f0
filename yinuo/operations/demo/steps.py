"""One step of a case: what people would have done in each stage, by their own commands, within office hours."""

from collections.abc import Callable
from datetime import timedelta

from django.utils.translation import gettext as _

from yinuo.complaints import commands as complaints
from yinuo.complaints.models import Restatement
from yinuo.complaints.states import MAIN_LINE, Stage
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as
from yinuo.operations.demo.desk import Case
from yinuo.operations.demo.endings import ENDINGS, EXITS
from yinuo.operations.demo.pictures import sent_along
from yinuo.promises.commands import make_personal_promise

# How far a case comes before it leaves the road.
BEFORE_EXIT = {
    "rejected": "assessed",
    "withdrawn": "acknowledged",
    "escalated_out": "investigating",
    "merged": "assessed",
}


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
    sent_along(case)
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


STEPS: dict[str, Callable[[Case, str], None]] = {
    "acknowledged": _acknowledge,
    "assessed": _assess,
    "investigating": _investigate,
    "proposing": _propose,
    "approving": _submit,
    **ENDINGS,
}
