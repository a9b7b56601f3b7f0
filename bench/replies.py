"""Answering in a thread, each client in threads of its own; beside it the same rows from plain psycopg.

The first answer in a thread keeps the promise of one and makes whoever writes it one of those who handled the case;
the next ones are words alone. Where the customer has a mailbox, a letter says that there is an answer: a row of its own.
"""

import itertools
import json
import re
from collections.abc import Callable
from typing import Any

import psycopg

from bench.client import loop, request

TEXT = "您好，您反映的问题我们已经核实，维修师傅今天下午三点前上门，请保持电话畅通。"
THREADS = 400
#: So few that each is answered again and again.
FEW = 8
MESSAGE_ID = re.compile(rb"'(yn[^'@]+)@")  # each mail has its own
HANGS = re.compile(r'INSERT INTO "(email_outboundmessage|matters_timelineentry)"')
SAID = "currval('conversations_interaction_id_seq')"
WRITES = re.compile(r"\s*(WITH|INSERT|UPDATE)\b")


def replies(bench: Any, conninfo: dict[str, Any], clients: int) -> None:
    answer(bench, "reply that is told by mail", threads(mailed=True, skip=0, most=THREADS * clients), clients)
    answer(
        bench, "reply, the first in its thread", threads(mailed=False, skip=THREADS, most=THREADS * clients), clients
    )
    path = answer(bench, "reply by API", threads(mailed=False, skip=0, most=FEW * clients), clients, before=True)
    written = [caught(bench, path(client)) for client in range(clients)]
    connections = [psycopg.connect(**conninfo, autocommit=True) for _client in range(clients)]

    def raw(client: int, n: int) -> bool:
        with connections[client].transaction():
            for statement in written[client]:
                connections[client].execute(MESSAGE_ID.sub(rb"'%d.%d.\1@" % (client, n), statement))
        return True

    name = "PostgreSQL alone, the same statements"
    bench.keep(bench.timed(lambda: loop(name, raw, clients=clients, seconds=bench.seconds)))
    for connection in connections:
        connection.close()


def threads(*, mailed: bool, skip: int, most: int) -> list[int]:
    """Open ones on the portal, the newest first, of customers with or without an e-mail address."""
    from django.db.models import Exists, OuterRef

    from yinuo.conversations.models import Conversation
    from yinuo.customers.models import ChannelIdentity

    box = Exists(ChannelIdentity.unscoped.filter(customer=OuterRef("customer"), kind="email"))
    rows = Conversation.unscoped.filter(box if mailed else ~box, channel="portal", state="open").order_by("-pk")
    return list(rows.values_list("pk", flat=True)[skip : skip + most])


def answer(bench: Any, name: str, among: list[int], clients: int, before: bool = False) -> Callable[[int], str]:
    """Measures; says where a client answers next. `before`: each thread was answered already."""
    turns = [itertools.cycle(among[client::clients]) for client in range(clients)]
    body = json.dumps({"text": TEXT}).encode()

    def path(client: int) -> str:
        return f"/api/v1/conversations/{next(turns[client])}/replies"

    def one(client: int, _n: int) -> bool:
        return bench.connection(client).send(request("POST", path(client), bench.key, body), body)[0] == 201

    if before:
        for n in range(len(among)):
            one(n % clients, n)
    timing = bench.timed(lambda: loop(name, one, clients=clients, seconds=bench.seconds))
    timing.statements = bench.statements("POST", path(0), bench.key, {"text": TEXT}, turns=2 if before else 1)
    bench.keep(timing)
    return path


def caught(bench: Any, path: str) -> list[bytes]:
    """What one more reply in a thread writes, as the product sent it, keys left to the sequences."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from yinuo.conversations.models import Interaction

    for _first_keeps_the_promise in range(2):
        statements = CaptureQueriesContext(connection)
        with statements:
            bench.inside.generic(
                "POST", path, json.dumps({"text": TEXT}), content_type="application/json",
                headers={**bench.key, "Host": "localhost"},
            )  # fmt: skip
    said = Interaction.unscoped.order_by("-pk").values_list("pk", flat=True)[0]
    its_own = re.compile(rf"(?<=[(, ]){said}(?=[,) ])")  # rows that hang on the words hang on those written again
    return [
        its_own.sub(SAID, q["sql"]).encode() if HANGS.match(q["sql"]) else q["sql"].encode()
        for q in statements.captured_queries
        if q["sql"] and WRITES.match(q["sql"])
    ]
