"""Service standards: new versions, packs loaded and taken away. What moves is shown first by `standard_moves`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yinuo.identity.queries import lineages
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Stale
from yinuo.kernel.events import emit
from yinuo.kernel.text import clean_line
from yinuo.promises.commands.replanning import replan_for_standard
from yinuo.promises.models import Standard
from yinuo.promises.packs import read_pack
from yinuo.promises.rules.reading import read_standard, write_standard
from yinuo.promises.rules.standard import StandardSpec
from yinuo.promises.rules.widening import widened


@command("standard.save", needs="standard.edit")
def save_standard(
    *, data: Mapping[str, Any], expected_version: int = 0, note: str = "", by: Actor, at: datetime
) -> Standard:
    """A new standard (`expected_version` 0) or the next version of one; open promises follow the new text."""
    spec = read_standard(data)
    newest = Standard.objects.select_for_update(no_key=True).filter(key=spec.key).order_by("-version").first()
    held = newest.version if newest else 0
    if held != expected_version:
        if not expected_version:
            raise Invalid(_("已有这个编号的标准"), fields={"key": _("已有这个编号的标准，请换一个")})
        raise Stale(_("这项标准刚被别人改过，请核对后再保存"), current=newest)
    made = _next(spec, newest, newest.pack if newest else "", clean_line(note, 200), by, at)
    record(made, {"key": made.key, "version": made.version, "data": made.data})
    if newest:
        replan_for_standard(standard=made, by=by, at=at)
    emit("standard.changed", topics=["standards"], standard_id=made.pk, key=made.key)
    return made


@command("standard.remove", needs="standard.edit")
def remove_standard(*, key: str, expected_version: int, by: Actor, at: datetime) -> Standard:
    """Take a standard out of force: it makes no more promises; those already made run to their end."""
    standard = Standard.objects.select_for_update(no_key=True).filter(key=key, in_force=True).first()
    if standard is None:
        raise Missing(_("没有这项在用的标准"))
    if standard.version != expected_version:
        raise Stale(_("这项标准刚被别人改过，请核对后再停用"), current=standard)
    _retire(standard, at)
    record(standard, {"key": key})
    emit("standard.changed", topics=["standards"], standard_id=standard.pk, key=key)
    return standard


@command("standard.load_pack", needs="standard.edit")
def load_pack(
    *, name: str, unit_codes: Sequence[str] = (), grades: Sequence[str] = (), by: Actor, at: datetime
) -> dict[str, list[str]]:
    """Bring a pack's standards into force, for the whole company or only for some units. One in force under the same
    key keeps every figure somebody edited; if it holds for other units (or grades, where some are named) only, its next
    version holds for these as well. Returns the keys of those `made`, those `widened`, and those `left` as they are
    because no one standard could hold for both; the rest held already.
    """
    pack = read_pack(name)
    narrowed = {k: list(v) for k, v in (("unit", unit_codes), ("grade", grades)) if v}
    above, told = lineages(unit_codes), _("载入标准包 %s") % pack["title"]
    made, wider, left = [], [], []
    for data in pack["standard"]:
        spec = read_standard({**data, "conditions": {**data.get("conditions", {}), **narrowed}})
        newest = Standard.objects.select_for_update(no_key=True).filter(key=spec.key).order_by("-version").first()
        if newest is None or not newest.in_force:
            made.append(_next(spec, newest, name, told, by, at))
            continue
        held = newest.spec.conditions
        conditions = widened(held, _wanted(held, above, unit_codes, grades))
        if conditions is None:
            left.append(newest)
        elif conditions != dict(held):
            wider.append(_next(replace(newest.spec, conditions=conditions), newest, newest.pack, told, by, at))
    for standard in wider:  # after all of them are held: what they move is locked once none is waited for
        replan_for_standard(standard=standard, by=by, at=at)
    loaded = {"made": [s.key for s in made], "widened": [s.key for s in wider], "left": [s.key for s in left]}
    record("promises.standard", {"pack": name, **loaded})
    emit("standard.changed", topics=["standards"], pack=name)
    return loaded


def _wanted(
    held: Mapping[str, tuple[str, ...]], above: Mapping[str, Collection[str]], units: Sequence[str],
    grades: Sequence[str],
) -> dict[str, Collection[str]]:  # fmt: skip
    """For whom it is to hold: a unit below one it holds for is taken in already. Grades only if some are named."""
    more = [code for code in units if not {code, *above.get(code, ())} & set(held.get("unit", ()))]
    wanted: dict[str, Collection[str]] = {} if units and not more else {"unit": more}
    return wanted | ({"grade": grades} if grades else {})


@command("standard.remove_pack", needs="standard.edit")
def remove_pack(*, name: str, by: Actor, at: datetime) -> int:
    """Take all standards of a pack out of force. History stays; open promises run to their end."""
    standards = list(Standard.objects.select_for_update(no_key=True).filter(pack=name, in_force=True))
    for standard in standards:
        _retire(standard, at)
    record("promises.standard", {"pack": name, "removed": [s.key for s in standards]})
    emit("standard.changed", topics=["standards"], pack=name)
    return len(standards)


def _next(spec: StandardSpec, newest: Standard | None, pack: str, note: str, by: Actor, at: datetime) -> Standard:
    if newest and newest.in_force:
        _retire(newest, at)
    return Standard.objects.create(
        key=spec.key, version=newest.version + 1 if newest else 1, pack=pack, trigger=spec.trigger, title=spec.title,
        data=write_standard(spec), made_at=at, by_name=by.name[:80], note=note,
    )  # fmt: skip


def _retire(standard: Standard, at: datetime) -> None:
    standard.in_force, standard.replaced_at = False, at
    standard.save(update_fields=["in_force", "replaced_at"])
