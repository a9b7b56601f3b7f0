"""How many rows of the database a page really reads: each of its statements is run again under EXPLAIN ANALYZE."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

READS = re.compile(r"[\s(]*(SELECT|WITH)\b")  # a union begins with a bracket
CHIP = re.compile(r'<a href="(\?[^"]*)"')
REMOVED = ("Rows Removed by Filter", "Rows Removed by Index Recheck", "Rows Removed by Join Filter")


@dataclass(frozen=True)
class Read:
    """One statement: rows its scans went through, the tables read from end to end, and its text."""

    rows: int
    whole: frozenset[str]
    sql: str


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def read_by(sql: str, params: Any) -> Read:
    """Runs it once more. Only for what reads."""
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) " + sql, params)
        answer = cursor.fetchone()[0]
    plan = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
    scans = [node for node in nodes(plan) if "Relation Name" in node]
    rows = sum((node["Actual Rows"] + sum(node.get(k, 0) for k in REMOVED)) * node["Actual Loops"] for node in scans)
    whole = {node["Relation Name"] for node in scans if node["Node Type"].endswith("Seq Scan") and node["Actual Loops"]}
    return Read(int(rows), frozenset(whole), sql)


@contextmanager
def noted() -> Iterator[list[tuple[str, Any]]]:
    """Statements and their parameters, prepared ones too."""
    kept: list[tuple[str, Any]] = []

    def keep(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if isinstance(sql, str) and READS.match(sql) and "INSERT" not in sql and "UPDATE" not in sql:
            kept.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        yield kept


def reads_of(client: Any, path: str) -> list[Read]:
    """What showing a page reads."""
    with noted() as statements:
        answer = client.get(path)
    assert answer.status_code == 200, f"{path}: {answer.status_code}"
    with transaction.atomic():
        return [read_by(sql, params) for sql, params in statements]


def chips(page: str) -> list[str]:
    """Every choice of every filter and every order a list offers."""
    return sorted({query.replace("&amp;", "&") for query in CHIP.findall(page)})
