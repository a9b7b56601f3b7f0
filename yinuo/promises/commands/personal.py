"""Promises whose time a person named: what was said to a customer, a follow-up planned."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from yinuo.calendars.queries import current_book, path_ids
from yinuo.conversations.models import Conversation
from yinuo.customers.queries import standing
from yinuo.identity.models import Staff
from yinuo.kernel.actor import Actor
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing
from yinuo.kernel.text import clean_line
from yinuo.matters.commands import locked_matter
from yinuo.promises.commands.making import Subject, write_promises
from yinuo.promises.models import Promise, Standard
from yinuo.promises.rules.moments import agreed_sentence
from yinuo.promises.rules.plan import next_wake, plan, write_points

FURTHEST = timedelta(days=730)


@command("promise.make_personal", needs="promise.make")
def make_personal_promise(
    *, title: str, due_at: datetime, matter_id: int | None = None, customer_id: int | None = None,
    conversation_id: int | None = None, owner_id: int | None = None, by: Actor, at: datetime,
) -> Promise:  # fmt: skip
    """What one said to a customer ("I'll call you on Tuesday afternoon"), recorded as a promise of one's own."""
    what = clean_line(title, 200)
    wrong = {} if what else {"title": _("请写明答应了什么")}
    wrong |= check_due(due_at, at)
    if matter_id is None and customer_id is None and conversation_id is None:
        wrong["customer_id"] = _("请选择答应的是哪位客户")
    if wrong:
        raise Invalid(_("承诺没有填完整"), fields=wrong)
    subject = personal_subject(matter_id, customer_id, conversation_id, owner_id or by.staff_id)
    standard = Standard.objects.filter(trigger="personal", in_force=True).first()
    made = agreed(standard, subject, what, due_at, agreed_sentence(at, due_at), by=by, at=at)
    return write_promises([made], by=by, at=at)[0]


def agreed(
    standard: Standard | None, subject: Subject, title: str, due_at: datetime, why: str, *, by: Actor, at: datetime
) -> Promise:
    """A promise due when a person said, with the warnings and the ladder of `standard`; not stored yet."""
    promise = Promise(
        matter=subject.matter, conversation=subject.conversation, customer_id=subject.customer_id, standard=standard,
        obligation=standard.spec.obligation if standard else "personal", title=title, owner_id=subject.owner_id,
        unit=subject.unit, made_at=at, starts_at=at, due_at=due_at, explanation=why,
        clock="calendar_hours", amount=0, made_by_id=by.staff_id,
    )  # fmt: skip
    book = current_book()
    calendar = book.calendar(path_ids(subject.unit.path) if subject.unit else ()).assuming_plain_weeks()
    points = plan(promise.spec, at, due_at, calendar)
    promise.plan, promise.wakes_at = write_points(points), next_wake(points, frozenset())
    promise.calendar_version = book.version
    return promise


def check_due(due_at: datetime, at: datetime) -> dict[str, str]:
    if due_at <= at:
        return {"due_at": _("时间已经过去，请选择将来的时间")}
    if due_at > at + FURTHEST:
        return {"due_at": _("时间太远，请选择两年以内的时间")}
    return {}


def personal_subject(
    matter_id: int | None, customer_id: int | None, conversation_id: int | None, owner_id: int | None
) -> Subject:
    matter = locked_matter(matter_id) if matter_id else None
    conversation = Conversation.objects.filter(pk=conversation_id).first() if conversation_id else None
    if conversation_id and conversation is None:
        raise Missing(_("没有这个会话，或您无权查看"))
    if customer_id and not matter:
        customer = standing(customer_id)
        if customer is None:
            raise Missing(_("没有这位客户，或您无权查看"))
        customer_id = customer.pk
    whose = (matter and matter.customer_id) or (conversation and conversation.customer_id) or customer_id
    owner = Staff.objects.select_related("unit").filter(pk=owner_id, is_active=True).first() if owner_id else None
    if owner is None:
        raise Invalid(_("请选择由谁履行"), fields={"owner_id": _("这位员工不存在或已停用")})
    return Subject(matter, None, conversation, whose, owner.pk, owner.unit)
