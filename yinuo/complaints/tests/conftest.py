"""A small company with a complaint desk, two departments and a customer, and a hand that walks a case along."""

import base64
from datetime import UTC, datetime, timedelta
from io import BytesIO
from types import SimpleNamespace

import pytest
from PIL import Image, ImageDraw

from tests.worlds import world
from yinuo.approvals.commands import decide_approval
from yinuo.approvals.models import Approval, ApprovalStep
from yinuo.complaints import commands as c
from yinuo.complaints.models import Complaint, Proposal
from yinuo.customers.commands import create_customer
from yinuo.identity.commands import create_staff, create_unit, seed_roles
from yinuo.identity.models import Staff, Unit
from yinuo.identity.queries import actor_for
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.command import permit_writes
from yinuo.kernel.events import _REACTIONS, on
from yinuo.matters.commands import complete_task
from yinuo.matters.models import Task

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # a Monday, 10:00 in China
PEOPLE = [
    ("wang", "王芳", "desk", ["agent"]),
    ("li", "李雷", "desk", ["agent"]),
    ("sun", "孙主管", "desk", ["supervisor"]),
    ("zhao", "赵主管", "hq", ["supervisor", "leader"]),
    ("qian", "钱总", "hq", ["leader"]),
    ("cang", "仓小库", "store", ["warehouse"]),
    ("cai", "财小务", "money", ["finance"]),
]


def build():
    """The company, made by its own commands; safe to call once per database."""
    system = Actor.system("test")
    with acting_as(system):
        seed_roles()
        units = {}
        for code, name, kind, parent in [
            ("hq", "总公司", "company", None), ("desk", "投诉中心", "desk", "hq"), ("store", "仓储部", "department", "hq"),
            ("money", "财务部", "department", "hq"),
        ]:  # fmt: skip
            units[code] = create_unit(name=name, code=code, kind=kind, parent_id=units[parent].pk if parent else None)
        staff = {
            who: create_staff(username=who, name=name, password="desk-7788-x", unit_id=units[unit].pk, role_codes=roles)
            for who, name, unit, roles in PEOPLE
        }
        with permit_writes("test"):
            Unit.objects.filter(pk=units["desk"].pk).update(head=staff["sun"])
            Unit.objects.filter(pk=units["hq"].pk).update(head=staff["qian"])
        customer = create_customer(
            kind="person",
            name="陈建国",
            identities=[("phone", "13812345678"), ("email", "chen@example.cn")],
            verified_how="agent",
        )
    return SimpleNamespace(
        system=system, units=units, staff=staff, customer=customer,
        **{who: actor_for(Staff.objects.get(pk=s.pk)) for who, s in staff.items()},
    )  # fmt: skip


@pytest.fixture
def at():
    with clock.frozen(NOW):
        yield NOW


@pytest.fixture
def reactions():
    """The reactions the loop needs, as jobs/reactions.py wires them."""
    before = {k: list(v) for k, v in _REACTIONS.items()}
    _REACTIONS.clear()

    def decided(event, at):
        with acting_as(Actor.system("reactions")):
            if event.data["kind"] == "proposal":
                c.apply_proposal_decision(
                    proposal_id=event.data["subject_id"],
                    decision=event.data["decision"],
                    comment=event.data["comment"],
                    at=at,
                )
            if event.data["kind"] == "rejection":
                c.apply_rejection_decision(
                    approval_id=event.data["approval_id"],
                    decision=event.data["decision"],
                    comment=event.data["comment"],
                    at=at,
                )

    on("approval.decided", decided)
    yield
    _REACTIONS.clear()
    _REACTIONS.update(before)


@world
def made_firm():
    with clock.frozen(NOW):
        return build()


@pytest.fixture
def firm(made_firm, at, reactions):
    return made_firm


def signature(blank=False):
    image = Image.new("RGBA", (300, 120), (255, 255, 255, 255))
    if not blank:
        ImageDraw.Draw(image).line([(20, 60), (150, 20), (280, 100)], fill=(0, 0, 0, 255), width=3)
    out = BytesIO()
    image.save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


