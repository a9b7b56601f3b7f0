"""Half a year of answers: about closed matters, a round of recommendation, an anonymous study, low ones followed up."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from yinuo.identity.models import Staff
from yinuo.identity.queries import actor_for
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.clock import CST
from yinuo.kernel.guard import permit_writes
from yinuo.matters.models import Matter
from yinuo.matters.plain import finish_matter
from yinuo.operations.demo.desk import office
from yinuo.surveys.commands import ask_by_hand, enter_answer, save_plan, seed_questionnaires
from yinuo.surveys.models import Edition, Invitation, Questionnaire, SurveyAnswer, SurveyMark, SurveyPlan
from yinuo.surveys.rules.asking import month_of
from yinuo.surveys.rules.questions import Question
from yinuo.surveys.rules.scoring import comment, marks, score

SYSTEM = Actor.system("demo")
DAYS = 180
GOOD = (
    _("答复很快，态度也好。"), _("师傅上门很准时，讲得也清楚。"), _("这次处理得不错，希望一直这样。"),
    _("客服小林很耐心，一件一件给我讲明白了。"), _("补发的货当天就到了，满意。"),
)  # fmt: skip
FAIR = (_("还行，就是等得有点久。"), _("结果可以，中间来回问了三次情况。"), _("电话不太好打通。"))
WAYS = ("email", "email", "portal")
BAD = (
    _("说好三天，结果等了一个星期，中间没有人告诉我。"), _("同样的问题第二次了。"),
    _("接电话的和来的人说法不一样。"), _("最后是解决了，但没有人道歉。"),
)  # fmt: skip
#: kind, how many were asked, how many in a hundred answered, who does not say their name, how good it is (0..1)
STUDIES = (
    ("csat", 330, 46, 0, 0.80), ("nps", 300, 38, 40, 0.84), ("ces", 90, 44, 0, 0.74), ("fairness", 90, 48, 30, 0.76),
    ("servqual", 110, 40, 100, 0.70),
)  # fmt: skip


def live(*, seed: int, say: Callable[[str], None]) -> None:
    dice = random.Random(seed)  # noqa: S311
    people = {s.username: actor_for(s) for s in Staff.objects.filter(username__in=("agent", "supervisor", "leader"))}
    with acting_as(people["leader"]):
        seed_questionnaires()
        _plans()
    matters = _matters(dice)
    kept, matters = matters[:3], matters[3:]
    made = 0
    for kind, asked, rate, unnamed, good in STUDIES:
        row = Questionnaire.unscoped.get(shipped=kind)
        edition = Edition.unscoped.get(questionnaire=row)
        with permit_writes("demo"):
            about, matters = matters[:asked], matters[asked:]
            made += _study(dice, row, edition, about, rate, unnamed, good)
    _follow(people, kept)
    say(_("  满意度答卷 %(count)d 份") % {"count": made})


def _plans() -> None:
    ids = dict(Questionnaire.unscoped.values_list("shipped", "pk"))
    today = clock.now().astimezone(CST).date()
    save_plan(name=_("投诉终止后一天"), questionnaire_id=ids["csat"], trigger="complaint.closed", delay_days=1)
    save_plan(name=_("咨询办结后"), questionnaire_id=ids["ces"], trigger="matter.closed", delay_days=1, sample=50)
    save_plan(
        name=_("重点客户半年一次"), questionnaire_id=ids["nps"], trigger="periodic", grade="A", every_months=6,
        next_on=today + timedelta(days=45),
    )  # fmt: skip


def _matters(dice: random.Random) -> list[Any]:
    """Closed matters of different customers."""
    since = clock.now() - timedelta(days=900)
    rows = Matter.unscoped.filter(open=False, opened_at__gte=since, unit__isnull=False).defer("search")
    by_customer = {row.customer_id: row for row in rows.order_by("pk")[:2500]}
    found = list(by_customer.values())
    dice.shuffle(found)
    return found


def _study(
    dice: random.Random, row: Questionnaire, edition: Edition, about: list[Any], rate: int, unnamed: int, good: float
) -> int:
    now, asked = clock.now(), edition.questions
    invitations, answers, counted = [], [], []
    plans = dict(SurveyPlan.unscoped.values_list("questionnaire_id", "pk"))
    for matter in about:
        sent = office(
            now - timedelta(days=dice.randint(3, DAYS), hours=dice.randint(0, 8), minutes=dice.randint(0, 59))
        )
        answered = dice.randrange(100) < rate
        nobody = answered and dice.randrange(100) < unnamed
        state = "answered" if answered else "expired" if sent < now - timedelta(days=14) else "sent"
        invitation = Invitation(
            edition=edition, questionnaire=row, customer_id=matter.customer_id, matter=matter, matter_kind=matter.kind,
            plan_id=plans.get(row.pk), unit_id=matter.unit_id, owner_id=matter.owner_id, state=state,
            way=dice.choice(WAYS), created_at=sent, due_at=sent, sent_at=sent, expires_at=sent + timedelta(days=14),
        )  # fmt: skip
        if answered:
            at = min(sent + timedelta(hours=dice.randint(1, 90)), now)
            invitation.answered_at = None if nobody else at
            answer = _answer(dice, row, asked, invitation, at, nobody, good)
            answers.append(answer)
            counted += [
                SurveyMark(answer=answer, key=m.key, number=m.number, option=m.option)
                for m in marks(row.kind, asked, answer.values)
            ]
        invitations.append(invitation)
    Invitation.unscoped.bulk_create(invitations)
    for answer in answers:
        answer.invitation_id = answer.invitation.pk if answer.invitation else None
    SurveyAnswer.unscoped.bulk_create(answers)
    SurveyMark.unscoped.bulk_create(counted)
    Edition.unscoped.filter(pk=edition.pk).update(sent=True)
    return len(answers)


def _answer(
    dice: random.Random, row: Questionnaire, asked: tuple[Question, ...], invitation: Invitation, at: datetime,
    nobody: bool, good: float,
) -> SurveyAnswer:  # fmt: skip
    mood = min(max(dice.gauss(good, 0.2), 0.0), 1.0)
    values: dict[str, Any] = {}
    for q in asked:
        if q.type == "scale":
            lean = 0.93 if q.side == "expectation" else mood
            values[q.key] = min(max(round(q.low + (q.high - q.low) * dice.gauss(lean, 0.07)), q.low), q.high)
        elif q.type == "text" and dice.random() < 0.4:
            values[q.key] = str(dice.choice(GOOD if mood > 0.7 else FAIR if mood > 0.45 else BAD))
    total, said = score(row.kind, asked, values), comment(asked, values)
    day = at.astimezone(CST).date()
    answer = SurveyAnswer(
        edition=invitation.edition, questionnaire=row, matter_kind=invitation.matter_kind, unit_id=invitation.unit_id,
        anonymous=nobody, on=month_of(day) if nobody else day, way=invitation.way, values=values, score=total,
        comment=said, low=row.low_rule.low(total, said),
    )  # fmt: skip
    if not nobody:
        answer.invitation, answer.matter_id = invitation, invitation.matter_id
        answer.customer_id = invitation.customer_id
        answer.owner_id, answer.answered_at = invitation.owner_id, at
    return answer


def _follow(people: dict[str, Actor], matters: list[Any]) -> None:
    """Low ones heard on the phone: some followed up long ago, one this morning."""
    csat = Questionnaire.unscoped.get(shipped="csat")
    now = clock.now()
    for matter, (days, words) in zip(matters, ((62, BAD[0]), (33, BAD[2]), (0, BAD[1])), strict=False):
        at = office(now - timedelta(days=days, hours=2)) if days else now - timedelta(hours=2)
        at = min(at, now - timedelta(minutes=30))
        with acting_as(people["leader"]):
            asked = ask_by_hand(
                questionnaire_id=csat.pk, matter_id=matter.pk, way="phone", at=at - timedelta(minutes=5)
            )
            answer = enter_answer(invitation_id=asked.pk, given={"q1": "2", "q2": str(words)}, wants_call=True, at=at)
            if days and answer.followup:
                finish_matter(
                    matter_id=answer.followup.pk, expected_version=answer.followup.version, at=at + timedelta(hours=20),
                    result=_("已电话致歉并说明经过，客户表示理解，约定下次由专人跟进。"),
                )  # fmt: skip
