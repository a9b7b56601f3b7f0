"""Watches which tables a command locks, and in which order (`kernel/locks.py`)."""

import re
from contextlib import contextmanager

from django.db import connection

from yinuo.kernel.locks import GATE, ORDER, rank
from yinuo.kernel.work import current_work

_UPDATE = re.compile(r'^\s*(?:UPDATE|DELETE FROM)\s+"(\w+)"', re.I)
_INSERT = re.compile(r'^\s*INSERT INTO\s+"(\w+)"', re.I)
_LOCK = re.compile(r"\bFOR (?:NO KEY )?UPDATE\b(?:\s+OF\s+([\w\", ]+?))?(\s+SKIP LOCKED|\s+NOWAIT)?\s*$", re.I)


#: In a statement of several parts: what each part writes on, or locks (every alias is used once).
_PART = re.compile(r"\bFOR NO KEY UPDATE OF (\w+)|\bUPDATE (?!OF\b)\"?(\w+)", re.I)


def locked(sql):
    """The tables a statement takes row locks in, in order; whether it may wait for them."""
    if sql.lstrip().upper().startswith("WITH"):
        aliases = {alias: table for table, alias in re.findall(r'FROM\s+"?(\w+)"?\s+(\w+)\b', sql)}
        parts = [(alias and aliases[alias]) or table for alias, table in _PART.findall(sql)]
        return list(dict.fromkeys(parts)), True
    if found := _UPDATE.match(sql):
        return [found[1]], True
    if not (found := _LOCK.search(sql)):
        return [], False
    if not found[1]:
        return [re.search(r'FROM\s+"(\w+)"', sql)[1]], not found[2]
    aliases = {alias: table for table, alias in re.findall(r'"(\w+)" (T\d+)\b', sql)}
    return [aliases.get(name, name) for name in re.findall(r"\w+", found[1])], not found[2]


@contextmanager
def watching():
    """The locks taken against the order, as sentences: which table, after which, in which command."""
    wrong, seen = [], {}

    def look(execute, sql, params, many, context):
        work = current_work()
        if work is not None:
            _work, held, new = seen.setdefault(id(work), (work, [], set()))  # kept, so that its id stays its own
            if made := _INSERT.match(sql):
                new.add(made[1])  # a row nobody else can see yet
            tables, waits = locked(sql)
            for table in tables:
                if table not in ORDER or table in held or table in new:
                    continue
                behind_gate = GATE in {*held, *new} and rank(table) > rank(GATE)
                over = [] if behind_gate else [one for one in held if rank(one) > rank(table)]
                if waits and over:
                    wrong.append(
                        f"{work.entries[-1].command if work.entries else '-'}: {table} after {', '.join(over)}"
                    )
                held.append(table)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        yield wrong
