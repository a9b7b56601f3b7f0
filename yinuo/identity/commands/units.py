"""The org tree: units made, moved, closed, and the one that takes what arrives."""

from datetime import datetime

from django.db.models import F, Value
from django.db.models.functions import Concat, Substr
from django.utils.translation import gettext as _

from yinuo.identity.models import Unit
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Stale
from yinuo.kernel.text import clean_line


@command("unit.create", needs="staff.manage")
def create_unit(*, name: str, code: str, kind: str, parent_id: int | None, by: Actor, at: datetime) -> Unit:
    name = clean_line(name, 80)
    if not name:
        raise Invalid(_("请填写部门名称"), fields={"name": _("请填写部门名称")})
    if Unit.objects.filter(code=code).exists():
        raise Invalid(_("部门代码已被使用"), fields={"code": _("部门代码已被使用")})
    parent = Unit.objects.get(pk=parent_id) if parent_id else None
    unit = Unit.objects.create(name=name, code=code, kind=kind, parent=parent)
    unit.path = f"{parent.path if parent else '/'}{unit.pk}/"
    unit.save(update_fields=["path"])
    record(unit, {"name": name, "parent": parent_id})
    return unit


@command("unit.edit", needs="staff.manage")
def edit_unit(
    *, unit_id: int, name: str, head_id: int | None, parent_id: int | None, active: bool,
    expected_version: int, takes_intake: bool | None = None, by: Actor, at: datetime,
) -> Unit:  # fmt: skip
    """Rename, move (with everything below), appoint a head, close; receive what arrives, or no longer."""
    # the whole tree, in one order: two who move units under one another at once would close a circle
    tree = {unit.pk: unit for unit in Unit.objects.select_for_update(no_key=True).order_by("pk")}
    unit = tree[unit_id]
    if unit.version != expected_version:
        raise Stale(_("这个部门刚被别人改过"), current=unit)
    name = clean_line(name, 80)
    if not name:
        raise Invalid(_("请填写部门名称"), fields={"name": _("请填写部门名称")})
    parent = tree[parent_id] if parent_id else None
    if parent and f"/{unit.pk}/" in parent.path:
        raise Invalid(_("不能把部门移到它自己的下级"), fields={"parent_id": _("不能把部门移到它自己的下级")})
    old_path, unit.path = unit.path, f"{parent.path if parent else '/'}{unit.pk}/"
    unit.name, unit.head_id, unit.parent, unit.active = name, head_id, parent, active
    if takes_intake is not None:
        unit.takes_intake = takes_intake
    unit.version += 1
    unit.save()
    if takes_intake:
        _only(unit)
    if old_path != unit.path:
        below = Unit.objects.filter(path__startswith=old_path).exclude(pk=unit.pk)
        below.update(path=Concat(Value(unit.path), Substr(F("path"), len(old_path) + 1)))
    changes = {"name": unit.name, "head": head_id, "parent": parent_id, "active": active}
    record(unit, changes | ({} if takes_intake is None else {"takes_intake": takes_intake}))
    return unit


@command("unit.take_intake", needs="staff.manage")
def set_intake_unit(*, unit_id: int, by: Actor, at: datetime) -> Unit:
    """From now on this unit receives what arrives for nobody in particular (portal, unclaimed mail)."""
    unit = Unit.objects.select_for_update(no_key=True).get(pk=unit_id)
    unit.takes_intake = True
    unit.save(update_fields=["takes_intake"])
    _only(unit)
    record(unit, {"takes_intake": True})
    return unit


def _only(unit: Unit) -> None:
    """One unit receives."""
    Unit.objects.exclude(pk=unit.pk).filter(takes_intake=True).update(takes_intake=False)
