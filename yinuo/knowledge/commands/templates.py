"""Reply templates: one's own, and those everybody uses."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Denied, Invalid, Missing, Refused, Stale
from yinuo.kernel.events import emit
from yinuo.kernel.search import name_tokens, tsvector
from yinuo.kernel.text import clean_line, clean_text, grams
from yinuo.knowledge.commands.words import taken
from yinuo.knowledge.models import ReplyTemplate
from yinuo.knowledge.rules.gaps import tidy, unknown, variables

MOST_TEXT = 5000


def _checked(name: str, text: str, stage: str, channel: str, shared: bool, by: Actor) -> dict[str, Any]:
    wrong: dict[str, str] = {}
    kept = {
        "name": taken(clean_line, name, 60, "name", wrong),
        "text": tidy(taken(clean_text, text, MOST_TEXT, "text", wrong)),
        "stage": taken(clean_line, stage, 20, "stage", wrong),
    }
    if not kept["name"]:
        wrong.setdefault("name", _("请填写名称"))
    if not kept["text"]:
        wrong.setdefault("text", _("请填写内容"))
    elif strange := unknown(kept["text"]):
        known = "、".join("{" + v.name + "}" for v in variables())
        wrong["text"] = _("没有“{%(name)s}”这个变量，可以用的有：%(known)s") % {"name": strange[0], "known": known}
    if channel not in {value for value, _label in ReplyTemplate.CHANNELS}:
        wrong["channel"] = _("没有这个渠道")
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)
    if shared and not by.may("template.share"):
        raise Denied(_("共用模板由主管维护；您可以存成自己的"), fields={"shared": _("共用模板由主管维护")})
    search = tsvector([*name_tokens(kept["name"]), *grams(kept["text"])])
    return {**kept, "channel": channel, "shared": shared, "search": search}


def _locked(template_id: int, expected_version: int | None, by: Actor) -> ReplyTemplate:
    rows = ReplyTemplate.objects.filter(pk=template_id).values("pk")
    row = ReplyTemplate.unscoped.select_for_update(no_key=True).defer("search").filter(pk__in=rows).first()
    if row is None:
        raise Missing(_("没有这个模板，或您无权使用"))
    if row.shared and not by.may("template.share"):
        raise Denied(_("共用模板由主管维护；您可以存成自己的"))
    if expected_version is not None and row.version != expected_version:
        raise Stale(_("这个模板刚被别人改过"), current=row)
    return row


@command("template.create", needs="template.write")
def create_template(
    *, name: str, text: str, stage: str = "", channel: str = "", shared: bool = False, by: Actor, at: datetime
) -> ReplyTemplate:
    """Words with variables in braces. One's own; with `shared` everybody's."""
    values = _checked(name, text, stage, channel, shared, by)
    row = ReplyTemplate.unscoped.create(owner_id=by.staff_id, created_at=at, changed_at=at, **values)
    return _kept(row)


@command("template.edit", needs="template.write")
def edit_template(
    *, template_id: int, name: str, text: str, stage: str = "", channel: str = "", shared: bool = False,
    expected_version: int | None, by: Actor, at: datetime,
) -> ReplyTemplate:  # fmt: skip
    """Other words. What was put into answers before stays as it was."""
    row = _locked(template_id, expected_version, by)
    for field, value in _checked(name, text, stage, channel, shared, by).items():
        setattr(row, field, value)
    if not row.shared and row.owner_id != by.staff_id:
        row.owner_id = by.staff_id  # who takes it back from everybody keeps it
    row.changed_at, row.version = at, row.version + 1
    row.save()
    return _kept(row)


def _kept(row: ReplyTemplate) -> ReplyTemplate:
    # said in the same transaction: what promises too much is refused by the trade that knows which words those are
    emit("template.saved", template_id=row.pk, text=row.text)
    record(row, {"name": row.name, "shared": row.shared})
    return row


@command("template.retire", needs="template.write")
def retire_template(*, template_id: int, expected_version: int | None = None, by: Actor, at: datetime) -> ReplyTemplate:
    """No longer offered; kept."""
    return _put_away(template_id, expected_version, by, at, at)


@command("template.restore", needs="template.write")
def restore_template(
    *, template_id: int, expected_version: int | None = None, by: Actor, at: datetime
) -> ReplyTemplate:
    """Offered again."""
    return _put_away(template_id, expected_version, by, at, None)


def _put_away(template_id: int, version: int | None, by: Actor, at: datetime, away: datetime | None) -> ReplyTemplate:
    row = _locked(template_id, version, by)
    if (row.retired_at is None) == (away is None):
        raise Refused(_("这个模板已经停用") if away else _("这个模板没有停用"))
    row.retired_at, row.changed_at, row.version = away, at, row.version + 1
    row.save()
    record(row, {"retired": away is not None})
    return row
