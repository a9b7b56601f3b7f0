"""Monthly reports by e-mail."""

from yinuo.jobs import reports
from yinuo.jobs.deferring import BRIEF, job, periodic


@job("reports.send", queue="mail", retry=BRIEF)
def send(mail_id: int) -> str:
    return reports.send(mail_id)


@periodic("* * * * *")
@job("reports.send_due", queue="mail", retry=None)
def send_due(timestamp: int = 0) -> dict[str, int]:
    """Schedules whose time has come, reports whose time to try again has, and what a dead worker left behind."""
    return reports.send_due()
