"""One reader of the notices for all open pages: woken by NOTIFY, it reads each once and hands it on by topic."""

import asyncio
import contextlib
import logging
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import psycopg

from yinuo.kernel.bell import CHANNEL
from yinuo.kernel.measuring import LISTENERS
from yinuo.live.cursor import Cursor
from yinuo.live.presence import Presence, Somebody

log = logging.getLogger("yinuo.live")
#: Batches that may wait for a slow page before it is dropped (it comes back and gets them by its cursor).
BACKLOG = 64
#: Seconds after which the notices are read even if no NOTIFY came.
AT_LEAST_EVERY = 10.0
#: A breath between two reads, so that a storm of commits is read in few statements.
BREATH = 0.03
LONGEST_PAUSE = 15.0
REPLAY_LIMIT = 2000

NEWS = """
    WITH s AS (SELECT pg_current_snapshot() AS now)
    SELECT s.now::text, extract(epoch FROM clock_timestamp())::float8,
           coalesce((SELECT jsonb_agg(jsonb_build_array(n.xact, e ->> 0, e ->> 1) ORDER BY n.xact, n.id)
                     FROM kernel_notice n, jsonb_array_elements(n.events) AS e
                     WHERE n.xact >= %(xmin)s AND n.xact < pg_snapshot_xmax(s.now)::text::bigint
                       AND NOT pg_visible_in_snapshot(n.xact::text::xid8, %(seen)s::pg_snapshot)), '[]')
    FROM s
"""
MISSED = """
    SELECT n.xact, e ->> 0, e ->> 1 FROM kernel_notice n, jsonb_array_elements(n.events) AS e
    WHERE n.xact >= %(xmin)s AND e ->> 1 = ANY(%(topics)s)
      AND NOT pg_visible_in_snapshot(n.xact::text::xid8, %(seen)s::pg_snapshot)
      AND pg_visible_in_snapshot(n.xact::text::xid8, %(upto)s::pg_snapshot)
    ORDER BY n.xact, n.id LIMIT %(limit)s
"""
SINCE = """
    SELECT n.xact, e ->> 0, e ->> 1 FROM kernel_notice n, jsonb_array_elements(n.events) AS e
    WHERE n.at >= to_timestamp(%(since)s) AND e ->> 1 = ANY(%(topics)s)
      AND pg_visible_in_snapshot(n.xact::text::xid8, %(upto)s::pg_snapshot)
    ORDER BY n.xact, n.id LIMIT %(limit)s
"""
#: A command that began so long before a page was made may have committed after the page was read.
AT_WORK = 2.0
#: A page older than this is told to look anew instead.
OLDEST_PAGE = 600.0
Notice = tuple[int, str, str]


@dataclass(eq=False, slots=True)
class Listener:
    """One open page. `seen` is where it came in; what was delivered before that is not told again."""

    topics: frozenset[str]
    seen: Cursor | None = None
    who: Somebody | None = None
    queue: asyncio.Queue[tuple[Cursor, list[Notice]] | bytes | None] = field(
        default_factory=lambda: asyncio.Queue(BACKLOG)
    )
    dropped: bool = False

    def offer(self, cursor: Cursor, notices: list[Notice]) -> None:
        """Queue a batch; a page that does not keep up is dropped."""
        if self.seen is not None:
            notices = [n for n in notices if not self.seen.saw(n[0])]
            if not notices:
                return
        self._put((cursor, notices))

    def tell(self, message: bytes) -> None:
        """Queue a message that is told as it is and never again."""
        self._put(message)

    def _put(self, item: tuple[Cursor, list[Notice]] | bytes) -> None:
        try:
            self.queue.put_nowait(item)
        except asyncio.QueueFull:
            self.drop()

    def drop(self) -> None:
        """End the stream now, whatever still waits."""
        self.dropped = True
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(None)


