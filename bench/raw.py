"""The limit beside it: plain psycopg writing the very rows of an intake, without any of the product's code.

The rows are those that one intake through the product wrote (its write statement is caught and its keys are shifted),
so both sides store the same tables, columns, sizes and indexes in the same run.
"""

import json
import re
import threading

import psycopg
from psycopg.types.json import Jsonb

from bench.client import Timing, loop
from bench.targets import SAME_ROWS

STEP = 20
NUMBER = re.compile(r"(?<![\w.])\d+(?![\w.])")
SEQUENCES = (
    "customers_customer_id_seq", "customers_channelidentity_id_seq", "conversations_conversation_id_seq",
    "conversations_interaction_id_seq", "matters_matter_id_seq", "matters_number", "promises_promise_id_seq",
    "email_outboundmessage_id_seq",
)  # fmt: skip


class Template:
    """A caught statement and its rows as text, ready to be written again under other keys."""

    def __init__(self, sql: str, params: list[object], own: re.Pattern[str] | None = None) -> None:
        """`own`: words no two rows may share; those of a repetition begin with its number."""
        self.sql, self.own = sql, own
        self.parts = [json.dumps(p.obj, default=str) if isinstance(p, Jsonb) else p for p in params]
        self.rows = [len(p.obj) for p in params if isinstance(p, Jsonb)]
        self.keys = sorted(
            {key for p in params if isinstance(p, Jsonb) for row in p.obj for key in _keys(row)}, reverse=True
        )
        self.known = frozenset(map(str, self.keys))
        self.number = re.compile(r"TS\d{6}-(\d{6,})")

    def shifted(self, by: int) -> list[object]:
        def other(found: re.Match[str]) -> str:
            word = found.group()
            return str(int(word) + by) if word in self.known else word

        found = [
            self.number.sub(lambda m: f"B{int(m[1])}-{by}", NUMBER.sub(other, p))
            if isinstance(p, str) and p.startswith("[") else p
            for p in self.parts
        ]  # fmt: skip
        return [self.own.sub(rf"{by}.\g<0>", p) if self.own and isinstance(p, str) else p for p in found]


def _keys(row: dict[str, object]) -> set[int]:
    named = ("id", "matter_id", "customer_id", "conversation_id", "interaction_id")
    return {v for k, v in row.items() if k in named and isinstance(v, int)}


def write(template: Template, conninfo: dict[str, object], *, clients: int, seconds: float, step: int = STEP) -> Timing:
    local, lock, count = threading.local(), threading.Lock(), [0]
    with psycopg.connect(**conninfo, autocommit=True) as conn:  # type: ignore[arg-type]
        top = max(conn.execute(f"SELECT last_value FROM {s}").fetchone()[0] for s in SEQUENCES)  # type: ignore[index]
        base = top - min(template.keys) + step
        for sequence in SEQUENCES:
            conn.execute("SELECT setval(%s, %s)", [sequence, top + STEP * 60_000])

    def one(_client: int, _n: int) -> bool:
        if not hasattr(local, "conn"):
            local.conn = psycopg.connect(**conninfo, autocommit=True, prepare_threshold=1)  # type: ignore[arg-type]
        with lock:
            count[0] += step
            by = base + count[0]
        local.conn.execute(template.sql, template.shifted(by))
        return True

    return loop(SAME_ROWS, one, clients=clients, seconds=seconds)