class Walk:
    """Takes one complaint along the main line, each step by whom it belongs to."""

    def __init__(self, firm, **fields):
        self.firm, self.handler = firm, fields.pop("by", firm.wang)
        given = {
            "channel": "phone",
            "content": "机油用了一周发动机异响，要求退款",
            "name": "陈建国",
            "phone": "13812345678",
            **fields,
        }
        with acting_as(self.handler):
            self.id = c.register(**given).pk

    @property
    def row(self):
        return Complaint.unscoped.select_related("matter").get(pk=self.id)

    @property
    def customer(self):
        return Actor.customer(
            customer_id=self.row.matter.customer_id, name="陈建国", matter_ids=frozenset({self.id}), ip="203.0.113.9"
        )

    def to(self, stage):
        while self.row.stage != stage:
            self.step()
        return self

    def step(self):
        name = {
            "received": self.acknowledge, "acknowledged": self.assess, "assessed": self.investigate,
            "investigating": self.propose, "proposing": self.submit, "approving": self.approve, "offered": self.agree,
            "executing": self.execute, "callback": self.finish,
        }[self.row.stage]  # fmt: skip
        name()

    def acknowledge(self):
        with acting_as(self.handler):
            c.acknowledge(complaint_id=self.id)

    def assess(self, **given):
        with acting_as(self.handler):
            if self.row.channel in ("phone", "visit", "letter") and self.row.restatement != "confirmed":
                restated = c.restate(complaint_id=self.id, via="phone")
                c.record_restatement_answer(restatement_id=restated.pk, confirmed=True)
            c.assess(
                complaint_id=self.id, **{"judgement": "justified", "kind": "product", "subkind": "defect", **given}
            )

    def investigate(self):
        with acting_as(self.handler):
            c.start_investigation(complaint_id=self.id)
            c.record_finding(complaint_id=self.id, facts="抽检该批次黏度不合格", cause="调和温度偏低", fault_share=90)

    def propose(self, amount="300", **item):
        items = [
            {"kind": "refund", "amount": amount, "detail": "原路退回", "unit_id": self.firm.units["money"].pk},
            {"kind": "replace", "detail": "换两桶新油", "unit_id": self.firm.units["store"].pk},
        ]
        with acting_as(self.handler):
            c.draft_proposal(
                complaint_id=self.id, items=items, reason="批次不合格", answers={"fault": "90"}, loss="300"
            )

    def submit(self):
        if not Proposal.unscoped.filter(complaint=self.id, state="draft").exists():
            self.propose()
        with acting_as(self.handler):
            c.submit_proposal(complaint_id=self.id)

    def approve(self, decision="approved", comment="同意"):
        approval = Approval.unscoped.get(matter_id=self.id, state="pending")
        while approval.state == "pending":
            step = ApprovalStep.unscoped.filter(approval=approval, state="pending").order_by("seq").first()
            with acting_as(actor_for(step.staff)):
                approval = decide_approval(
                    approval_id=approval.pk, decision=decision, comment=comment, expected_version=approval.version
                )

    def offer(self):
        with acting_as(self.handler):
            return c.offer_agreement(complaint_id=self.id)

    def agree(self):
        made = self.offer()
        with acting_as(self.customer):
            return c.confirm_agreement(
                agreement_id=made.pk,
                sha256=made.sha256,
                name="陈建国",
                signature=signature(),
                user_agent="Mozilla/5.0 手机",
            )

    def execute(self):
        for task in Task.unscoped.filter(matter_id=self.id, state="open"):
            with acting_as(self.firm.system):
                complete_task(task_id=task.pk, result="已办妥，单号 SF123", no_proof="测试")
        with acting_as(self.handler):
            c.finish_execution(complaint_id=self.id)

    def call_back(self, satisfaction=5, by=None, at=None, **given):
        with acting_as(by or self.firm.li):
            return c.record_callback(
                complaint_id=self.id,
                reached=True,
                satisfaction=satisfaction,
                outcome=4,
                process=4,
                treatment=5,
                at=at,
                **given,
            )

    def finish(self):
        self.call_back()
        self.close()

    def close(self, **given):
        with acting_as(self.handler):
            return c.close(complaint_id=self.id, outcome="退款换货，客户满意", **given)


@pytest.fixture
def walk(firm):
    return lambda **fields: Walk(firm, **fields)


def later(**span):
    return NOW + timedelta(**span)


def sentences(error):
    """What a refusal says, field by field."""
    return list(error.value.fields.values())
