"""Answering in a thread, each client in threads of its own; beside it the same rows from plain psycopg."""

import itertools
import json
import re
from typing import Any

import psycopg

from bench.client import loop, request

TEXT = "您好，您反映的问题我们已经核实，维修师傅今天下午三点前上门，请保持电话畅通。"
THREADS = 400
MESSAGE_ID = re.compile(rb"'(yn[^'@]+)@")  # each mail has its own
HANGS = re.compile(r'INSERT INTO "(email_outboundmessage|matters_timelineentry)"')
SAID = "currval('conversations_interaction_id_seq')"
WRITES = re.compile(r"\s*(WITH|INSERT|UPDATE)\b")


def replies(bench: Any, conninfo: dict[str, Any], clients: int) -> None:
    from yinuo.conversations.models import Conversation

    rows = Conversation.unscoped.filter(channel="portal", state="open").order_by("-pk")
    threads = list(rows.values_list("pk", flat=True)[: THREADS * clients])
    turns = [itertools.cycle(threads[client::clients]) for client in range(clients)]
    body = json.dumps({"text": TEXT}).encode()

    def path(client: int) -> str:
        return f"/api/v1/conversations/{next(turns[client])}/replies"

    def one(client: int, _n: int) -> bool:
        return bench.connection(client).send(request("POST", path(client), bench.key, body), body)[0] == 201

    timing = bench.timed(lambda: loop("reply by API", one, clients=clients, seconds=bench.seconds))
    timing.statements = bench.statements("POST", path(0), bench.key, {"text": TEXT})
    bench.keep(timing)
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
