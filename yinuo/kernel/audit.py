"""Fence 4: the audit is append-only (database trigger), written by every command, sealed by a hash chain."""

from collections.abc import Iterable
from typing import Any

from django.db import models

from yinuo.kernel.actor import current_actor
from yinuo.kernel.work import Entry, current_work


def record(subject: models.Model | str, data: dict[str, Any] | None = None, *, matter_id: int | None = None) -> None:
    """Leave an audit entry for the running command. `data` must be JSON and hold no secret and no message text."""
    work = current_work()
    if work is None or not work.frames:
        raise RuntimeError("record() outside a command")
    frame = work.frames[-1]
    frame.recorded = True
    actor = current_actor()
    subject_type, subject_id = (
        (subject, "") if isinstance(subject, str) else (subject._meta.label_lower, str(subject.pk))
    )
    work.entries.append(
        Entry(
            command=frame.name,
            subject_type=subject_type,
            subject_id=subject_id,
            matter_id=matter_id,
            data=data or {},
            actor_kind=actor.kind,
            actor_id=actor.id,
            actor_name=actor.name[:80],
            ip=actor.ip,
            request_id=actor.request_id,
        )
    )


def nothing_done() -> None:
    """For a command that looked and found nothing to do: it leaves no entry, and says so."""
    work = current_work()
    if work is None or not work.frames:
        raise RuntimeError("nothing_done() outside a command")
    work.frames[-1].recorded = True


def write_entries(entries: Iterable[Entry]) -> None:
    from yinuo.kernel.models import AuditEntry

    if rows := [AuditEntry(**entry.columns()) for entry in entries]:
        AuditEntry.unscoped.bulk_create(rows)
