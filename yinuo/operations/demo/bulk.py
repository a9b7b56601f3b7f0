"""Three years of history for any number of customers, written by the database itself in resumable blocks."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import Index, Model
from django.utils.translation import gettext as _

from yinuo.complaints.models import Complaint
from yinuo.conversations.models import Interaction
from yinuo.customers.models import Customer
from yinuo.identity.models import Staff, Unit
from yinuo.kernel import clock
from yinuo.kernel.command import permit_writes
from yinuo.kernel.search import name_tokens
from yinuo.kernel.text import grams, pinyin_initials
from yinuo.matters.models import Matter
from yinuo.operations.demo.people import stories, words
from yinuo.promises.models import Standard

BLOCK = 10_000
HOURS = 4
SEARCHED: tuple[type[Model], ...] = (Customer, Matter, Interaction, Complaint)
DROP_INDEXES_OVER = 200_000
SORT_MEMORY = "256MB"  # for building a search index in one go; the default of 64 MB sorts a million rows in pieces


@dataclass(frozen=True)
class Shape:
    """How much history a customer has: matters each, per cent of them open, what was said about each (at least two),
    and whether each carries a promise or two, or only what owes an answer carries one.
    """

    matters: float = 0.8
    open_percent: int = 4
    said: int = 2
    every_promise: bool = False


BELIEVABLE = Shape()
#: A million customers make two million matters, ten million interactions, three million promises.
CROWDED = Shape(matters=2, open_percent=5, said=5, every_promise=True)


def statements() -> dict[str, str]:
    """The named statements of bulk.sql."""
    text = (Path(__file__).parent / "bulk.sql").read_text("utf-8")
    parts = re.split(r"^-- name: (\w+)\n", text, flags=re.M)
    return {name: body.strip() for name, body in zip(parts[1::2], parts[2::2], strict=True)}


def fill(*, customers: int, seed: int, say: Callable[[str], None], shape: Shape = BELIEVABLE) -> None:
    """Bring the demo up to `customers`; what an earlier, interrupted run wrote is kept and not repeated."""
    now = clock.now()
    have = _count()
    with permit_writes("demo"):
        if customers - have > DROP_INDEXES_OVER:
            _drop_search_indexes()
        try:
            if have < customers:
                _write(have, customers, seed, now, say, shape)
        finally:
            _rebuild_search_indexes(say)
    if have < customers:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _write(have: int, customers: int, seed: int, now: datetime, say: Callable[[str], None], shape: Shape) -> None:
    with connection.cursor() as cursor:
        sql = statements()
        _pools(cursor, sql, seed)
        for low in range(have, customers, BLOCK):
            high = min(low + BLOCK, customers) - 1
            with transaction.atomic():
                _block(cursor, sql, low, high, now, shape)
            say(_("  客户 %(done)d / %(all)d") % {"done": high + 1, "all": customers})


def _count() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(max((profile->>'demo')::bigint) + 1, 0) FROM customers_customer WHERE profile ? 'demo'"
        )
        return int(cursor.fetchone()[0])


def missing_indexes() -> list[tuple[type[Model], Index]]:
    """Search indexes that are not there: a bulk run was killed before it could build them again."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()")
        there = {name for (name,) in cursor.fetchall()}
    wanted = [(model, index) for model in SEARCHED for index in model._meta.indexes if index.fields == ["search"]]
    return [(model, index) for model, index in wanted if index.name not in there]


def _drop_search_indexes() -> None:
    """Building a search index once at the end is several times faster than keeping it up to date row by row."""
    with connection.cursor() as cursor:
        for model in SEARCHED:
            for index in model._meta.indexes:
                if index.fields == ["search"]:
                    cursor.execute(f'DROP INDEX IF EXISTS "{index.name}"')


def _rebuild_search_indexes(say: Callable[[str], None]) -> None:
    missing = missing_indexes()
    with connection.cursor() as cursor:
        cursor.execute(f"SET maintenance_work_mem = '{SORT_MEMORY}'")
        for done, (model, index) in enumerate(missing, 1):
            say(_("  重建搜索索引 %(done)d / %(all)d……") % {"done": done, "all": len(missing)})
            with connection.schema_editor(atomic=False) as editor:
                editor.add_index(model, index)
        cursor.execute("RESET maintenance_work_mem")


