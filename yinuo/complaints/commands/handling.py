"""From acknowledgement to findings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import F, Func, Value
from django.utils.translation import gettext as _

from yinuo.complaints.commands.moving import (
    entry,
    handled_by,
    locked,
    make_move,
    require_open,
    require_stage,
    save,
    topics,
)
from yinuo.complaints.commands.talking import require_text, tell
from yinuo.complaints.models import Complaint, Finding
from yinuo.complaints.rules import choices
from yinuo.complaints.rules.conditions import for_standards
from yinuo.complaints.rules.registration import priority, wrong_kind
from yinuo.complaints.states import OURS, Stage
from yinuo.identity.models import Unit
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import nothing_done, record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid
from yinuo.kernel.events import emit
from yinuo.kernel.text import clean_text
from yinuo.matters.commands import assign_matter
from yinuo.matters.models import Matter


@command("complaint.acknowledge", needs="complaint.handle")
def acknowledge(
    *, complaint_id: int, text: str = "", via: str = "", expected_version: int | None = None, by: Actor, at: datetime
) -> Complaint:
    """告知: the customer knows the number, who handles it and when the next answer comes. With `text` it is said on
    the customer's channel and counts as an answer; without, it was said already (the receipt, a call).
    """
    row = locked(complaint_id, expected_version)
    require_stage(row, Stage.RECEIVED)
    if row.matter.owner_id is None and by.staff_id:  # who tells the customer "I handle it" is who handles it
        version = row.matter.version
        row.matter = assign_matter(matter_id=row.pk, owner_id=by.staff_id, expected_version=version, by=by, at=at)
    row.acknowledged_at = at
    body = clean_text(text, 5000)
    handled_by(row, by)
    if body:
        said = tell(row, body, via=via, by=by, at=at)
        row.last_reply_at = at
        make_move(row, "acknowledge", by=by, at=at, public=True)
        entry(row, "replied", _("受理告知"), interaction=said, public=True, by=by, at=at)
        emit("complaint.replied", topics=topics(row), matter_id=row.pk, interaction_id=said.pk)
        return row
    return make_move(row, "acknowledge", by=by, at=at, public=True)


@command("complaint.assess", needs="complaint.handle")
def assess(
    *, complaint_id: int, judgement: str, kind: str, subkind: str = "", severity: str = "", risks: Sequence[str] = (),
    temperament: str = "", manner: str = "", complexity: str = "", basis: str = "",
    expected_version: int | None = None, by: Actor, at: datetime,
) -> Complaint:  # fmt: skip
    """初步评审. In stage 告知 it moves on to 初步评审; later it corrects the judgement and stays where it is."""
    row = locked(complaint_id, expected_version)
    require_stage(row, *(OURS - {Stage.RECEIVED}))
    severity, complexity = severity or row.severity, complexity or row.complexity
    given = {
        "judgement": (judgement, choices.Judgement), "severity": (severity, choices.Severity),
        "temperament": (temperament, choices.Temperament), "manner": (manner, choices.Manner),
        "complexity": (complexity, choices.Complexity),
    }  # fmt: skip
    may_be_empty = ("temperament", "manner")
    wrong = {n: _("请选择") for n, (v, c) in given.items() if v not in c.values and not (n in may_be_empty and v == "")}
    wrong.update(wrong_kind(kind, subkind))
    if set(risks) - set(choices.Risk.values):
        wrong["risks"] = _("没有这种风险")
    text = clean_text(basis, 5000)
    if judgement == choices.Judgement.UNJUSTIFIED and not text:
        wrong["basis"] = _("判断不成立时请写明依据")
    if wrong:
        raise Invalid(_("评审没有填完整"), fields=wrong)
    before = {"judgement": row.judgement, "severity": row.severity, "kind": row.kind}
    held = for_standards(row)
    was_grave = _grave(row)
    row.judgement, row.kind, row.subkind, row.severity, row.basis = judgement, kind, subkind, severity, text
    row.risks, row.temperament, row.manner, row.complexity = sorted(set(risks)), temperament, manner, complexity
    handled_by(row, by)
    _weigh(row)
    data: dict[str, Any] = {"judgement": judgement, "severity": severity, "kind": kind, "risks": row.risks}
    said = _("判断：%(judgement)s；%(kind)s；%(severity)s") % {
        "judgement": row.get_judgement_display(), "kind": row.get_kind_display(), "severity": row.get_severity_display()
    }  # fmt: skip
    if row.stage == Stage.ACKNOWLEDGED:
        make_move(row, "assess", by=by, at=at, text=said, data=data)
    else:
        save(row)
        entry(row, "reassessed", said, by=by, at=at, data={**data, "before": before})
        record(row, {**data, "before": before}, matter_id=row.pk)
    newly_grave = _grave(row) and not was_grave
    emit(
        "complaint.assessed", topics=topics(row), matter_id=row.pk, complexity=complexity,
        newly_grave=newly_grave, held=held, **data,
    )  # fmt: skip
    return row


def _grave(row: Complaint) -> bool:
    """Critical, or a risk beyond the two of us: then somebody higher takes part."""
    return row.severity == choices.Severity.CRITICAL or bool(row.risks)


def _weigh(row: Complaint) -> None:
    """The matter's severity and priority follow the judgement."""
    row.matter.severity = choices.SEVERITY_RANK[row.severity]
    row.matter.priority = priority(row.severity, row.matter.customer.grade, len(row.risks))
    Matter.unscoped.filter(pk=row.pk).update(severity=row.matter.severity, priority=row.matter.priority)


