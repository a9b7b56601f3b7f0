"""What happened lately that concerns me: my matters, my promises, tasks, messages, articles, and what is new."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, Case, DateTimeField, Q, TextField, Value, When
from django.db.models.functions import Cast, Coalesce, Left
from django.utils.translation import gettext as _

from yinuo.approvals.queries import waiting_for_me
from yinuo.complaints.models import AcceptedIntake
from yinuo.conversations.models import Conversation, Interaction
from yinuo.conversations.queries import held_by
from yinuo.customers.queries import alerts_for
from yinuo.identity.alerts import told_of
from yinuo.identity.models import SecurityEvent
from yinuo.identity.wishes import APPROVAL, ASSIGNED, BROKEN, CUSTOMER, OTHER, WARNED, Wishes
from yinuo.kernel.actor import Actor
from yinuo.kernel.clock import CST
from yinuo.knowledge.queries import news_for
from yinuo.matters.models import Matter, TimelineEntry
from yinuo.matters.queries import my_tasks
from yinuo.promises.models import PromiseEvent
from yinuo.surveys.queries import low_notices

DAYS, MOST = 14, 40
#: Whoever has never looked is not told of more than this.
FIRST_LOOK = timedelta(days=1)
KIND_OF_ENTRY = {
    "assigned": ASSIGNED, "opened": ASSIGNED, "received": ASSIGNED, "collaborator": ASSIGNED, "information": CUSTOMER,
}  # fmt: skip
KIND_OF_EVENT = {"warned": WARNED, "broken": BROKEN, "escalated": BROKEN}
TOLD = {
    "broken": ("late", "alert-triangle"), "escalated": ("late", "alert-triangle"), "extended": ("ok", "calendar-event"),
    "waived": ("ok", "ban"), "refused": ("soon", "rubber-stamp"), "lapsed": ("soon", "rubber-stamp"),
}  # fmt: skip


@dataclass(frozen=True)
class News:
    """One line of the notifications page. `own`: about a promise that I keep myself."""

    at: datetime
    icon: str
    tone: str
    title: str
    text: str
    href: tuple[str, int]
    kind: str = OTHER
    own: bool = False


class Notice(NamedTuple):
    """What another room keeps for one person: `kind` and `key` mean what each of them says."""

    what: str
    at: datetime
    name: str
    text: str
    kind: str
    key: int


def news(actor: Actor, at: datetime) -> list[News]:
    """Newest first. Five statements, one more each for who registers complaints and who approves."""
    since, me = at - timedelta(days=DAYS), actor.staff_key
    matters = Matter.objects.filter(owner_id=me, open=True).values("pk")
    entries = (
        TimelineEntry.objects.filter(matter__in=matters, at__gte=since)
        .exclude(staff_id=me)
        .exclude(kind="interaction")
        .select_related("matter")
        .defer("matter__search")
        .order_by("-at")[:MOST]
    )
    told = PromiseEvent.objects.filter(told_id=me, at__gte=since).select_related("promise").order_by("-at")[:MOST]
    talks = Conversation.objects.filter(owner_id=me, state="open", last_at__gte=since).order_by("-last_at")[:MOST]
    messages = (
        Interaction.objects.filter(conversation__in=talks.values("pk"), direction="in", at__gte=since)
        .select_related("customer")
        .defer("search", "html", "customer__search", "customer__profile")
        .order_by("-at")[:MOST]
    )
    tasks = my_tasks().filter(created_at__gte=since).exclude(created_by_id=me)[:MOST]
    intakes = (
        AcceptedIntake.objects.filter(state=AcceptedIntake.State.REFUSED, received_at__gte=since)
        .defer("given")
        .order_by("-received_at", "-id")[:MOST]
        if actor.may("complaint.register")
        else ()
    )
    asked = (
        waiting_for_me().filter(created_at__gte=since).prefetch_related(None).values("pk", "title", "created_at")[:MOST]
        if actor.may("approval.decide")
        else ()
    )
    twice = {(row.promise_id, f"promise_{row.kind}") for row in told}  # what I am told of stands on the timeline too
    found = [
        *map(_intake, intakes),
        *(_entry(row) for row in entries if (row.data.get("promise_id"), row.kind) not in twice),
        *(_told(row, me) for row in told),
        *map(_approval, asked),
        *map(_message, messages),
        *map(_task, tasks),
        *(DRAWN[row.what](row) for row in _notices(me, since)),
    ]
    return sorted(found, key=lambda item: item.at, reverse=True)[: MOST * 2]


def _notices(me: int, since: datetime) -> Iterable[Notice]:
    """What other rooms keep for me alone, brought into one shape by the database. One statement."""
    day, returned = since.astimezone(CST).date(), Q(state="returned", finished_at__gte=since)
    where = Case(When(conversation_id=None, then=Value("matter")), default=Value("conversation"))
    parts = (
        _alike("often", alerts_for(me, since), at="at", name="staff__name", text="count", key="pk"),
        _alike(
            "article", news_for(me, since), at="at", name="article__title", text="text", kind="kind", key="article_id"
        ),
        _alike("low", low_notices(day), at="on", name="questionnaire__name", text="unit__name", key="questionnaire_id"),
        _alike("security", told_of(me, since), at="at", name="staff__name", text="note", kind="kind", key="pk"),
        _alike(
            "returned", held_by(me).filter(returned), at="finished_at", name=Left("text", 40), text="note", kind=where,
            key=Coalesce("conversation_id", "matter_number"),
        ),
    )  # fmt: skip
    return map(Notice._make, parts[0].union(*parts[1:], all=True))


def _alike(what: str, rows: Any, *, at: str, name: Any, text: str, key: Any, kind: Any = None) -> Any:
    said = Coalesce(Cast(text, TextField()), Value(""))
    words = [Cast(given, TextField()) for given in (Value(what), name, said, kind or Value(""))]
    return rows.values_list(
        words[0], Cast(at, DateTimeField()), *words[1:], Cast(key, BigIntegerField())
    )[:MOST]  # fmt: skip


def _entry(row: Any) -> News:
    kind = KIND_OF_ENTRY.get(row.kind, OTHER)
    who = _("系统") if row.actor_kind == "system" else row.actor_name
    text = f"{who}  {row.text}"
    return News(row.at, "history", "", row.matter.title, text, ("matter", row.matter_id), kind)


def _told(row: Any, me: int) -> News:
    tone, icon = TOLD.get(row.kind, ("soon", "alert-triangle"))
    promise = row.promise
    href = ("matter", promise.matter_id) if promise.matter_id else ("promise", promise.pk)
    if row.kind in ("to_tell", "to_pay"):  # what is asked for is done there
        href = ("promise", promise.pk)
    kind = KIND_OF_EVENT.get(row.kind, OTHER)
    return News(row.at, icon, tone, promise.title, row.text, href, kind, promise.owner_id == me)


def _message(row: Any) -> News:
    title = _("%(name)s 发来消息") % {"name": row.customer.name}
    return News(row.at, "message", "ok", title, row.text, ("conversation", row.conversation_id), CUSTOMER)


def _task(row: Any) -> News:
    who = row.created_by.name if row.created_by else _("系统")
    text = _("%(who)s 派的任务") % {"who": who}
    return News(row.created_at, "checklist", "", row.title, text, ("task", row.pk), ASSIGNED)


def _approval(row: dict[str, Any]) -> News:
    href = ("approval", row["pk"])
    return News(row["created_at"], "rubber-stamp", "soon", row["title"], _("等您审批"), href, APPROVAL)


def _often(row: Notice) -> News:
    title = _("%(name)s 查看明文过多") % {"name": row.name}
    text = _("%(count)d 次，请了解原因") % {"count": int(row.text)}
    return News(row.at, "eye", "late", title, text, ("reveal_alert", row.key))


def _article(row: Notice) -> News:
    tone = {"expired": "late", "due": "soon", "returned": "soon", "published": "ok"}.get(row.kind, "")
    return News(row.at, "book", tone, row.name, row.text, ("article", row.key))


def _low(row: Notice) -> News:
    title = _("有客户对“%(name)s”打了低分") % {"name": row.name}
    at = datetime.combine(row.at.date(), time.min, CST)
    return News(at, "mood-sad", "soon", title, row.text, ("survey_results_of", row.key))


def _returned(row: Notice) -> News:
    title = _("没有发出：%(text)s") % {"text": row.name}
    return News(row.at, "send", "late", title, row.text, (row.kind, row.key))


def _security(row: Notice) -> News:
    kind = SecurityEvent.Kind(row.kind)
    tone = "ok" if kind in (SecurityEvent.Kind.UNLOCKED, SecurityEvent.Kind.STEP_ADDED) else "soon"
    text = row.text or _("如果不是您本人，请打开看看")
    return News(row.at, "shield-check", tone, f"{row.name} · {kind.label}", text, ("security_event", row.key))


DRAWN = {"security": _security, "often": _often, "article": _article, "low": _low, "returned": _returned}


def _intake(row: Any) -> News:
    title = _("接口来件 %(number)s 未能登记") % {"number": row.number}
    return News(row.received_at, "alert-triangle", "late", title, row.problem["detail"], ("intake", row.pk))


def unread(rows: Iterable[News], wishes: Wishes, read_at: datetime | None, at: datetime) -> int:
    """How many of the kinds I count came since I last looked."""
    since = read_at or at - FIRST_LOOK
    return sum(1 for row in rows if row.at > since and row.kind in wishes.shown)