def _pools(cursor: Any, sql: dict[str, str], seed: int) -> None:
    """The words to draw from, each with its search tokens worked out once."""
    cursor.execute(sql["dice"].format(seed=int(seed)))
    cursor.execute(sql["pools"])
    cursor.execute("TRUNCATE pg_temp.demo_name, pg_temp.demo_story, pg_temp.demo_place")
    have = words()
    people = [a + b for a in have["surnames"] for b in have["given"]]
    firms = [r[:2] + h + t for r in have["regions"] for h in have["org_heads"] for t in have["org_tails"]]
    rows = [(n, False) for n in people] * 2 + [(n, True) for n in firms]
    cursor.executemany(
        "INSERT INTO demo_name VALUES (%s, %s, %s, %s, %s)",
        [(i, firm, n, pinyin_initials(n), name_tokens(n)) for i, (n, firm) in enumerate(rows)],
    )
    cursor.executemany(
        "INSERT INTO demo_story VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            (
                i,
                s.trade,
                s.product,
                s.title,
                s.content,
                s.demand,
                s.kind,
                s.subkind,
                grams(f"{s.title}\n{s.content}"),
                grams(f"{s.product} {s.content} {s.demand}"),
            )
            for i, s in enumerate(stories())
        ],
    )
    places = [(r, s) for r in have["regions"] for s in have["streets"]]
    cursor.executemany(
        "INSERT INTO demo_place VALUES (%s, %s, %s, %s)", [(i, r, s, grams(r)) for i, (r, s) in enumerate(places)]
    )


def _reserve(cursor: Any, sequence: str, count: int) -> int:
    """The first of `count` numbers of a sequence that nobody else will be given."""
    cursor.execute("SELECT setval(%s, nextval(%s) + %s) - %s", [sequence, sequence, count, count])
    return int(cursor.fetchone()[0])


def _block(cursor: Any, sql: dict[str, str], low: int, high: int, now: datetime, shape: Shape) -> None:
    agents = list(Staff.objects.filter(roles__code="agent", is_active=True).order_by("pk").distinct())
    have, count = words(), high - low + 1
    first_customer = _reserve(cursor, "customers_customer_id_seq", count)
    shared: dict[str, Any] = {
        "now": now,
        "desk": Unit.objects.get(code="desk").pk,
        "agents": [a.pk for a in agents],
        "agent_count": len(agents),
        "names": [a.name for a in agents],
        "units": [a.unit_id for a in agents],
        "first_customer": first_customer,
        "customers": count,
        "industries": have["industries"],
        "sizes": have["sizes"],
    }
    cursor.execute(sql["customers"], {**shared, "first": first_customer, "low": low, "high": high})
    first, last = int(low * shape.matters), int((high + 1) * shape.matters) - 1
    if last < first:
        return
    between = _("您反映的问题正在核实，有进展会及时告诉您。")
    answer = _("您反映的问题已核实并处理完毕，感谢您的监督。")
    standard = Standard.objects.filter(key="common.hotline-answer", in_force=True).first()
    shared |= {
        "low": first,
        "high": last,
        "first_matter": _reserve(cursor, "matters_matter_id_seq", last - first + 1),
        "first_number": _reserve(cursor, "matters_number", last - first + 1),
        "first_conversation": _reserve(cursor, "conversations_conversation_id_seq", last - first + 1),
        "first_interaction": _reserve(cursor, "conversations_interaction_id_seq", (last - first + 1) * shape.said),
        "open_percent": shape.open_percent,
        "said": shape.said,
        "every_promise": shape.every_promise,
        "between": between,
        "between_tokens": grams(between),
        "answer": answer,
        "answer_tokens": grams(answer),
        "hours": HOURS,
        "standard": standard.pk if standard else None,
        "title": standard.title if standard else _("咨询与来信答复"),
        "explanation": _("%(hours)d 小时内答复") % {"hours": HOURS},
        "missed": _("没有按时履行承诺"),
        "received": _("已登记"),
        "closed": _("已办结"),
        "outcome": _("已按约定处理，客户表示认可。"),
    }
    steps = (
        "matters",
        "addresses",
        "conversations",
        "interactions",
        "matter_rows",
        "complaints",
        "entries",
        "promises",
    )
    for step in steps:
        cursor.execute(sql[step], shared)
    cursor.execute("DROP TABLE demo_case")
