"""Each protection taken away, in a copy of the product, and what the harness then has to say. Good is when it complains,
and when it does not about the whole product under the same harm.

`python -m tests.faults.mutations [NAME …]`; three to six minutes each.
"""

import json
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.faults.harm import Harm, each, kill_database, kill_part
from tests.faults.interference import stopped
from tests.faults.run import Report, run
from tests.faults.stage import ROOT, Stage


@dataclass(frozen=True)
class Protection:
    """`code`: (file, what stands there, what stands there without it). `sql`: what the database no longer does.

    `harms`: what it protects from. `says`: what the report must name; "" where it must name nothing.
    """

    name: str
    harms: tuple[Harm, ...]
    says: str
    code: tuple[tuple[str, str, str], ...] = ()
    sql: tuple[str, ...] = ()

    def changed(self) -> dict[str, str]:
        """The files without it; fails where the product no longer reads as it did."""
        files: dict[str, str] = {}
        for name, here, instead in self.code:
            text = files.get(name) or (ROOT / name).read_text(encoding="utf-8")
            assert text.count(here) == 1, f"{name} has changed: {here!r} stands there {text.count(here)} times"
            files[name] = text.replace(here, instead)
        return files


def kill_sender(stage: Stage, dice: random.Random) -> str:
    """The worker dies in the middle of handing mail over."""
    stage.network["smtp"].stop("swallow")
    stage.wait_for("SELECT 1 FROM email_outboundmessage WHERE state = 'sending'", 20)
    each(stage.parts().get("worker", []))
    stage.network["smtp"].heal(lost=True)
    return "kill -9 worker while it sends"


def kill_worker(stage: Stage, dice: random.Random) -> str:
    each(stage.parts().get("worker", []))
    return "kill -9 worker"


def tamper(stage: Stage, dice: random.Random) -> str:
    """Somebody with the database's password changes what was done."""
    stage.wait_for("SELECT 1 FROM kernel_auditseal OFFSET 20 LIMIT 1", 90)
    with stage.connect() as connection:
        connection.execute(
            "UPDATE kernel_auditentry SET actor_name = 'nobody' WHERE id = (SELECT max(entry_id) FROM kernel_auditseal)"
        )
    return "an audit entry changed"


