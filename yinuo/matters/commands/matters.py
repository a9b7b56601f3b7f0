"""Opening a matter, its number, its owner and its state."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from yinuo.conversations.models import Conversation
from yinuo.customers.models import Customer
from yinuo.identity.models import Staff
from yinuo.identity.queries import intake_unit_id
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import nothing_done, record
from yinuo.kernel.clock import CST
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Refused
from yinuo.kernel.events import emit
from yinuo.kernel.many import insert_many
from yinuo.kernel.search import name_tokens, tsvector
from yinuo.kernel.single_write import new_row
from yinuo.kernel.text import clean_line, grams
from yinuo.matters.commands.locking import locked_matter, topics_of
from yinuo.matters.commands.timeline import add_entries, add_entry
from yinuo.matters.models import Collaborator, Matter

PREFIXES = {
    "complaint": "TS",
    "enquiry": "ZX",
    "suggestion": "JY",
    "praise": "BY",
    "service_order": "FW",
    "visit": "BF",
}


def next_number(kind: str, at: datetime) -> str:
    """TS261122-000123: kind, the day it was opened in China, a running number no two matters share."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('matters_number')")
        running = cursor.fetchone()[0]
    return f"{PREFIXES[kind]}{at.astimezone(CST):%y%m%d}-{running:06d}"


@command("matter.open", internal=True)
def open_matter(
    *, kind: str, title: str, customer: Customer, state: str, conversation: Conversation | None = None,
    channel: str = "", owner_id: int | None = None, unit_id: int | None = None, priority: int = 1, severity: int = 0,
    search_text: str = "", search_also: Iterable[str] = (), number: str = "", by: Actor, at: datetime,
) -> Matter:  # fmt: skip
    number = number or next_number(kind, at)
    heading = clean_line(title[:400], 400)[:200] or number
    matter = Matter(
        number=number, kind=kind, title=heading, customer=customer, conversation=conversation,
        channel=channel or (conversation.channel if conversation else ""), owner_id=owner_id,
        state=state,
        unit_id=unit_id or (conversation.unit_id if conversation else None) or by.unit_id or intake_unit_id(),
        priority=priority, severity=severity, opened_at=at, last_activity_at=at,
    )  # fmt: skip
    matter.search = tsvector(matter_tokens(matter, customer.name, search_text, *search_also))
    matter.save(force_insert=True)
    record(matter, {"kind": kind, "number": number}, matter_id=matter.pk)
    emit("matter.opened", topics=topics_of(matter), matter_id=matter.pk, kind=kind)
    return matter


def matter_tokens(matter: Matter, customer_name: str, text: str = "", *also: str) -> list[str]:
    """What a matter is found by: number and its tail, title, content, what else was registered, the customer's name
    and pinyin.
    """
    tail = matter.number.rpartition("-")[2]
    return [
        *grams(f"{matter.title}\n{text[:20_000]}"),
        *(token for more in also for token in grams(more)),
        *name_tokens(customer_name),
        *grams(matter.number),
        tail,
        tail.lstrip("0"),
    ]


def reindex_matter(matter: Matter, text: str, *also: str) -> None:
    """Found by what it says now, under every name its customer has gone by."""
    earlier = Customer.unscoped.filter(merged_into=matter.customer_id).values_list("name", flat=True)
    tokens = [*matter_tokens(matter, matter.customer.name, text, *also), *name_tokens(*earlier)]
    Matter.unscoped.filter(pk=matter.pk).update(search=tsvector(tokens))


@command("matter.set_state", internal=True)
def set_state(
    *, matter: Matter, state: str, open: bool, by: Actor, at: datetime
) -> Matter:  # fmt: skip
    matter.state, matter.open, matter.version = state, open, matter.version + 1
    matter.closed_at = None if open else (matter.closed_at or at)
    matter.last_activity_at = at
    matter.save(update_fields=["state", "open", "version", "closed_at", "last_activity_at"])
    record(matter, {"state": state}, matter_id=matter.pk)
    return matter


