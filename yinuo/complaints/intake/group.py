"""Many accepted intakes registered in one transaction: one claim, one read, one write for the whole group.

The rows are those `register_accepted` would write for one after the other, in order of arrival; a later intake of the
group knows the customers the earlier ones made. `tests/test_group.py` holds the two against each other.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from yinuo.complaints.commands.accepted import as_given
from yinuo.complaints.intake.known import Place, read_known, standards_in_force
from yinuo.complaints.intake.plain import Intake, is_plain, plain_intake
from yinuo.complaints.intake.rows import intake_rows
from yinuo.complaints.models import AcceptedIntake, Complaint
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.errors import YinuoError
from yinuo.kernel.guard import permit_writes
from yinuo.kernel.prepared import prepared
from yinuo.kernel.single_write import write_at_once
from yinuo.kernel.work import Work, working
from yinuo.promises.commands.telling import wake_clock
from yinuo.promises.models import Promise

#: How many share a transaction.
MOST = 50

_CLAIM = """
    SELECT a.id, a.number, a.given, a.received_at, a.ip, a.request_id, k.id, s.name || ' · ' || k.name,
           s.id, s.name, s.unit_id, u.path
    FROM complaints_acceptedintake a JOIN identity_apikey k ON k.id = a.api_key_id
         JOIN identity_staff s ON s.id = k.staff_id JOIN identity_unit u ON u.id = s.unit_id
    WHERE a.state = 'waiting' AND a.id > %s ORDER BY a.id LIMIT %s FOR NO KEY UPDATE OF a SKIP LOCKED
"""
#: Two groups at the same moment do not make one new customer twice: who comes second waits for the first.
_HOLD = """
    SELECT pg_advisory_xact_lock(held.name) FROM (
        SELECT DISTINCT hashtextextended(contact, 0) AS name FROM unnest(%s::text[]) AS contact ORDER BY 1) AS held
"""
_REGISTERED = """
    UPDATE complaints_acceptedintake a SET state = 'registered', matter_id = d.matter_id, handled_at = d.handled_at
    FROM jsonb_to_recordset(%s) AS d(id bigint, matter_id bigint, handled_at timestamptz) WHERE a.id = d.id
"""

Claimed = tuple[AcceptedIntake, Actor, Place]


def register_group(after: int = 0, most: int = MOST, *, plain: bool = True) -> tuple[list[int], list[int]]:
    """Register the plain ones among the first that wait and nobody else is at, from the id `after` on. The ids looked
    at, and of those the ones left to the command: all of them unless `plain`.
    """
    with transaction.atomic(), working() as work, permit_writes("intake.register"):
        claimed = _claim(after, most)
        seen = [row.pk for row, _by, _place in claimed]
        chosen = [(found, place) for row, by, place in claimed if plain and (found := _plain(row, by))]
        done = _write(work, chosen) if chosen else set()
    return seen, [pk for pk in seen if pk not in done]


def _claim(after: int, most: int) -> list[Claimed]:
    with prepared(_CLAIM, [after, most]) as cursor:
        found = cursor.fetchall()
    claimed = []
    for pk, number, given, received, ip, request, key_id, acting, staff_id, name, unit_id, path in found:
        row = AcceptedIntake(
            pk=pk, number=number, given=json.loads(given), received_at=received, api_key_id=key_id, ip=ip,
            request_id=request,
        )  # fmt: skip
        by = Actor(
            "api", staff_id, acting, frozenset({"complaint.register"}), unit_id=unit_id, ip=ip, request_id=request,
            key_id=key_id,
        )  # fmt: skip
        claimed.append((row, by, Place(path, name)))
    return claimed


def _plain(row: AcceptedIntake, by: Actor) -> Intake | None:
    given = as_given(row.given)
    if not is_plain(given, by):
        return None
    try:
        channel, content = given.pop("channel"), given.pop("content")
        return plain_intake(channel, content, given, by, row.received_at, number=row.number, accepted=row)
    except YinuoError:
        return None  # the command says what is wrong


def _write(work: Work, chosen: Sequence[tuple[Intake, Place]]) -> set[int]:
    """Write what can be written so; the ids of those that were."""
    contacts = list(dict.fromkeys(contact for intake, _place in chosen for contact in intake.contacts))
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [[f"{kind}:{value}" for kind, value in contacts]])
    known = read_known(contacts, many=len(chosen))
    standards, now = standards_in_force(known.standards), clock.now()
    if standards is None:
        return set()
    rows: list[Any] = []
    registered = []
    for intake, place in chosen:
        with acting_as(intake.by):
            made = intake_rows(work, known, place, intake, standards)
        matter_id = next((row.pk for row in made if isinstance(row, Complaint)), None)
        if matter_id and intake.accepted:
            registered.append({"id": intake.accepted.pk, "matter_id": matter_id, "handled_at": now.isoformat()})
        rows += made
    if rows:
        write_at_once(rows, work, now, [(_REGISTERED, registered)])
        wake_clock([row for row in rows if isinstance(row, Promise)], now)
    return {row["id"] for row in registered}


def waiting_among(ids: Sequence[int]) -> list[tuple[int, datetime]]:
    """Those of them that still wait, with the moment each was received."""
    rows = AcceptedIntake.unscoped.filter(pk__in=ids, state=AcceptedIntake.State.WAITING)
    return list(rows.order_by("pk").values_list("pk", "received_at"))


def waits_since(moment: datetime) -> int:
    """How many wait that were received before `moment`."""
    waiting = AcceptedIntake.unscoped.filter(state=AcceptedIntake.State.WAITING)
    return int(waiting.filter(received_at__lt=moment).count())
