"""Taking a request to write on, and whom to tell."""

from django.utils.translation import gettext as _

from yinuo.approvals.models import Approval, ApprovalStep
from yinuo.approvals.queries import open_to_me
from yinuo.kernel.errors import Missing, Stale


def locked(approval_id: int) -> Approval:
    """The request, locked until the transaction ends, if the actor may see it."""
    approval: Approval | None = open_to_me().filter(pk=approval_id).select_for_update(no_key=True, of=("self",)).first()
    if approval is None:
        raise Missing(_("没有这份申请，或您无权查看"))
    return approval


def locked_pending(approval_id: int, expected_version: int | None) -> tuple[Approval, list[ApprovalStep]]:
    """The request and the steps still to be decided, in order; stale once somebody has settled or changed it."""
    approval = locked(approval_id)
    if approval.state != Approval.State.PENDING or approval.version != expected_version:
        raise Stale(_("这份申请刚被处理过"), current=approval)
    return approval, waiting_steps(approval)


def waiting_steps(approval: Approval) -> list[ApprovalStep]:
    rows = ApprovalStep.unscoped.filter(approval=approval, state="pending").select_related("staff__unit")
    return list(rows.select_for_update(no_key=True, of=("self",)).order_by("seq"))


def topics(approval: Approval, *staff_ids: int | None) -> list[str]:
    people = dict.fromkeys([approval.requested_by_id, *staff_ids])
    return [
        "approvals",
        *(f"staff:{person}" for person in people if person),
        *([f"matter:{approval.matter_id}"] if approval.matter_id else []),
    ]
