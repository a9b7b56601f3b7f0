"""Accepted first: the input is stored for good and has its number, in one statement; it is registered a moment later.

What the input alone can tell to be wrong is refused before that. docs/decisions/accepted-intake.md says what a client
is promised.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from yinuo.complaints.intake.plain import check_input
from yinuo.kernel.actor import Actor
from yinuo.kernel.bell import Bell
from yinuo.kernel.clock import CST
from yinuo.kernel.errors import AlreadyDone, Denied
from yinuo.kernel.guard import permit_writes
from yinuo.kernel.once import kept_result, once_key
from yinuo.kernel.prepared import prepared
from yinuo.matters.commands import PREFIXES

#: Where workers listen for work.
CHANNEL = "yinuo_intake"
bell = Bell(CHANNEL)

_TAKEN = """
    WITH taken AS MATERIALIZED (
        SELECT nextval('complaints_acceptedintake_id_seq') AS id, nextval('matters_number')::text AS n),
    named AS MATERIALIZED (SELECT id, %(head)s::text || lpad(n, greatest(6, length(n)), '0') AS number FROM taken)
"""
_CLAIMED = """,
    claimed AS (
        INSERT INTO kernel_once (command, key, at, result)
        SELECT %(command)s::text, %(once)s::text, %(at)s::timestamptz, jsonb_build_object('print', %(print)s::text,
               'receipt', jsonb_build_object('id', id, 'number', number, 'received_at', %(moment)s::text)) FROM named
        ON CONFLICT DO NOTHING RETURNING id)
"""
_KEPT = """
    INSERT INTO complaints_acceptedintake
        (id, number, api_key_id, given, received_at, ip, request_id, idempotency_key)
    SELECT id, number, %(api_key)s::bigint, %(given)s::jsonb, %(at)s::timestamptz, %(ip)s::text, %(request)s::text,
           %(key)s::text FROM named
"""
_ACCEPT = f"{_TAKEN}{_KEPT} RETURNING id, number"
_ACCEPT_ONCE = f"{_TAKEN}{_CLAIMED}{_KEPT} WHERE EXISTS (SELECT FROM claimed) RETURNING id, number"


def accept(
    given: Mapping[str, Any], *, by: Actor, at: datetime, command: str = "", key: str = "", print_: str = ""
) -> dict[str, Any]:
    """The receipt of the stored input: id, number, when. With a `key` of the sender's a repeat raises `AlreadyDone`
    with what `command` kept under it; `print_` tells another request under the same key.
    """
    if by.key_id is None or not by.may("complaint.register"):
        raise Denied(_("您没有进行此操作的权限"))
    check_input(given["channel"], given["content"], {k: v for k, v in given.items() if k not in _OWN}, at)
    moment = at.isoformat()
    values = {
        "head": f"{PREFIXES['complaint']}{at.astimezone(CST):%y%m%d}-", "api_key": by.key_id,
        "given": json.dumps(given, ensure_ascii=False, default=datetime.isoformat), "at": at, "ip": by.ip,
        "request": by.request_id, "key": key,
    }  # fmt: skip
    if key:
        values |= {"command": command, "once": once_key(by, key), "print": print_, "moment": moment}
    with permit_writes("intake.accept"), prepared(_ACCEPT_ONCE if key else _ACCEPT, values) as cursor:
        row = cursor.fetchone()
    if row is None:
        raise AlreadyDone(kept_result(command, key, by))
    transaction.on_commit(bell.ring)
    return {"id": row[0], "number": row[1], "received_at": moment}


_OWN = ("channel", "content")
