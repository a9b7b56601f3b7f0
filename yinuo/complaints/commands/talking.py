"""Words to the customer: which thread they go by, and the interim reply that renews the promise."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from yinuo.complaints.commands.moving import entry, handled_by, locked, require_open, save, topics
from yinuo.complaints.models import Complaint
from yinuo.complaints.queries.reaching import mail_identity, mail_thread, thread_key
from yinuo.complaints.rules.choices import TELLING
from yinuo.conversations.commands import open_conversation, reply_to
from yinuo.conversations.models import Conversation, Interaction
from yinuo.identity.queries import actor_for, intake_unit_id
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import nothing_done, record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Refused
from yinuo.kernel.events import emit
from yinuo.kernel.text import clean_text
from yinuo.matters.commands import create_task
from yinuo.matters.models import Matter, Task
from yinuo.wording.commands import check_wording


def require_text(given: str, field: str, sentence: str, most: int = 5000) -> str:
    text = clean_text(given, most)
    if not text:
        raise Invalid(sentence, fields={field: sentence})
    return text


def require_via(via: str, *more: str) -> None:
    """Nothing named is the complaint's own channel; the other way to carry words is an e-mail. `more`: what else."""
    if via not in ("", "email", *more):
        raise Invalid(_("请选择怎样送达"), fields={"via": _("只能是原渠道（留空）或 %(ways)s") % {
            "ways": "、".join(("email", *more))}})  # fmt: skip


def thread(row: Complaint, via: str, *, by: Actor, at: datetime) -> Conversation:
    """The conversation that carries words to the customer: the complaint's own, or an e-mail or a call beside it."""
    require_via(via, "phone")
    own = row.matter.conversation
    if via == "email" and (own is None or own.channel != "email"):
        return _email_thread(row, by, at)
    if via == "phone" and (own is None or own.channel != "phone"):
        return _call_beside(row, by, at)
    if own is not None:
        return own
    made: Conversation = open_conversation(
        channel=row.channel, customer_id=row.matter.customer_id, subject=row.matter.title, unit_id=row.matter.unit_id,
        by=by, at=at,
    )  # fmt: skip
    Matter.unscoped.filter(pk=row.pk).update(conversation=made)
    row.matter.conversation = made
    return made


def _email_thread(row: Complaint, by: Actor, at: datetime) -> Conversation:
    found = mail_thread(row.pk)
    if found:
        return found
    identity = mail_identity(row)
    if identity is None:
        raise Refused(_("这位客户没有电子邮件地址，请改用其他方式"))
    made: Conversation = open_conversation(
        channel="email", customer_id=row.matter.customer_id, subject=f"{row.matter.title}（{row.matter.number}）",
        identity_id=identity.pk, owner_id=row.matter.owner_id, unit_id=row.matter.unit_id,
        thread_key=thread_key(row.pk), by=by, at=at,
    )  # fmt: skip
    return made


def _call_beside(row: Complaint, by: Actor, at: datetime) -> Conversation:
    """A call about a case that came another way."""
    key = thread_key(row.pk)
    found = Conversation.unscoped.filter(thread_key=key, channel="phone").first()
    made: Conversation = found or open_conversation(
        channel="phone", customer_id=row.matter.customer_id, subject=row.matter.title, owner_id=row.matter.owner_id,
        unit_id=row.matter.unit_id, thread_key=key, by=by, at=at,
    )  # fmt: skip
    return made


def tell(
    row: Complaint, text: str, *, via: str = "", kind: str = "complaint", upload_key: str = "", checked: bool = False,
    by: Actor, at: datetime,
) -> Interaction:  # fmt: skip
    """Say something to the customer: on the complaint's channel, or by e-mail. Put on the timeline by the caller."""
    said: Interaction = reply_to(
        conversation=thread(row, via, by=by, at=at), text=text, kind=kind, upload_key=upload_key, checked=checked,
        by=by, at=at,
    )  # fmt: skip
    return said