@command("matter.assign", needs="matter.handle")
def assign_matter(
    *, matter_id: int, owner_id: int | None, expected_version: int, reason: str = "", by: Actor, at: datetime
) -> Matter:
    """Hand the matter to `owner_id`; taking it oneself needs no more, giving it away needs `matter.assign`."""
    matter = locked_matter(matter_id, expected_version)
    if owner_id != by.staff_id and not by.may("matter.assign"):
        raise Refused(_("您只能把事项领到自己名下，分配给别人请找主管"))
    owner = Staff.objects.filter(pk=owner_id, is_active=True).first() if owner_id else None
    if owner_id and owner is None:
        raise Invalid(_("这位员工不存在或已停用"), fields={"owner_id": _("这位员工不存在或已停用")})
    hand_matter(matter, owner, reason=reason, by=by, at=at)
    return matter


def hand_matter(
    matter: Matter, owner: Staff | None, *, reason: str = "", apart: Sequence[int] = (), by: Actor, at: datetime
) -> None:
    """A locked matter has a new owner; what is owed in it goes along, but for the promises in `apart`."""
    owner_id = owner.pk if owner else None
    before = matter.owner_id
    matter.owner, matter.version = owner, matter.version + 1
    matter.save(update_fields=["owner", "version"])
    if matter.conversation_id:  # the thread goes along, else the new owner could not answer in it
        whose = Q(owner_id=before) | Q(owner=None)
        Conversation.unscoped.filter(whose, pk=matter.conversation_id).update(owner=owner)
    name = owner.name if owner else _("无人")
    add_entry(
        matter=matter,
        kind="assigned",
        text=_("负责人改为 %(name)s") % {"name": name},
        data={"reason": clean_line(reason, 200)},
        by=by,
        at=at,
    )
    record(matter, {"from": before, "to": owner_id}, matter_id=matter.pk)
    emit(
        "matter.assigned",
        topics=topics_of(matter),
        matter_id=matter.pk,
        owner_id=owner_id,
        previous_id=before,
        **({"apart": list(apart)} if apart else {}),
    )


@command("matter.add_collaborators", internal=True)
def add_collaborators(*, pairs: Iterable[tuple[Matter, Staff]], by: Actor, at: datetime) -> int:
    """Let each person take part in their matter, unless they do already. A fixed number of statements."""
    wanted = {(m.pk, s.pk): (m, s) for m, s in pairs if m.owner_id != s.pk}
    known = Collaborator.unscoped.filter(matter__in={m for m, _s in wanted}, staff__in={s for _m, s in wanted})
    taking_part = set(known.values_list("matter_id", "staff_id")) if wanted else set()
    new = [pair for key, pair in wanted.items() if key not in taking_part]
    if not new:
        nothing_done()
        return 0
    insert_many([new_row(Collaborator, matter=m, staff=s, since=at) for m, s in new])
    rows = [{"matter": m, "kind": "collaborator", "text": joined(s)} for m, s in new]
    add_entries(rows=rows, by=by, at=at)
    return len(new)


def joined(helper: Staff) -> str:
    return _("%(name)s 成为协作人") % {"name": helper.name}


@command("matter.add_collaborator", needs="matter.handle")
def add_collaborator(*, matter_id: int, staff_id: int, by: Actor, at: datetime) -> Collaborator:
    matter = locked_matter(matter_id)
    helper = Staff.objects.filter(pk=staff_id, is_active=True).first()
    if helper is None:
        raise Invalid(_("这位员工不存在或已停用"), fields={"staff_id": _("这位员工不存在或已停用")})
    row, _made = Collaborator.unscoped.get_or_create(matter=matter, staff=helper, defaults={"since": at})
    add_entry(
        matter=matter,
        kind="collaborator",
        text=joined(helper),
        by=by,
        at=at,
    )
    return row