PROTECTIONS = (
    Protection("nothing", (kill_sender, kill_worker, stopped("web", "deaf"), stopped("smtp", "cut")), ""),
    Protection(
        "idempotency keys of the API", (stopped("web", "deaf"),), "doubled",
        code=(("yinuo/api/replay.py", 'request.META.get("HTTP_IDEMPOTENCY_KEY", "")', '""'),),
    ),
    Protection(
        "ticket of the portal's form", (stopped("web", "deaf"),), "form",
        code=(("yinuo/channels/portal/forms.py", "command(**values, once=form.ticket.key)", "command(**values)"),),
    ),
    Protection(
        "a letter's place is kept with the letter", (kill_worker,), "letter",
        code=((
            "yinuo/channels/email/imap.py", "            source = _download(server, uid)\n",
            "            from yinuo.channels.email.positions import set_position\n"
            "            set_position(mailbox_id=mailbox.pk, uidvalidity=validity, last_uid=uid,\n"
            "                reads_after=mailbox.reads_after, renumbered_to=mailbox.renumbered_to)\n"
            "            import time; time.sleep(0.2)\n"  # or hardly any kill falls between the two
            "            source = _download(server, uid)\n",
        ),),
    ),
    Protection(
        "work of a dead worker is taken up again", (kill_worker,), "letter",
        code=(
            ("yinuo/channels/email/flows.py", "    ids = list(waiting.order_by", "    return 0\n    ids = list(waiting.order_by"),
            ("yinuo/jobs/tasks/housekeeping.py", "        return len(cursor.fetchall())", "        return 0"),
            ("yinuo/jobs/tasks/housekeeping.py", "SELECT procrastinate_retry_job_v2(j.id, now(), NULL, NULL, NULL) FROM", "SELECT 1 FROM"),
        ),
    ),
    Protection(
        "a claim on a mail ends", (kill_sender,), "answer",
        code=((
            "yinuo/channels/email/commands/outbound.py",
            "row.state == states.QUEUED or (row.state == states.SENDING and _is_time(row.claimed_until, at, CLAIM))",
            "row.state == states.QUEUED",
        ),),
    ),
    Protection(
        "sent is said after the mail server took it", (stopped("smtp", "cut"),), "never arrived",
        code=((
            "yinuo/channels/email/flows.py", "    try:\n        receipt = deliver(",
            "    record_sent(outbound_id=outbound_id)\n    try:\n        receipt = deliver(",
        ),),
    ),
    Protection(
        "rungs remember that they were announced", (kill_part,), "rung fired twice",
        code=(("yinuo/promises/commands/announcing.py", "said = announced([p.pk for p in awake])", "said = dict.fromkeys((p.pk for p in awake), frozenset())"),),
        sql=("ALTER TABLE promises_promiseevent DROP CONSTRAINT promise_event_once",),
    ),
    Protection(
        "acknowledged is on the disk",
        (kill_database,),
        "lost",
        sql=(
            "ALTER ROLE yinuo SET synchronous_commit = off",
            "ALTER SYSTEM SET wal_writer_delay = '10s'",
            "ALTER SYSTEM SET wal_writer_flush_after = '1GB'",
            "SELECT pg_reload_conf()",
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'yinuo'",
        ),
    ),
    Protection(
        "the audit cannot be changed", (tamper,), "audit chain", sql=("ALTER TABLE kernel_auditentry DISABLE TRIGGER USER",),
    ),
    Protection(
        "an open page gets what it missed", (stopped("live", "cut"),), "news on an open page",
        code=(("yinuo/live/app.py", "await hub.missed(listener.topics, since, start) if since else None", "[]"),),
    ),
)  # fmt: skip


class Lacking(Stage):
    """An installation made of a copy without the protection."""

    def __init__(self, protection: Protection, root: Path) -> None:
        super().__init__(root=root)
        self.protection = protection

    def open(self) -> None:
        super().open()
        owner = self.database.replace("//yinuo:", "//postgres:")  # the embedded server's own, with the same password
        with psycopg.connect(owner, autocommit=True) as connection:
            for one in self.protection.sql:
                connection.execute(one.encode())


@contextmanager
def without(protection: Protection) -> Iterator[Path]:
    """A copy of the product that lacks it."""
    with tempfile.TemporaryDirectory(prefix="yn-without-") as place:
        root = Path(place)
        shutil.copytree(ROOT / "yinuo", root / "yinuo", ignore=shutil.ignore_patterns("tests", "__pycache__"))
        for lock in ROOT.glob("*.lock"):
            shutil.copy(lock, root)
        for name, text in protection.changed().items():
            (root / name).write_text(text, encoding="utf-8")
        yield root


def complaint(protection: Protection, rounds: int = 4) -> tuple[bool, Report]:
    """Whether the harness said what it must."""
    with without(protection) as root:
        harms = list(protection.harms)
        report = run(
            rounds, 1, pause=(3.0, 5.0), choose=lambda _stage: harms, pace=0.3, still=75, stage=Lacking(protection, root)
        )  # fmt: skip
    said = protection.says in json.dumps(found(report)) if protection.says else True
    return said and report.good == (not protection.says), report


def found(report: Report) -> dict[str, dict[str, int]]:
    """How many were lost, doubled or otherwise wrong, by kind."""
    return {how: {kind: len(marks) for kind, marks in rows.items()} for how, rows in report.verdict.faults.items()}


def main() -> int:
    missed = 0
    for protection in PROTECTIONS:
        if sys.argv[1:] and protection.name not in sys.argv[1:]:
            continue
        noticed, report = complaint(protection)
        missed += not noticed
        said = json.dumps(found(report))
        print(f"{'right' if noticed else 'WRONG'}: without “{protection.name}”: {said}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
