"""Interim replies renew: "a reply every 3 working days until closed" starts again with each reply.

The standard says which happenings renew it (`renewed_by`, for a complaint "reply") and which end it
(`kept_by`, "complaint.closed"). A reply is a reply: one that reports no result yet counts the same. Each
round is a promise of its own: a late round stays on record as broken while the next starts from the reply.
The figures themselves are data: `common.interim-reply` in packs/common.toml.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from yinuo.promises.rules.standard import StandardSpec


class Effect(StrEnum):
    KEEPS = "keeps"
    RENEWS = "renews"
    NOTHING = "nothing"


def effect_of(happening: str, spec: StandardSpec) -> Effect:
    """What `happening` does to a promise made from this standard."""
    if happening in spec.kept_by:
        return Effect.KEEPS
    if spec.renews and happening in spec.renewed_by:
        return Effect.RENEWS
    return Effect.NOTHING


def next_round_starts(replied_at: datetime) -> datetime:
    """The next round counts from the reply itself, not from when the last one was due."""
    return replied_at


def counts_from(spec: StandardSpec, since: datetime, done: Mapping[str, datetime]) -> datetime | None:
    """From when a promise counts that is made only now for what began at `since`: a round from the last happening that
    renewed it; None where something `done` meanwhile has fulfilled it already.
    """
    lately = {name: when for name, when in done.items() if when >= since}
    if any(name in lately for name in spec.kept_by):
        return None
    if not spec.renews:
        return since
    return next_round_starts(max((lately[name] for name in spec.renewed_by if name in lately), default=since))
