"""Taking an answer: by the customer's own link, or written down by whoever called them. The first one stays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.clock import CST
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Refused
from yinuo.kernel.events import emit
from yinuo.matters.commands import add_entry
from yinuo.surveys.commands.following import follow_up, tell_of_anonymous
from yinuo.surveys.commands.inviting import locked_invitation
from yinuo.surveys.links import read_token
from yinuo.surveys.models import Invitation, SurveyAnswer, SurveyMark
from yinuo.surveys.rules.asking import month_of
from yinuo.surveys.rules.questions import Question, read
from yinuo.surveys.rules.scoring import comment, marks, score

State, Way = Invitation.State, Invitation.Way


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of it. `again`: an earlier answer stands. `followup`: the matter a low score has opened."""

    again: bool
    low: bool = False
    followup: int | None = None
    answer: int | None = None


@command("survey.answer", needs="portal.use", keeps=False)
def answer_by_link(
    *, token: str, given: Mapping[str, Any], anonymous: bool = False, wants_call: bool = False, by: Actor, at: datetime
) -> Taken:
    """What the customer answered. Who wishes to stay unknown is not recorded with it, anywhere."""
    row = locked_invitation(read_token(token))
    if row is None:
        raise Missing(_("没有这份问卷"))
    if row.state == State.ANSWERED:
        record("surveys.invitation", {"again": True})
        return Taken(again=True)
    if row.state == State.CANCELED:
        raise Refused(_("这份问卷已经取消，谢谢您"), code="survey_ended")
    if row.state == State.EXPIRED or (row.expires_at and row.expires_at < at):
        raise Refused(_("这份问卷已经过期，谢谢您"), code="survey_ended")
    kind = row.questionnaire.anonymity
    unnamed = kind == "always" or (kind == "choice" and anonymous)
    if unnamed and wants_call:
        sentence = _("匿名提交，我们就没法联系您。请二选一")
        raise Invalid(sentence, fields={"wants_call": sentence})
    return _take(row, given, wants_call, row.way or Way.PORTAL, by, at, unnamed=unnamed)


@command("survey.enter", needs="survey.ask")
def enter_answer(
    *, invitation_id: int, given: Mapping[str, Any], wants_call: bool = False, by: Actor, at: datetime
) -> SurveyAnswer:
    """What the customer said on the phone, written down by whoever called."""
    row = locked_invitation(invitation_id, Invitation.objects)
    if row is None:
        raise Missing(_("没有这份邀请，或您无权查看"))
    if row.questionnaire.anonymity == "always":
        raise Refused(_("匿名问卷只能由客户自己填写"), code="anonymous_only")
    if not row.open:
        raise Refused(_("这份邀请已经结束"), code="survey_ended")
    _take(row, given, wants_call, Way.PHONE, by, at, unnamed=False)
    kept: SurveyAnswer = SurveyAnswer.unscoped.get(invitation=row)
    return kept


def _take(
    row: Invitation, given: Mapping[str, Any], wants_call: bool, way: str, by: Actor, at: datetime, *, unnamed: bool
) -> Taken:
    asked = row.edition.questions
    values, wrong = read(asked, given)
    if wrong:
        raise Invalid(_("还有 %(n)d 题没有答好，您选的都还在") % {"n": len(wrong)}, fields=wrong)
    kind = row.questionnaire.kind
    total, said = score(kind, asked, values), comment(asked, values)
    low = row.questionnaire.low_rule.low(total, said)
    today = at.astimezone(CST).date()
    answer = SurveyAnswer(
        edition=row.edition, questionnaire=row.questionnaire, matter_kind=row.matter_kind, unit=row.unit,
        anonymous=unnamed, on=month_of(today) if unnamed else today, way=way, values=values, score=total,
        comment=said, low=low, wants_call=wants_call,
    )  # fmt: skip
    row.state = State.ANSWERED
    if not unnamed:
        answer.invitation, answer.customer, answer.matter = row, row.customer, row.matter
        answer.owner_id, answer.answered_at, answer.entered_by_id = row.owner_id, at, by.staff_id
        row.answered_at = at
    answer.save(force_insert=True)
    _count(answer, kind, asked, values)
    row.save(update_fields=["state", "answered_at"])
    if unnamed:
        return _unnamed(row, low, at)
    return _named(row, answer, asked, by, at)


def _count(answer: SurveyAnswer, kind: str, asked: Sequence[Question], values: Mapping[str, Any]) -> None:
    SurveyMark.unscoped.bulk_create(
        SurveyMark(answer=answer, key=m.key, number=m.number, option=m.option) for m in marks(kind, asked, values)
    )


def _unnamed(row: Invitation, low: bool, at: datetime) -> Taken:
    """Neither the audit nor an event names the answer or the invitation: two lines of one moment would join them."""
    record("surveys.questionnaire", {"questionnaire": row.questionnaire_id, "anonymous": True})
    emit("survey.answered", topics=["surveys"], questionnaire_id=row.questionnaire_id, anonymous=True)
    if low:
        tell_of_anonymous(row, at)
    return Taken(again=False, low=low)


def _named(row: Invitation, answer: SurveyAnswer, asked: Sequence[Question], by: Actor, at: datetime) -> Taken:
    record(answer, {"invitation": row.pk, "low": answer.low}, matter_id=row.matter_id)
    emit(
        "survey.answered", topics=["surveys"], questionnaire_id=row.questionnaire_id, anonymous=False,
        answer_id=answer.pk, matter_id=row.matter_id, score=answer.score, low=answer.low,
    )  # fmt: skip
    opened = follow_up(answer, row, asked, by, at) if answer.low or answer.wants_call else None
    if row.matter:
        text = _("客户回答了“%(name)s”：%(score)s")
        said = text % {"name": row.questionnaire.name, "score": in_words(answer, asked)}
        data = {"answer": answer.pk, "followup": opened.pk if opened else None}
        add_entry(matter=row.matter, kind="survey", text=said, data=data, by=by, at=at)
    return Taken(again=False, low=answer.low, followup=opened.pk if opened else None, answer=answer.pk)


def in_words(answer: SurveyAnswer, asked: Sequence[Question]) -> str:
    """The score as a person says it."""
    if answer.score is None:
        return "—"
    first = asked[0]
    if answer.questionnaire.kind == "csat" and first.labels:
        return first.label(int(answer.score))
    return f"{answer.score:g}" if answer.score == int(answer.score) else f"{answer.score:.2f}"
