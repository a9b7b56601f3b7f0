"""Fences 1 and 2, the ways around them: where `unscoped` and raw SQL may be used is a list; anything else fails here.

Commands and models are rooms where `unscoped` belongs. Any other file is named below with why it may: its caller has
been let in already, or it works as the product itself.
"""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2] / "yinuo"
RAW = re.compile(r"\.cursor\(\)|\bprepared\(|\bRawSQL\b|\.raw\(|\.extra\(|\.execute\(")
UNSCOPED = re.compile(r"\.unscoped\b|manager=\"unscoped\"")

# Reads behind a row the caller was let into (children, counts, subqueries of scoped rows).
LET_IN = {
    "approvals/queries.py", "channels/email/queries.py", "channels/portal/queries.py", "complaints/queries/detail.py",
    "complaints/queries/facts.py", "complaints/queries/following.py", "complaints/queries/listing.py", "complaints/queries/papers.py", "complaints/queries/proposals.py", "complaints/queries/reaching.py",
    "complaints/queries/report.py", "conversations/queries.py", "insight/queries/dimensions.py", "insight/queries/slices.py", "customers/queries/card.py", "customers/queries/finding.py", "customers/queries/grading.py", "customers/queries/merging.py", "customers/queries/watching.py", "knowledge/queries/articles.py", "matters/queries.py",
    "promises/queries/board.py", "promises/queries/detail.py", "promises/queries/snoozing.py", "promises/queries/team.py", "surveys/queries/answers.py", "surveys/queries/results.py", "web/reads/tasks.py",
}  # fmt: skip
# The product itself at work: channels, reactions, the clock; and the portal, which checks a link or a code first.
THE_PRODUCT = {
    "complaints/intake/group.py", "complaints/queries/searching.py", "jobs/tasks/intakes.py",
    "conversations/holding.py", "channels/portal/front.py", "channels/email/adapter.py", "channels/email/composing.py", "channels/email/flows.py",
    "channels/email/importing.py", "channels/email/receiver.py", "channels/email/threads.py",
    "channels/portal/arrival.py", "channels/portal/mail.py", "channels/portal/senders.py", "channels/portal/telling.py",
    "channels/portal/sharing.py", "channels/portal/surveying.py", "surveys/queries/asking.py",
    "channels/webhook/queries.py", "complaints/queries/links.py", "jobs/complaint_reactions.py",
    "jobs/mail_together/known.py", "jobs/promise_judging.py",
    "jobs/promise_reactions.py", "jobs/tasks/webhooks.py",
    "insight/queries/keeping.py",  # the link of a screen, and what is due to be sent
    "kernel/scope.py", "matters/plain.py", "operations/demo/endings.py", "operations/demo/steps.py", "operations/demo/surveys.py", "promises/queries/due.py",
    "promises/queries/moves.py", "promises/queries/spacing.py",
}  # fmt: skip
RAW_SQL = {
    "complaints/intake/accepting.py", "complaints/intake/group.py", "jobs/mail_together/claiming.py", "jobs/mail_together/known.py", "jobs/nudges.py",
    "calendars/commands.py", "channels/email/commands/intake.py", "channels/email/receiver.py", "complaints/intake/known.py",
    "complaints/queries/searching.py", "identity/queries.py", "insight/queries/running.py", "jobs/clock.py",
    "jobs/tasks/housekeeping.py", "kernel/audit.py", "kernel/blobs.py", "kernel/bell.py", "kernel/events.py", "kernel/guard.py", "kernel/many.py", "kernel/once.py", "kernel/planned/__init__.py", "kernel/prepared.py", "kernel/sealing.py", "kernel/single_write.py",
    "kernel/steady.py", "kernel/throttle.py", "live/hub.py", "matters/commands/matters.py", "operations/archive.py", "operations/backup.py",
    "operations/demo/bulk.py", "operations/ground.py", "operations/postgres.py", "operations/reconciling/evidence.py", "operations/reconciling/run.py", "operations/restore.py", "operations/work.py",
    "promises/commands/telling.py",
}  # fmt: skip


def files_with(pattern: re.Pattern[str]) -> set[str]:
    found = set()
    for path in ROOT.rglob("*.py"):
        name = path.relative_to(ROOT).as_posix()
        if "/tests/" not in name and "/migrations/" not in name and pattern.search(path.read_text("utf-8")):
            found.add(name)
    return found


def test_unscoped_is_used_only_where_the_caller_was_let_in() -> None:
    elsewhere = {n for n in files_with(UNSCOPED) if not re.search(r"/(commands|models)(/|\.py)", n)}
    assert elsewhere - LET_IN - THE_PRODUCT == set(), "read through `objects`, or say here why not"
    assert (LET_IN | THE_PRODUCT) - elsewhere == set(), "no longer used: take it off the list"


def test_no_page_or_api_operation_reads_around_the_scope() -> None:
    edges = {n for n in files_with(UNSCOPED) if n.startswith(("web/", "api/", "live/"))}
    assert edges <= {"web/reads/tasks.py"}  # a column of rows already scoped


def test_raw_sql_is_written_only_where_it_is_listed() -> None:
    assert files_with(RAW) ^ RAW_SQL == set()