def tell_or_owe(
    row: Complaint, text: str, what: str, *, via: str = "", task: str = "tell_customer", field: str = "text",
    by: Actor, at: datetime,
) -> Interaction | None:  # fmt: skip
    """Say something to the customer where our channel carries it, or where `via` is "told": somebody says they have
    said it already. On any other channel nobody has spoken yet: None, and whoever handles the case is asked to, by a
    task with its own promise; the words count as said once that is done (`told`). `what` says in short what about,
    `field` which field of the form holds the words.
    """
    require_via(via, "told")
    check_wording(text, kind=TELLING[task], field=field, by=by, at=at)
    if via == "told":
        via = "phone" if row.reaches_by_itself else ""
    elif via == "" and not row.reaches_by_itself:
        _ask_to_tell(row, text, what, task, at)
        return None
    return tell(row, text, via=via, kind=TELLING[task], checked=True, by=by, at=at)


def _ask_to_tell(row: Complaint, text: str, what: str, kind: str, at: datetime) -> None:
    owner = row.matter.owner if row.matter.owner and row.matter.owner.is_active else None
    create_task(
        matter_id=row.pk, kind=kind, title=_("告知客户：%(what)s") % {"what": what}, detail=text,
        assignee_id=owner.pk if owner else None, unit_id=None if owner else row.matter.unit_id or intake_unit_id(),
        by=Actor.system("complaints"), at=at,
    )  # fmt: skip


@command("complaint.told", internal=True)
def told(*, task_id: int, by: Actor, at: datetime) -> Interaction | None:
    """The reaction to `task.done`: who was asked to tell the customer has done so, and from now on it was said."""
    task = Task.unscoped.select_related("done_by").get(pk=task_id)
    if task.kind not in TELLING:
        nothing_done()
        return None
    rows = Complaint.unscoped.select_related("matter__customer", "matter__conversation").defer("search")
    row = rows.select_for_update(no_key=True, of=("matter", "self")).filter(pk=task.matter_id).first()
    if row is None:
        nothing_done()
        return None
    person = actor_for(task.done_by) if task.done_by else by
    via = "phone" if row.reaches_by_itself else ""  # the task came over from a merged case: it was said all the same
    said = tell(row, task.detail, via=via, kind=TELLING[task.kind], checked=True, by=person, at=at)
    Complaint.unscoped.filter(pk=row.pk).update(last_reply_at=at)  # no new version: it spoils no open page
    entry(row, "replied", _("已告知客户"), interaction=said, public=True, task=task, by=person, at=at)
    emit("complaint.replied", topics=topics(row), matter_id=row.pk, interaction_id=said.pk)
    record(row, {"task": task.pk, "interaction": said.pk, "channel": said.channel}, matter_id=row.pk)
    return said


@command("complaint.reply", needs="complaint.handle")
def reply(
    *, complaint_id: int, text: str, via: str = "", upload_key: str = "", asks: bool = False,
    expected_version: int | None = None, by: Actor, at: datetime,
) -> Interaction:  # fmt: skip
    """An interim reply 阶段答复; "no result yet" counts and renews the promise (event `complaint.replied`).

    `via` is "" (the complaint's own channel; a call or letter is written down here after it was made) or "email".
    Refuses what a wording rule keeps back, such as the promise of a resolution date or a result. `asks`: the customer
    is asked for something we cannot go on without, so the promises whose standard says so wait for the answer.
    """
    row = locked(complaint_id, expected_version)
    require_open(row)
    body = require_text(text, "text", _("请填写答复内容"), 20_000)
    said = tell(row, body, via=via, upload_key=upload_key, by=by, at=at)
    row.last_reply_at = at
    handled_by(row, by)
    save(row)
    entry(row, "replied", _("阶段答复"), interaction=said, public=True, by=by, at=at)
    emit("complaint.replied", topics=topics(row), matter_id=row.pk, interaction_id=said.pk, asks=asks)
    record(row, {"interaction": said.pk, "channel": said.channel}, matter_id=row.pk)
    return said
