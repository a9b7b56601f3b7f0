"""What people keep for themselves: drafts and saved views."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing
from yinuo.kernel.text import clean_line, storable
from yinuo.matters.models import Draft, SavedView

MAX_DRAFT = 200_000


@command("draft.save", needs="self.use")
def save_draft(*, key: str, data: dict[str, Any], by: Actor, at: datetime) -> Draft:
    if len(str(data)) > MAX_DRAFT:
        raise Invalid(_("草稿太长，无法自动保存"))
    draft, _made = Draft.unscoped.update_or_create(
        staff_id=by.staff_key, key=clean_line(key, 80), defaults={"data": storable(data), "updated_at": at}
    )
    record(draft, {"key": draft.key})
    return draft


@command("draft.discard", needs="self.use")
def discard_draft(*, key: str, by: Actor, at: datetime) -> None:
    Draft.unscoped.filter(staff_id=by.staff_key, key=key).delete()
    record("matters.draft", {"key": key})


@command("view.save", needs="self.use")
def save_view(*, page: str, name: str, query: str, shared: bool = False, by: Actor, at: datetime) -> SavedView:
    if not clean_line(name, 60):
        raise Invalid(_("请给视图起个名字"), fields={"name": _("请给视图起个名字")})
    view, _made = SavedView.unscoped.update_or_create(
        staff_id=by.staff_key,
        page=page,
        name=clean_line(name, 60),
        defaults={"query": query[:1000], "shared": shared},
    )
    record(view, {"page": page})
    return view


@command("view.forget", needs="self.use")
def forget_view(*, view_id: int, by: Actor, at: datetime) -> str:
    """Delete one's own saved view; answers which page it belonged to."""
    view = SavedView.objects.filter(pk=view_id, staff_id=by.staff_key).first()
    if view is None:
        raise Missing(_("没有这个视图，或它是别人的"))
    page = str(view.page)
    view.delete()
    record("matters.savedview", {"page": page})
    return page