class Hub:
    """The listeners by topic, and the one connection that hears for them all."""

    def __init__(self, conninfo: dict[str, Any]) -> None:
        self._conninfo = conninfo
        self._by_topic: dict[str, set[Listener]] = defaultdict(set)
        self._replaying = asyncio.Lock()
        self._replay_connection: psycopg.AsyncConnection[Any] | None = None
        self.listeners: set[Listener] = set()
        self.presence = Presence(self._tell_those_at)
        self.position: Cursor | None = None
        self.connected = asyncio.Event()
        self.reads = 0

    def add(self, listener: Listener) -> None:
        self.listeners.add(listener)
        LISTENERS.set(len(self.listeners))
        for topic in listener.topics:
            self._by_topic[topic].add(listener)
        if listener.who is not None:
            listener.tell(self.presence.message(listener.who.at))
            self.presence.come(listener.who)

    def remove(self, listener: Listener) -> None:
        self.listeners.discard(listener)
        LISTENERS.set(len(self.listeners))
        for topic in listener.topics:
            heard = self._by_topic[topic]
            heard.discard(listener)
            if not heard:
                del self._by_topic[topic]
        if listener.who is not None:
            self.presence.leave(listener.who)

    def _tell_those_at(self, at: str, message: bytes) -> None:
        for listener in self._by_topic.get(at, ()):
            if listener.who is not None and listener.who.at == at:
                listener.tell(message)

    def close_all(self) -> None:
        """Let every page go, at shutdown."""
        for listener in list(self.listeners):
            listener.drop()

    async def run(self) -> None:
        """Listen for ever; a lost database is tried again, and nothing that happened meanwhile is missed."""
        pause = 0.5
        while True:
            try:
                async with await self._connect() as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    log.info("listening")
                    pause = 0.5
                    await self._hear(connection)
            except (psycopg.Error, OSError) as wrong:
                log.warning("database lost (%s), trying again in %.1f s", type(wrong).__name__, pause)
            finally:
                self.connected.clear()
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _connect(self) -> psycopg.AsyncConnection[Any]:
        return await psycopg.AsyncConnection.connect(**self._conninfo, autocommit=True)

    async def _hear(self, connection: psycopg.AsyncConnection[Any]) -> None:
        while True:
            await self._read(connection)
            self.connected.set()
            async for _notify in connection.notifies(timeout=AT_LEAST_EVERY, stop_after=1):
                await asyncio.sleep(BREATH)

    async def _read(self, connection: psycopg.AsyncConnection[Any]) -> None:
        seen = self.position
        given = {"xmin": seen.xmin, "seen": seen.snapshot} if seen else {"xmin": 1 << 62, "seen": "1:1:"}
        [row] = await (await connection.execute(NEWS, given)).fetchall()
        self.reads += 1
        snapshot, taken, notices = row
        if seen and Cursor.of(snapshot, taken).xmax < seen.xmax:
            log.warning("the database went back in time (restored?): starting anew")
            notices = []
        self.position = Cursor.of(snapshot, taken)
        self._hand_on([tuple(n) for n in notices], self.position)

    def _hand_on(self, notices: Iterable[Notice], cursor: Cursor) -> None:
        batches: dict[Listener, list[Notice]] = {}
        for notice in notices:
            for listener in self._by_topic.get(notice[2], ()):
                batches.setdefault(listener, []).append(notice)
        for listener, batch in batches.items():
            listener.offer(cursor, batch)

    async def missed(self, topics: Iterable[str], since: Cursor, upto: Cursor) -> list[Notice] | None:
        """What was told between two cursors, or None if that is too much or cannot be known."""
        if time.time() - since.taken > 23 * 3600 or since.xmin > upto.xmax:
            return None
        given = {
            "xmin": since.xmin, "seen": since.snapshot, "upto": upto.snapshot, "topics": list(topics),
            "limit": REPLAY_LIMIT,
        }  # fmt: skip
        return await self._replay(MISSED, given)

    async def since(self, topics: Iterable[str], made: float, upto: Cursor) -> list[Notice] | None:
        """What was told after a page was made and before it listened, or None if it is too old to know."""
        if time.time() - made > OLDEST_PAGE:
            return None
        given = {"since": made - AT_WORK, "upto": upto.snapshot, "topics": list(topics), "limit": REPLAY_LIMIT}
        return await self._replay(SINCE, given)

    async def _replay(self, statement: str, given: dict[str, Any]) -> list[Notice] | None:
        async with self._replaying:
            connection = self._replay_connection
            if connection is None or connection.closed:
                connection = self._replay_connection = await self._connect()
            try:
                rows = await (await connection.execute(statement, given)).fetchall()
            except psycopg.OperationalError:
                await connection.close()
                raise
        return [(r[0], r[1], r[2]) for r in rows] if len(rows) < REPLAY_LIMIT else None

    async def close(self) -> None:
        if self._replay_connection is not None:
            with contextlib.suppress(psycopg.Error):
                await self._replay_connection.close()
