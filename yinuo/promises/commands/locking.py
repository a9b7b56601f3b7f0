"""Taking promises to write on. Always the matter first, then its promises, so that no two writers wait in a ring."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from yinuo.conversations.models import Conversation
from yinuo.customers.models import Customer
from yinuo.kernel.errors import Missing, Refused, Stale
from yinuo.matters.commands.locking import lock_matters as lock_matters
from yinuo.matters.models import Matter
from yinuo.promises.models import Promise
from yinuo.promises.states import MOVES, State, may


def locked_promise(promise_id: int, expected_version: int | None = None) -> Promise:
    """The promise, locked until the transaction ends, if the actor may see it."""
    seen = Promise.objects.filter(pk=promise_id).values_list("matter_id", flat=True).first()
    found = locked(Q(pk=promise_id)) if seen or Promise.objects.filter(pk=promise_id).exists() else []
    if not found:
        raise Missing(_("没有这项承诺，或您无权查看"))
    if expected_version is not None and found[0].version != expected_version:
        raise Stale(_("这项承诺刚被别人改过，请核对后再提交"), current=found[0])
    return found[0]


def locked(condition: Q, *, held: bool = False) -> list[Promise]:
    """The promises that fit, their matters and threads locked before them; the caller has already been let in. `held`:
    and holds what they are about.
    """
    if not held:
        lock_about(Promise.unscoped.filter(condition).values_list("matter_id", "conversation_id"))
    rows = Promise.unscoped.filter(condition).select_related("standard", "matter", "owner", "unit").order_by("pk")
    return list(rows.select_for_update(no_key=True, of=("self",)))


def lock_about(rows: Iterable[tuple[int | None, int | None]]) -> None:
    """Lock what promises are about, (matter, conversation) each: the matters, then the threads without one."""
    pairs = list(rows)
    lock_matters({matter for matter, _thread in pairs if matter})
    threads = sorted({thread for matter, thread in pairs if thread and not matter})
    if threads:
        held: Any = Conversation.unscoped.filter(pk__in=threads).order_by("pk").select_for_update(no_key=True)
        list(held.values_list("pk"))


def lock_subject(matter: Matter | None, conversation: Conversation | None, customer_id: int | None) -> None:
    """Lock whatever new promises would be about, so that nobody else makes the same ones meanwhile."""
    if matter:
        lock_matters([matter.pk])
        return
    rows: Any = Customer.unscoped.filter(pk=customer_id or 0)
    if conversation:
        rows = Conversation.unscoped.filter(pk=conversation.pk)
    list(rows.select_for_update(no_key=True).values_list("pk"))


def check_move(promise: Promise, move: str) -> None:
    """Refuse what the state does not allow, saying why."""
    if may(move, promise.state) and (promise.outstanding or State.BROKEN not in MOVES[move].frm):
        return
    values = {"state": promise.get_state_display(), "title": promise.title}
    raise Refused(_("承诺“%(title)s”%(state)s，不能进行此操作") % values, code="promise_state")


def bump(promise: Promise, *fields: str) -> None:
    """Save the named columns and count the version."""
    promise.version += 1
    promise.save(update_fields=[*fields, "version"])


def moment(value: datetime | None) -> str:
    return value.isoformat() if value else ""
