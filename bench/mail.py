"""How many stored mails one worker makes visible in a second: parsed, customer found or made, thread, search, receipt queued.

    DATABASE_URL=postgresql://… python -m bench.mail [--seconds 10]

Group after group as the worker does it, one by one by the command, and the rows of such groups from plain psycopg; with
the processor time of parsing, of Python and of the database.
"""

import argparse
import io
import os
import re
import resource
import threading
import time
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import psutil

from bench.client import Timing
from bench.raw import Template, write

TEXT = "发动机加注后漏油，怀疑产品质量问题。设备停机检查，油品外观正常，请尽快安排人员到现场查看。\n" * 8
TOGETHER = "e-mail: from stored to visible, one worker"
#: A group's rows have more keys than those of one intake.
STEP = 400
#: What must be another one each time the rows are written again.
MESSAGE_ID = re.compile(r"yn[a-z2-7]{2,13}-[a-z2-7]{20}\.")
_RAW_ID = re.compile(r'\{"id": (\d+), "handled_at"')


def letter(stamp: int, n: int) -> bytes:
    made = EmailMessage()
    made["From"] = f"客户{n} <c{stamp}-{n}@example.com>"
    made["To"] = "service@example.com"
    made["Subject"] = f"柴机油漏油，第 {n} 封"
    made["Date"] = "Mon, 30 Nov 2026 10:00:00 +0800"
    made["Message-ID"] = f"<{stamp}.{n}@example.com>"
    made.set_content(TEXT)
    made.add_alternative(f"<p>{TEXT}</p>", subtype="html")
    return bytes(made)


def understood(bench: Any) -> None:
    from yinuo.jobs.mail_together.claiming import MOST
    from yinuo.kernel.actor import Actor, acting_as
    from yinuo.kernel.beside import beside

    with acting_as(Actor.system("bench")):
        one_by_one(bench, stored(int(bench.seconds * 60) + 5))
        stored(int(bench.seconds * 450) + 6 * MOST)
        template = caught()
        together(bench)
    raw = bench.timed(lambda: write(template, beside(), clients=1, seconds=bench.seconds, step=STEP))
    raw.name = "PostgreSQL alone, the rows of such groups of mails"
    raw.times = [t / MOST for t in raw.times for _n in range(MOST)]
    bench.keep(raw)


def stored(many: int) -> list[int]:
    """So many letters of as many people, as the receiver stores them; their bytes go to the files folder."""
    from yinuo.channels.email.commands.intake import store_raw
    from yinuo.channels.email.models import Mailbox

    stamp, box = time.time_ns(), Mailbox.unscoped.order_by("pk")[0]
    return [
        store_raw(mailbox_id=box.pk, external_id=f"{stamp}:{n}", raw=io.BytesIO(letter(stamp, n)))[0].pk
        for n in range(many)
    ]


def one_by_one(bench: Any, ids: list[int]) -> None:
    from yinuo.channels.email.flows import understand_stored

    def run() -> Timing:
        timing = Timing("e-mail: one by one, by the command", 1)
        for pk in ids[:5]:
            understand_stored(pk)
        started = time.perf_counter()
        for pk in ids[5:]:
            before = time.perf_counter()
            timing.failed += understand_stored(pk) != "understood"
            timing.times.append((time.perf_counter() - before) * 1000)
            if time.perf_counter() - started > bench.seconds:
                break
        timing.seconds = time.perf_counter() - started
        return timing

    bench.keep(with_profile(bench, run))


def together(bench: Any) -> None:
    """As the worker: so many hands, each at groups of its own. Times are a group's, divided by how many were in it."""
    from django.db import connection

    from yinuo.jobs.mail_together.claiming import FIRST
    from yinuo.jobs.mail_together.group import understand_group
    from yinuo.jobs.mails import HANDS
    from yinuo.kernel.actor import Actor, acting_as

    counted = threading.Event()  # a session that ends takes its processor time along

    def hand(timing: Timing, until: float, at_end: threading.Barrier) -> None:
        with acting_as(Actor.system("mail.understand")):
            after = FIRST
            while time.perf_counter() < until:
                before = time.perf_counter()
                done = understand_group(after)
                if done is None:
                    break
                after, timing.failed = done.last, timing.failed + len(done.left)
                timing.times += [(time.perf_counter() - before) * 1000 / done.seen] * done.seen
        at_end.wait()
        counted.wait(60)
        connection.close()

    def run() -> Timing:
        timing, at_end = Timing(TOGETHER, 1), threading.Barrier(HANDS + 1)
        started = time.perf_counter()
        for _hand in range(HANDS):
            threading.Thread(target=hand, args=(timing, started + bench.seconds, at_end), daemon=True).start()
        at_end.wait()
        timing.seconds = time.perf_counter() - started
        return timing

    timing = with_profile(bench, run)
    counted.set()
    bench.keep(timing)


def with_profile(bench: Any, run: Callable[[], Timing]) -> Timing:
    """The run; printed above it: processor milliseconds a mail of parsing and of Python (the database's are a column)."""
    from yinuo.channels.email import sandbox

    parser = sandbox.shared()
    parser.parse(letter(0, 0))
    process = psutil.Process(parser._process.pid)  # type: ignore[union-attr]
    before, own = process.cpu_times(), resource.getrusage(resource.RUSAGE_SELF)
    timing: Timing = bench.timed(run)
    after, ours = process.cpu_times(), resource.getrusage(resource.RUSAGE_SELF)
    many = max(len(timing.times), 1)
    parsing = (after.user + after.system - before.user - before.system) * 1000 / many
    timing.client_cpu = ours.ru_utime + ours.ru_stime - own.ru_utime - own.ru_stime
    print(f"  parsing {parsing:.2f} ms, Python {timing.client_cpu * 1000 / many:.2f} ms a mail", flush=True)
    return timing


def caught() -> Template:
    """What a group writes, with the mark on its raw mails; the jobs that send the receipts are left out."""
    from yinuo.jobs.mail_together.claiming import FIRST
    from yinuo.jobs.mail_together.group import understand_group
    from yinuo.kernel import single_write

    kept: list[Any] = []
    original = single_write.prepared
    single_write.prepared = lambda sql, given: kept.append((sql, given)) or original(sql, given)  # type: ignore[func-returns-value]
    understand_group(FIRST)
    single_write.prepared = original
    template = Template(*kept[0], own=MESSAGE_ID)
    # the same raw mails are marked again and again: their numbers are written so that they are not taken for keys
    template.parts = [
        _RAW_ID.sub(r'{"id": "0\1", "handled_at"', p) if isinstance(p, str) else p for p in template.parts
    ]
    return template


class Alone:
    """What `bench.drive` gives, without its web server."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def timed(self, run: Callable[[], Timing]) -> Timing:
        from bench.server import cpu, database_pids

        base = cpu(database_pids())
        timing = run()
        timing.database_cpu = (cpu(database_pids()) - base) * 1000 / max(len(timing.times), 1)
        return timing

    def keep(self, timing: Timing) -> None:
        from bench.drive import row

        print(row(timing), flush=True)


def main() -> None:
    options = argparse.ArgumentParser(
        prog="bench.mail", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--seconds", type=float, default=10.0)
    given = options.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yinuo.settings")
    import django

    django.setup()
    print(f"load {os.getloadavg()[0]:.1f}")
    understood(Alone(given.seconds))


if __name__ == "__main__":
    main()
