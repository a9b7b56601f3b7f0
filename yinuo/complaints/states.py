"""The stages of a complaint and the one table of moves between them.

Pure: no database, no clock, no actor. `MOVES` is the only place that says which stage follows which; buttons,
API actions, the `move` command and `docs/complaint-stages.md` are all made from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _


class Stage(StrEnum):
    """ISO 10002:2018 order, then the side exits."""

    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    ASSESSED = "assessed"
    INVESTIGATING = "investigating"
    PROPOSING = "proposing"
    APPROVING = "approving"
    OFFERED = "offered"
    EXECUTING = "executing"
    CALLBACK = "callback"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"
    MERGED = "merged"
    ESCALATED_OUT = "escalated_out"


STAGE_LABELS: dict[Stage, Lazy | str] = {
    Stage.RECEIVED: _("受理"),
    Stage.ACKNOWLEDGED: _("告知"),
    Stage.ASSESSED: _("初步评审"),
    Stage.INVESTIGATING: _("调查"),
    Stage.PROPOSING: _("拟定方案"),
    Stage.APPROVING: _("审批"),
    Stage.OFFERED: _("沟通决定"),
    Stage.EXECUTING: _("执行"),
    Stage.CALLBACK: _("回访"),
    Stage.CLOSED: _("终止"),
    Stage.WITHDRAWN: _("撤诉"),
    Stage.REJECTED: _("不予受理"),
    Stage.MERGED: _("并案"),
    Stage.ESCALATED_OUT: _("外部升级"),
}

#: The stepper of the matter page.
MAIN_LINE: tuple[Stage, ...] = (
    Stage.RECEIVED,
    Stage.ACKNOWLEDGED,
    Stage.ASSESSED,
    Stage.INVESTIGATING,
    Stage.PROPOSING,
    Stage.APPROVING,
    Stage.OFFERED,
    Stage.EXECUTING,
    Stage.CALLBACK,
    Stage.CLOSED,
)
#: No more work is owed here, unless somebody reopens.
ENDED: frozenset[Stage] = frozenset({Stage.CLOSED, Stage.WITHDRAWN, Stage.REJECTED, Stage.MERGED})
OPEN: frozenset[Stage] = frozenset(Stage) - ENDED
#: We hold the pen: everything open that has not gone to an outside body.
OURS: frozenset[Stage] = OPEN - {Stage.ESCALATED_OUT}


class MayAct(Protocol):
    """What this module needs to know of an actor."""

    @property
    def kind(self) -> str: ...

    def may(self, grant: str, /) -> bool: ...


STAFF = frozenset({"staff", "api"})
CUSTOMER = frozenset({"customer"})
SYSTEM = frozenset({"system"})


@dataclass(frozen=True, slots=True)
class Move:
    """One permitted change of stage."""

    frm: frozenset[Stage]
    to: Stage
    needs: str
    label: Lazy | str
    form: str
    guards: tuple[str, ...] = ()
    #: Which kinds of actor may make the move; a system actor (a reaction) always may.
    by: frozenset[str] = STAFF
    #: The customer is told, so the page asks before it is done.
    outward: bool = False
    name: str = ""


def _move(
    frm: Iterable[Stage],
    to: Stage,
    needs: str,
    label: Lazy | str,
    form: str,
    *guards: str,
    by: frozenset[str] = STAFF,
    outward: bool = False,
) -> Move:
    return Move(frozenset(frm), to, needs, label, form, tuple(guards), by, outward)


S = Stage
HANDLE, SUPERVISE = "complaint.handle", "complaint.supervise"
# fmt: off  (one line of the table is one move)
_TABLE: dict[str, Move] = {
    "acknowledge": _move(
        {S.RECEIVED}, S.ACKNOWLEDGED, HANDLE, _("告知客户"), "acknowledge", "registration_complete", outward=True
    ),
    "assess": _move({S.ACKNOWLEDGED}, S.ASSESSED, HANDLE, _("完成评审"), "assess", "restated", "judged"),
    "start_investigation": _move({S.ASSESSED}, S.INVESTIGATING, HANDLE, _("开始调查"), "investigation", "judged"),
    "begin_proposal": _move({S.INVESTIGATING}, S.PROPOSING, HANDLE, _("拟定方案"), "proposal", "finding_recorded"),
    "submit_proposal": _move({S.PROPOSING}, S.APPROVING, HANDLE, _("提交审批"), "submit", "proposal_ready"),
    "proposal_approved": _move({S.APPROVING}, S.OFFERED, HANDLE, _("方案已同意"), "", by=SYSTEM),
    "proposal_rejected": _move({S.APPROVING}, S.PROPOSING, HANDLE, _("方案已驳回"), "", by=SYSTEM),
    "recall_proposal": _move({S.APPROVING, S.OFFERED}, S.PROPOSING, HANDLE, _("收回方案"), "recall"),
    "confirm_agreement": _move(
        {S.OFFERED},
        S.EXECUTING,
        HANDLE,
        _("客户确认协议"),
        "agreement_confirm",
        "agreement_offered",
        by=STAFF | CUSTOMER,
    ),
    "refuse_agreement": _move(
        {S.OFFERED}, S.PROPOSING, HANDLE, _("客户不同意"), "agreement_refuse", "agreement_offered", by=STAFF | CUSTOMER
    ),
    "finish_execution": _move({S.EXECUTING}, S.CALLBACK, HANDLE, _("执行完毕，转回访"), "execution", "execution_done"),
    "callback_dissatisfied": _move(
        {S.CALLBACK}, S.INVESTIGATING, "complaint.callback", _("客户不满意，重新处理"), "callback", by=STAFF | CUSTOMER
    ),
    "close": _move(
        {S.CALLBACK},
        S.CLOSED,
        HANDLE,
        _("结案"),
        "close",
        "agreement_confirmed",
        "execution_done",
        "callback_done",
        "customer_satisfied",
        "approvals_settled",
        "reviews_settled",
        "personal_promises_kept",
        "breaches_made_good",
        "corrective_planned",
        "receptions_held",
        outward=True,
    ),
    "reject": _move(
        {S.ASSESSED, S.INVESTIGATING},
        S.REJECTED,
        HANDLE,
        _("不予受理"),
        "reject",
        "judged_unjustified",
        "evidence_given",
        "rejection_accepted",
        outward=True,
    ),
    "reopen": _move(
        {S.CLOSED, S.REJECTED, S.WITHDRAWN}, S.INVESTIGATING, HANDLE, _("重新打开"), "reopen", by=STAFF | CUSTOMER
    ),
    "overturn": _move({S.CLOSED, S.REJECTED}, S.INVESTIGATING, "complaint.review", _("复核改判，重新处理"), "review"),
    "withdraw": _move(OURS, S.WITHDRAWN, HANDLE, _("撤诉"), "withdraw", "no_money_under_way", by=STAFF | CUSTOMER),
    "merge": _move(
        OURS,
        S.MERGED,
        SUPERVISE,
        _("并案"),
        "merge",
        "no_money_under_way",
        "approvals_settled",
        "reviews_settled",
        outward=True,
    ),
    "escalate_out": _move(OURS, S.ESCALATED_OUT, SUPERVISE, _("转外部机构"), "escalate_out"),
    "take_back": _move({S.ESCALATED_OUT}, S.INVESTIGATING, SUPERVISE, _("外部机构退回，继续办理"), "external_result"),
    "close_external": _move(
        {S.ESCALATED_OUT},
        S.CLOSED,
        SUPERVISE,
        _("外部机构已有结果，结案"),
        "external_result",
        "external_result_recorded",
        "execution_done",
        "reviews_settled",
        "personal_promises_kept",
        "breaches_made_good",
    ),
}
# fmt: on
MOVES: dict[str, Move] = {
    name: Move(m.frm, m.to, m.needs, m.label, m.form, m.guards, m.by, m.outward, name) for name, m in _TABLE.items()
}


def may_make(move: Move, actor: MayAct) -> bool:
    """Whether this kind of actor, with these grants, may make the move at all."""
    if actor.kind == "system":
        return True
    if actor.kind not in move.by:
        return False
    return actor.kind == "customer" or actor.may(move.needs)


def moves_from(stage: Stage | str, actor: MayAct | None = None) -> list[Move]:
    """The moves that leave `stage`, in table order; with an actor, only those the actor may make by hand."""
    stage = Stage(stage)
    found = [m for m in MOVES.values() if stage in m.frm]
    if actor is None:
        return found
    return [m for m in found if m.by != SYSTEM and may_make(m, actor)]


def step_of(stage: Stage | str) -> int:
    """Position on the main line (0-based); a side exit has none: -1."""
    stage = Stage(stage)
    return MAIN_LINE.index(stage) if stage in MAIN_LINE else -1


def diagram() -> str:
    """The page `docs/complaint-stages.md`, made from the table so that the two cannot disagree."""
    lines = ["# Complaint stages", "", "Made from `yinuo/complaints/states.py`; a test keeps it current.", ""]
    lines += ["```mermaid", "stateDiagram-v2", "    [*] --> received"]
    lines += [f"    {stage} : {stage} {STAGE_LABELS[stage]}" for stage in Stage]
    lines += [f"    {frm} --> {m.to} : {name}" for name, m in MOVES.items() for frm in Stage if frm in m.frm]
    lines += [f"    {stage} --> [*]" for stage in Stage if stage in ENDED]
    lines += [
        "```",
        "",
        "| move | label | from | to | by | grant | must be true first |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, m in MOVES.items():
        frm = ", ".join(s for s in Stage if s in m.frm)
        guards = ", ".join(m.guards) or "–"
        by = ", ".join(sorted(m.by))
        lines.append(f"| `{name}` | {m.label} | {frm} | {m.to} | {by} | `{m.needs}` | {guards} |")
    return "\n".join(lines) + "\n"
