"""A case turned out to be of another kind: standards that hold no more let go, others take hold from its beginning."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yinuo.kernel.actor import Actor
from yinuo.promises.commands.making import _make, subject_of
from yinuo.promises.commands.moving import _release
from yinuo.promises.models import Promise, Standard
from yinuo.promises.rules.conditions import changed
from yinuo.promises.rules.renewal import counts_from


def reconsider_promises(
    *, trigger: str, matter_id: int, before: Mapping[str, Any], after: Mapping[str, Any], since: datetime,
    done: Mapping[str, datetime], by: Actor, at: datetime,
) -> list[Promise]:  # fmt: skip
    """`before` and `after` are what conditions look at. What holds newly counts from `since`, when the case began, or
    from what has been `done` for it meanwhile; returns the promises made. One statement when nothing changes.
    """
    if dict(before) == dict(after):
        return []
    standards = {s.key: s for s in Standard.objects.filter(trigger=trigger, in_force=True)}
    subject = subject_of(matter_id, dict(after), standards.values())
    ended, fresh = changed([s.spec for s in standards.values()], {**subject.facts, **before}, subject.facts)
    ids = list(
        Promise.unscoped.filter(
            matter_id=matter_id, task=None, about="", outstanding=True, standard__key__in=[s.key for s in ended]
        ).values_list("pk", flat=True)
    )  # fmt: skip
    if ids:
        _release(promise_ids=ids, reason=_("重新判断后不再适用这项标准"), by=by, at=at)
    made = []
    for spec in fresh:
        start = counts_from(spec, since, done)
        if start:
            made += _make(subject=subject, standards=[standards[spec.key]], since=start, by=by, at=at)
    return made
