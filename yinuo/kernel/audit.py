"""Fence 4: the audit is append-only (database trigger), written by every command, sealed by a hash chain."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, models

from yinuo.kernel.actor import current_actor
from yinuo.kernel.many import insert_records
from yinuo.kernel.throttle import FIRST
from yinuo.kernel.work import Entry, current_work


def record(subject: models.Model | str, data: dict[str, Any] | None = None, *, matter_id: int | None = None) -> None:
    """Leave an audit entry for the running command. `data` must be JSON and hold no secret and no message text."""
    work = current_work()
    if work is None or not work.frames:
        raise RuntimeError("record() outside a command")
    work.frames[-1].recorded = True
    work.entries.append(_entry(work.frames[-1].name, subject, data or {}, matter_id))


def record_seldom(subject: models.Model, data: dict[str, Any], *, every: timedelta, at: datetime) -> None:
    """Leave the entry now, unless the same actor left one of this command on this subject less than `every` ago.

    For what is only looked at: one statement either way, which asks for the last time and writes, so it costs a page
    little and two windows opened at once leave one entry.
    """
    work = current_work()
    if work is None or not work.frames:
        raise RuntimeError("record_seldom() outside a command")
    work.frames[-1].recorded = True
    columns = _entry(work.frames[-1].name, subject, data, None).columns()
    key = "{command}:{actor_kind}{actor_id}:{subject_id}".format(**columns)
    with connection.cursor() as cursor:
        when = {"at": at, "since": at - every, "ahead": at + every}
        cursor.execute(_SELDOM, {**columns, **when, "data": json.dumps(data), "key": key[:160]})


_SELDOM = f"""
    WITH due AS ({FIRST})
    INSERT INTO kernel_auditentry (command, subject_type, subject_id, matter_id, data, actor_kind, actor_id, actor_name,
        ip, request_id)
    SELECT %(command)s, %(subject_type)s, %(subject_id)s, %(matter_id)s::bigint, %(data)s::jsonb, %(actor_kind)s,
        %(actor_id)s::bigint, %(actor_name)s, %(ip)s, %(request_id)s FROM due
"""  # noqa: S608 - a constant of ours


def _entry(command: str, subject: models.Model | str, data: dict[str, Any], matter_id: int | None) -> Entry:
    actor = current_actor()
    subject_type, subject_id = (
        (subject, "") if isinstance(subject, str) else (subject._meta.label_lower, str(subject.pk))
    )
    return Entry(
        command=command,
        subject_type=subject_type,
        subject_id=subject_id,
        matter_id=matter_id,
        data=data,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name[:80],
        ip=actor.ip,
        request_id=actor.request_id,
    )


def nothing_done() -> None:
    """For a command that looked and found nothing to do: it leaves no entry, and says so."""
    work = current_work()
    if work is None or not work.frames:
        raise RuntimeError("nothing_done() outside a command")
    work.frames[-1].recorded = True


def write_entries(entries: Iterable[Entry]) -> None:
    if rows := [entry.columns() for entry in entries]:
        insert_records("kernel_auditentry", rows, returning="id")
