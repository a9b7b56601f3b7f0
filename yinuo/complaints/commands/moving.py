"""The one place where a complaint changes stage: lock, table, grant, guard, version, write, timeline, event."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yinuo.complaints.models import Complaint
from yinuo.complaints.queries.facts import facts
from yinuo.complaints.rules.guards import missing
from yinuo.complaints.states import ENDED, MOVES, OPEN, STAGE_LABELS, Move, Stage, may_make
from yinuo.conversations.models import Interaction
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.errors import Denied, Missing, Refused, Stale
from yinuo.kernel.events import emit
from yinuo.matters.commands import add_entry, set_state, topics_of
from yinuo.matters.models import Task


def locked(complaint_id: int, expected_version: int | None = None) -> Complaint:
    """The complaint, locked until the command ends. Invisible and absent are told alike; an old version is stale."""
    row = (
        Complaint.objects.filter(pk=complaint_id)
        .select_related("matter__customer", "matter__owner")
        .select_for_update(no_key=True, of=("matter", "self"))
        .defer("search")
        .first()
    )
    if row is None:
        raise Missing(_("没有这件投诉，或您无权查看"))
    check_version(row, expected_version)
    return row


def check_version(row: Complaint, expected_version: int | None) -> None:
    if expected_version is not None and row.version != expected_version:
        raise Stale(_("这件投诉刚被别人改过，请核对后再提交"), current=row)


def topics(row: Complaint) -> list[str]:
    """Who hears of it on open pages."""
    return topics_of(row.matter)


def require_open(row: Complaint) -> None:
    if Stage(row.stage) not in OPEN:
        raise Refused(_("投诉已%(stage)s，不能再办理；如有需要请重新打开") % {"stage": STAGE_LABELS[Stage(row.stage)]})


def require_stage(row: Complaint, *stages: Stage) -> None:
    if Stage(row.stage) not in stages:
        raise wrong_stage(row)


def wrong_stage(row: Complaint) -> Refused:
    return Refused(
        _("投诉现在处于“%(stage)s”，不能这样做") % {"stage": STAGE_LABELS[Stage(row.stage)]}, code="wrong_stage"
    )


def handled_by(row: Complaint, by: Actor) -> None:
    """Remember that this person worked on the case: they will neither call back nor review it."""
    if by.staff_id and by.staff_id not in row.handler_ids:
        row.handler_ids = [*row.handler_ids, by.staff_id]


def save(row: Complaint) -> None:
    row.version += 1
    row.save(force_update=True)


def check_move(row: Complaint, move: Move, by: Actor) -> None:
    """Refuses with what is missing. The caller holds the lock and has already written what the guard looks at."""
    if Stage(row.stage) not in move.frm:
        raise wrong_stage(row)
    if not may_make(move, by):
        raise Denied(_("您没有进行此操作的权限"))
    lacking = missing(move, facts(row.pk, row=row)) if move.guards else []
    if lacking:
        raise Refused(
            _("还不能%(move)s：%(missing)s") % {"move": move.label, "missing": "；".join(lacking)},
            code="missing", fields={f"missing_{n}": sentence for n, sentence in enumerate(lacking)},
        )  # fmt: skip


def make_move(
    row: Complaint, name: str, *, by: Actor, at: datetime, text: str = "", data: dict[str, Any] | None = None,
    public: bool = False, trusted: bool = False,
) -> Complaint:  # fmt: skip
    """Take the locked complaint along one line of the table. `trusted`: a reaction, or a person whose own grant was
    checked by the command, makes it on the system's behalf.
    """
    move = MOVES[name]
    check_move(row, move, Actor.system("complaints") if trusted else by)
    frm, row.stage, row.stage_since = row.stage, move.to, at
    save(row)
    ended = move.to in ENDED
    set_state(matter=row.matter, state=move.to.value, open=not ended, by=by, at=at)
    entry(row, "stage", text or str(move.label), by=by, at=at, public=public,
          data={"move": name, "frm": frm, "to": move.to.value, **(data or {})})  # fmt: skip
    emit(
        "complaint.stage_changed", topics=topics(row), matter_id=row.pk, move=name, frm=frm, to=move.to.value,
        stage=move.to.value, open=not ended, by_kind=by.kind, by_id=by.id,
    )  # fmt: skip
    record(row, {"move": name, "frm": frm, "to": move.to.value, **(data or {})}, matter_id=row.pk)
    return row


def entry(
    row: Complaint, kind: str, text: str, *, by: Actor, at: datetime, public: bool = False,
    data: dict[str, Any] | None = None, interaction: Interaction | None = None, task: Task | None = None,
) -> None:  # fmt: skip
    """A line of the timeline. `public` lines are shown to the customer when tracking."""
    add_entry(
        matter=row.matter, kind=kind, text=text, public=public, data=data or {}, interaction=interaction, task=task,
        by=by, at=at,
    )  # fmt: skip
