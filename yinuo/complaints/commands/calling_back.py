"""The callback 回访: somebody else asks how it went; dissatisfied puts the complaint back to work."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yinuo.complaints.commands.moving import entry, locked, make_move, require_stage, save, topics
from yinuo.complaints.models import Callback, Complaint
from yinuo.complaints.rules.choices import Channel
from yinuo.complaints.rules.guards import reopens
from yinuo.complaints.rules.people import Scores, may_call_back
from yinuo.complaints.states import Stage
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Refused
from yinuo.kernel.events import emit
from yinuo.kernel.text import clean_text


@command("complaint.record_callback", needs="complaint.callback")
def record_callback(
    *, complaint_id: int, reached: bool, via: str = "phone", satisfaction: int | None = None,
    outcome: int | None = None, process: int | None = None, treatment: int | None = None, comment: str = "",
    expected_version: int | None = None, by: Actor, at: datetime,
) -> Callback:  # fmt: skip
    """One callback or one fruitless attempt. Refused to everybody who handled the case. Scores 1..5; 不满意 and
    很不满意 send the complaint back to 调查.
    """
    row = locked(complaint_id, expected_version)
    require_stage(row, Stage.CALLBACK)
    if not may_call_back(by.staff_id, [*row.handler_ids, *([row.matter.owner_id] if row.matter.owner_id else [])]):
        raise Refused(_("回访须由未经办此件投诉的同事进行"), code="handled_it")
    if via not in Channel.values:
        raise Invalid(_("请选择回访方式"), fields={"via": _("请选择回访方式")})
    scores = _scores(satisfaction, outcome, process, treatment) if reached else None
    return _keep(row, scores, via, comment, by, at)


@command("complaint.rate", needs="portal.use")
def rate(
    *, complaint_id: int, satisfaction: int, outcome: int | None = None, process: int | None = None,
    treatment: int | None = None, comment: str = "", by: Actor, at: datetime,
) -> Callback:  # fmt: skip
    """The customer rates by link, once per round: while we wait for the callback, or after the close (then a
    dissatisfied customer reopens it). Fairness the customer said nothing of stays unsaid.
    """
    row = locked(complaint_id)
    require_stage(row, Stage.CALLBACK, Stage.CLOSED)
    if Callback.unscoped.filter(complaint=row, cycle=row.reopened, reached=True, by=None).exists():
        raise Refused(_("您已经评价过了，谢谢"), code="rated")
    return _keep(row, _checked(Scores(satisfaction, outcome, process, treatment)), Channel.PORTAL, comment, by, at)


def _scores(satisfaction: int | None, outcome: int | None, process: int | None, treatment: int | None) -> Scores:
    """Of a callback: who asks the customer asks for all four."""
    return _checked(Scores(satisfaction or 0, outcome or 0, process or 0, treatment or 0))


def _checked(scores: Scores) -> Scores:
    wrong = {name: _("请选择 1 到 5 分") for name in scores.wrong()}
    if wrong:
        raise Invalid(_("请为每一项打分"), fields=wrong)
    return scores


def _keep(row: Complaint, scores: Scores | None, via: str, comment: str, by: Actor, at: datetime) -> Callback:
    made = Callback(
        complaint=row, cycle=row.reopened, via=via, reached=scores is not None, comment=clean_text(comment, 2000),
        at=at, by_id=by.staff_id,
    )  # fmt: skip
    if scores:
        made.satisfaction, made.outcome = scores.satisfaction, scores.outcome
        made.process, made.treatment = scores.process, scores.treatment
    made.save()
    data: dict[str, Any] = {"callback": made.pk, "satisfaction": made.satisfaction}
    if scores and reopens(scores.satisfaction):
        _again(row, made, data, by, at)
    else:
        if scores:
            row.satisfaction = scores.satisfaction
        save(row)
        said = _("回访：%(score)s") % {"score": made.get_satisfaction_display()} if scores else _("回访未联系上客户")
        entry(row, "callback", said, by=by, at=at, data=data)
        record(row, data, matter_id=row.pk)
    name = "complaint.called_back" if scores else "complaint.callback_missed"
    emit(name, topics=topics(row), matter_id=row.pk, callback_id=made.pk, satisfaction=made.satisfaction)
    return made


def _again(row: Complaint, made: Callback, data: dict[str, Any], by: Actor, at: datetime) -> None:
    """Back to work: a new round begins, with its own callback."""
    row.satisfaction = None
    row.reopened += 1
    said = _("客户%(score)s，重新处理：%(why)s") % {
        "score": made.get_satisfaction_display(),
        "why": made.comment[:200] or "—",
    }
    name = "callback_dissatisfied" if row.stage == Stage.CALLBACK else "reopen"
    make_move(row, name, by=by, at=at, text=said, data=data)
