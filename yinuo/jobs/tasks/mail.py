"""Mail in and out. Each task may die at any point and be run again; see the flows for why nothing is done twice."""

from yinuo.channels.email import flows
from yinuo.jobs.deferring import BRIEF, job, periodic


@job("mail.understand", queue="mail", retry=BRIEF)
def understand(raw_id: int) -> str:
    """What an earlier version queued; now the worker is rung (`jobs/mails.py`)."""
    return flows.understand_stored(raw_id)


@job("mail.send", queue="mail", retry=BRIEF)
def send(outbound_id: int) -> str:
    return flows.send_queued(outbound_id)


@periodic("* * * * *")
@job("mail.sweep", queue="mail", retry=None)
def sweep(timestamp: int = 0) -> dict[str, int]:
    """Messages whose time to try again has come, and what a dead worker left behind."""
    return {"understood": flows.understand_waiting(), "sent": flows.send_due()}
