"""Giving what is owed to a colleague: the whole matter, task or thread it belongs to, or the promise alone."""

from datetime import datetime

from django.utils.translation import gettext as _

from yinuo.conversations.commands import assign_conversation
from yinuo.conversations.models import Conversation
from yinuo.identity.models import Staff
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Refused
from yinuo.matters.commands import assign_matter, assign_task
from yinuo.promises.commands.announcing import announce
from yinuo.promises.commands.locking import locked_promise
from yinuo.promises.commands.moving import give, move_promises
from yinuo.promises.models import Promise
from yinuo.promises.queries.handing import goes_along
from yinuo.promises.rules.handing import Goes


@command("promise.assign", needs="promise.handle")
def assign_promise(
    *, promise_id: int, owner_id: int | None, reason: str = "", expected_version: int | None = None, by: Actor,
    at: datetime,
) -> Promise:  # fmt: skip
    """Hand over what is owed. What the promise belongs to goes along: the matter with its thread and its promises, the
    task, the thread; a promise of somebody who does not have the matter goes alone. Taking what is nobody's needs no
    more; everything else needs `matter.assign`.
    """
    promise = locked_promise(promise_id, expected_version)
    taking = owner_id is not None and owner_id == by.staff_id and promise.owner_id is None
    if not (taking or by.may("matter.assign")):
        raise Refused(_("您只能把没人负责的事领到自己名下，转给别人请找主管"))
    if not promise.outstanding:
        raise Refused(_("这项承诺已经了结，不用转"))
    owner = Staff.objects.filter(pk=owner_id, is_active=True).first() if owner_id else None
    if owner_id and owner is None:
        raise Invalid(_("这位员工不存在或已停用"), fields={"owner_id": _("这位员工不存在或已停用")})
    if owner_id == promise.owner_id:
        name = owner.name if owner else _("无人")
        raise Refused(_("这件事本来就由 %(name)s 负责") % {"name": name})
    before = promise.owner_id
    announce([promise], by=by, at=at)
    _hand(promise, owner, reason, by, at)
    record(promise, {"from": before, "to": owner_id, "reason": reason[:200]}, matter_id=promise.matter_id)
    moved: Promise = Promise.unscoped.get(pk=promise.pk)
    return moved


def _hand(promise: Promise, owner: Staff | None, reason: str, by: Actor, at: datetime) -> None:
    owner_id = owner.pk if owner else None
    match goes_along(promise):
        case Goes.TASK:
            assign_task(task_id=promise.task_id, assignee_id=owner_id, reason=reason, by=by, at=at)
        case Goes.MATTER:
            version = promise.matter.version if promise.matter else 0
            assign_matter(
                matter_id=promise.matter_id, owner_id=owner_id, expected_version=version, reason=reason, by=by, at=at
            )
            move_promises(matter_id=promise.matter_id, owner_id=owner_id, by=by, at=at)
        case Goes.THREAD:
            thread = Conversation.unscoped.get(pk=promise.conversation_id or 0)
            assign_conversation(
                conversation_id=thread.pk, owner_id=owner_id, expected_version=thread.version, by=by, at=at
            )
            move_promises(conversation_id=thread.pk, owner_id=owner_id, by=by, at=at)
        case Goes.ALONE:
            give(promise, owner, by=by, at=at)