@command("complaint.start_investigation", needs="complaint.handle")
def start_investigation(
    *, complaint_id: int, note: str = "", expected_version: int | None = None, by: Actor, at: datetime
) -> Complaint:
    row = locked(complaint_id, expected_version)
    handled_by(row, by)
    return make_move(row, "start_investigation", by=by, at=at, data={"note": clean_text(note, 2000)}, public=True)


@command("complaint.record_finding", needs="complaint.handle")
def record_finding(
    *, complaint_id: int, facts: str, cause: str = "", evidence: str = "", unit_id: int | None = None,
    fault_share: int | None = None, expected_version: int | None = None, by: Actor, at: datetime,
) -> Finding:  # fmt: skip
    """What the investigation found. `fault_share` is our part of the fault in per cent."""
    row = locked(complaint_id, expected_version)
    require_open(row)
    require_stage(row, Stage.INVESTIGATING, Stage.PROPOSING, Stage.ESCALATED_OUT)
    text = require_text(facts, "facts", _("请写明调查到的事实"), 20_000)
    if fault_share is not None and not 0 <= fault_share <= 100:
        raise Invalid(_("责任比例在 0 到 100 之间"), fields={"fault_share": _("责任比例在 0 到 100 之间")})
    require_unit(unit_id)
    found = Finding.unscoped.create(
        complaint=row, facts=text, cause=clean_text(cause, 5000), evidence=clean_text(evidence, 5000), unit_id=unit_id,
        fault_share=fault_share, at=at, by_id=by.staff_id,
    )  # fmt: skip
    handled_by(row, by)
    save(row)
    entry(row, "finding", _("调查结论"), by=by, at=at, data={"finding": found.pk})
    emit("complaint.finding_recorded", topics=topics(row), matter_id=row.pk, finding_id=found.pk)
    record(row, {"finding": found.pk, "fault_share": fault_share}, matter_id=row.pk)
    return found


@command("complaint.worked_on", internal=True)
def worked_on(*, matter_ids: Sequence[int], staff_id: int, by: Actor, at: datetime) -> int:
    """Somebody answered the customer in the inbox, or did one of the tasks: they handled the case as well. Words said
    while the case waits for its callback are that callback. Says for how many cases that is new.
    """
    cases = Complaint.unscoped.filter(pk__in=matter_ids, stage__in=OURS - {Stage.CALLBACK})
    fresh = cases.exclude(handler_ids__contains=[staff_id])
    added: int = fresh.update(handler_ids=Func(F("handler_ids"), Value(staff_id), function="array_append"))
    if added:
        record("complaints.complaint", {"worked_on": list(matter_ids), "staff": staff_id})
    else:
        nothing_done()
    return added


def require_unit(unit_id: int | None, field: str = "unit_id") -> None:
    if unit_id is not None and not Unit.objects.filter(pk=unit_id, active=True).exists():
        raise Invalid(_("没有这个部门"), fields={field: _("没有这个部门")})
