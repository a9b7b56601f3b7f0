"""A low score becomes a matter: somebody owes the customer a call. One without a name is told to the unit's head."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from yinuo.conversations.commands import add_interaction, open_conversation
from yinuo.conversations.models import Channel
from yinuo.customers.queries import mail_address
from yinuo.identity.models import Staff
from yinuo.kernel.actor import Actor
from yinuo.kernel.clock import CST
from yinuo.kernel.events import emit
from yinuo.matters.commands import add_entry, open_matter
from yinuo.matters.models import Matter
from yinuo.matters.plain import OPEN
from yinuo.surveys.models import Invitation, LowNotice, SurveyAnswer
from yinuo.surveys.rules.questions import Question


def follow_up(
    answer: SurveyAnswer, row: Invitation, asked: Sequence[Question], by: Actor, at: datetime
) -> Matter | None:
    """A plain matter for the owner's unit, in the hands of its head; linked to the answer and to what it was about.

    Whoever is only to be told (`opens` is notify) is told, unless the customer wishes to be called.
    """
    opens = row.questionnaire.opens
    if opens == "notify":
        if not answer.wants_call:
            tell_of_anonymous(row, at)
            return None
        opens = Matter.Kind.SUGGESTION
    system = Actor.system("surveys")
    about = row.matter.number if row.matter else row.questionnaire.name
    title = (_("客户希望联系：%(about)s") if answer.wants_call else _("满意度低分：%(about)s")) % {"about": about}
    identity = mail_address(row.customer_id)
    thread = open_conversation(
        channel=Channel.PORTAL, customer_id=row.customer_id, subject=title, unit_id=row.unit_id,
        identity_id=identity.pk if identity else None, thread_key=f"survey:{answer.pk}", by=system, at=at,
    )  # fmt: skip
    words = _spoken(answer, asked)
    said = add_interaction(
        conversation=thread, direction="in", kind="information", text=words, author_name=row.customer.name,
        subject=title, expects_answer=False, by=system, at=at,
    )  # fmt: skip
    matter: Matter = open_matter(
        kind=opens, title=title, customer=row.customer, state=OPEN, conversation=thread, owner_id=_who(row),
        unit_id=row.unit_id, priority=2, search_text=words, search_also=(about,), by=system, at=at,
    )  # fmt: skip
    data = {"answer": answer.pk, "about": row.matter_id}
    add_entry(
        matter=matter, kind="received", text=_("由满意度问卷开立，请联系客户"), interaction=said, data=data,
        public=True, by=system, at=at,
    )  # fmt: skip
    if row.matter:
        text = _("评价偏低，已开 %(number)s 跟进") if answer.low else _("客户希望联系，已开 %(number)s 跟进")
        add_entry(
            matter=row.matter, kind="survey", text=text % {"number": matter.number}, data={"followup": matter.pk},
            by=system, at=at,
        )  # fmt: skip
    answer.followup = matter
    answer.save(update_fields=["followup"])
    emit(
        "survey.low", topics=["surveys"], matter_id=matter.pk, answer_id=answer.pk, about_id=row.matter_id,
        questionnaire_id=row.questionnaire_id, score=answer.score, wants_call=answer.wants_call,
    )  # fmt: skip
    return matter


def _who(row: Invitation) -> int | None:
    """The head of the unit; who handled the matter only where there is none."""
    head = row.unit.head_id if row.unit else None
    if head and Staff.objects.filter(pk=head, is_active=True).exists():
        return int(head)
    return row.owner_id


def _spoken(answer: SurveyAnswer, asked: Sequence[Question]) -> str:
    """What was answered, question by question, as the customer's own words."""
    lines = []
    for q in asked:
        if q.key in answer.values:
            value = answer.values[q.key]
            shown = q.label(value) if q.type == "scale" else "、".join(value) if isinstance(value, list) else value
            lines.append(f"{q.title} {shown}")
    if answer.wants_call:
        lines.append(_("（客户希望有人联系）"))
    return "\n".join(lines)


def tell_of_anonymous(row: Invitation, at: datetime) -> None:
    """The head of the unit hears that somebody was not satisfied; not who, not what, only on which day."""
    told = _who(row)
    if told is None:
        return
    day = at.astimezone(CST).date()
    LowNotice.unscoped.get_or_create(questionnaire=row.questionnaire, unit=row.unit, told_id=told, on=day)
    emit("survey.low_unnamed", topics=[f"staff:{told}"], questionnaire_id=row.questionnaire_id)
