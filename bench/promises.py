"""Promises for measuring the clock: open ones by the hundred thousand, those that come due, what was said of them."""

from dataclasses import dataclass

MARK = "bench.clock"

#: As the demo company's history (`operations/demo/bulk.sql`): one after the other on every matter, round after round.
_ADD = """
INSERT INTO promises_promise (matter_id, customer_id, standard_id, obligation, title, owner_id, unit_id, state,
    outstanding, made_at, starts_at, due_at, wakes_at, explanation, provisional, clock, amount, span_seconds, plan, plan_no,
    calendar_version, cycle, version)
SELECT m.id, m.customer_id, s.id, %(mark)s, s.title, m.owner_id, m.unit_id, 'open', true, now(), now(), t.due,
    t.due + interval '1 microsecond', %(mark)s, false, 'calendar_hours', 4, 14400, jsonb_build_array(
        jsonb_build_array('broken', 0, to_char((t.due + interval '1 microsecond') AT TIME ZONE 'UTC', {iso}), '')
    ), 0, 0, 1, 1
FROM generate_series(1, %(rounds)s) round
CROSS JOIN (SELECT * FROM matters_matter ORDER BY id LIMIT %(matters)s) m
CROSS JOIN (SELECT id, title FROM promises_standard WHERE key = 'common.hotline-answer' AND in_force) s
CROSS JOIN LATERAL (SELECT now() + interval '3650 days' + make_interval(secs => m.id %% 1000000) AS due) t
ORDER BY round, m.id LIMIT %(count)s
"""
_DUE = """
WITH picked AS (
    SELECT id, row_number() OVER (ORDER BY id) AS n FROM promises_promise
    WHERE obligation = %(mark)s AND wakes_at > now() + interval '1000 days' ORDER BY id LIMIT %(count)s
), timed AS (
    SELECT id, (%(start)s::timestamptz + n * %(step)s::interval) AS at FROM picked
), planned AS (
    SELECT id, at, CASE WHEN %(warns)s THEN at + interval '1 day' ELSE at - interval '1 microsecond' END AS due FROM timed
)
UPDATE promises_promise p SET made_at = t.due - interval '4 hours', starts_at = t.due - interval '4 hours', due_at = t.due,
    wakes_at = t.at, plan = CASE WHEN %(warns)s THEN jsonb_build_array(
        jsonb_build_array('warned', 0, to_char(t.at AT TIME ZONE 'UTC', {iso}), '')
    ) ELSE '[]' END || jsonb_build_array(
        jsonb_build_array('broken', 0, to_char((t.due + interval '1 microsecond') AT TIME ZONE 'UTC', {iso}), '')
    )
FROM planned t WHERE p.id = t.id RETURNING p.id
"""
_ISO = '\'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"\''


@dataclass(frozen=True, slots=True)
class Due:
    """Promises that come due between two moments (database time)."""

    count: int
    kind: str
    first_id: int
    last_id: int
    until: str
    steady: bool

    def waiting(self) -> tuple[int, float]:
        """How many are not announced yet, and for how many seconds the longest has been due."""
        sql = """
            SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(wakes_at)), 0) FROM promises_promise
            WHERE wakes_at <= %s AND obligation = %s
        """
        left, longest = one(sql, [self.until, MARK])
        return left, float(longest)


@dataclass(frozen=True, slots=True)
class Said:
    count: int
    twice: int
    missing: int
    late_ms: list[float]


def one(sql: str, given: object = None) -> tuple[int, float]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        found: tuple[int, float] = cursor.fetchone()
        return found


def add_open(wanted: int) -> int:
    """Fill up to so many promises the clock watches; returns how many there are."""
    from django.db import connection

    from yinuo.kernel.guard import permit_writes

    count = "SELECT count(*), 0 FROM promises_promise WHERE wakes_at IS NOT NULL"
    missing = wanted - one(count)[0]
    if missing > 0:
        matters = one("SELECT count(*), 0 FROM matters_matter")[0]
        given = {"mark": MARK, "count": missing, "rounds": missing // matters + 1, "matters": matters}
        with permit_writes("bench"), connection.cursor() as cursor:
            cursor.execute(_ADD.format(iso=_ISO), given)
            cursor.execute("VACUUM ANALYZE promises_promise")
    return one(count)[0]


def make_due(count: int, kind: str, *, per_second: int = 0, ahead: int = 0, overdue: bool = False) -> Due:
    """Bring so many of ours near: all of them due an hour ago, or from now on at a steady rate."""
    from django.db import connection

    from yinuo.kernel.guard import permit_writes
    from yinuo.promises.commands.telling import CLOCK_CHANNEL

    given = {"mark": MARK, "count": count, "warns": kind == "warned"}
    with permit_writes("bench"), connection.cursor() as cursor:
        # the moment is fixed when the rows are ready: making them takes a while
        cursor.execute("SELECT clock_timestamp() + make_interval(secs => %s)", [ahead + count / 5000])
        start = cursor.fetchone()[0]
        if overdue:
            cursor.execute("SELECT clock_timestamp() - interval '1 hour'")
            start = cursor.fetchone()[0]
        step = f"{1_000_000 / per_second if per_second else 1:.3f} microseconds"
        cursor.execute(_DUE.format(iso=_ISO), {**given, "start": start, "step": step})
        ids = sorted(number for (number,) in cursor.fetchall())
        if len(ids) < count:
            raise SystemExit(f"only {len(ids)} of {count} promises to bring near: --open must be larger")
        cursor.execute("SELECT %s::timestamptz + %s * %s::interval + interval '1 second'", [start, count, step])
        until = cursor.fetchone()[0]
        cursor.execute("VACUUM ANALYZE promises_promise")
        cursor.execute("SELECT pg_notify(%s, '')", [CLOCK_CHANNEL])
    return Due(count, kind, ids[0], ids[-1], until.isoformat(), steady=not overdue)


def spoken(due: Due) -> Said:
    """What was announced of them, how late, and whether each (promise, rung) was exactly once."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.promise_id, count(*), max(extract(epoch FROM e.at - e.planned_at)) * 1000"
            " FROM promises_promiseevent e JOIN promises_promise p ON p.id = e.promise_id"
            " WHERE e.promise_id BETWEEN %s AND %s AND e.kind = %s AND p.obligation = %s GROUP BY e.promise_id, e.rung",
            [due.first_id, due.last_id, due.kind, MARK],
        )
        rows = cursor.fetchall()
    twice = sum(n > 1 for _id, n, _late in rows)
    return Said(len(rows), twice, due.count - len({r[0] for r in rows}), [float(late) for _id, _n, late in rows])
