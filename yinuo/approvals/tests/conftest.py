"""A desk with its chief, a boss, and finance."""

from datetime import UTC, datetime
from decimal import Decimal

from tests.worlds import world
from yinuo.approvals.commands import decide_approval, request_approval
from yinuo.approvals.models import Approval
from yinuo.identity.commands import create_staff, create_unit, edit_unit, seed_roles
from yinuo.identity.queries import actor_for
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.command import permit_writes
from yinuo.kernel.work import working

AT = datetime(2026, 11, 22, 4, tzinfo=UTC)


@world
def people():
    with acting_as(Actor.system("test")):
        seed_roles()
        top = create_unit(name="公司", code="top", kind="company", parent_id=None)
        desk = create_unit(name="客服", code="desk", kind="desk", parent_id=top.pk)
        made = {
            name: create_staff(username=name, name=name, password="quiet-river-9", unit_id=unit.pk, role_codes=[role])
            for name, unit, role in (
                ("agent", desk, "agent"), ("chief", desk, "supervisor"), ("boss", top, "leader"), ("money", top, "finance")
            )
        }  # fmt: skip
        edit_unit(
            unit_id=desk.pk, name="客服", head_id=made["chief"].pk, parent_id=top.pk, active=True, expected_version=1
        )
    return {name: actor_for(staff) for name, staff in made.items()}


def ask(by, amount="300", subject=1, kind="proposal"):
    with acting_as(by), permit_writes("test"), working() as work, work.frame("test"):
        return request_approval(
            kind=kind,
            subject_type="t",
            subject_id=subject,
            matter_id=None,
            title="换货",
            amount=Decimal(amount),
            by=by,
            at=AT,
        )


def decide(approval, by, decision="approved", comment="可以", version=None):
    return decide_approval(
        approval_id=approval.pk, decision=decision, comment=comment, by=by, at=AT,
        expected_version=version or Approval.unscoped.get(pk=approval.pk).version,
    )  # fmt: skip
