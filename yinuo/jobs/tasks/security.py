"""Mails about accounts."""

from yinuo.jobs import security_mail
from yinuo.jobs.deferring import PATIENT, job


@job("security.mail", queue="mail", retry=PATIENT)
def send(event_id: int) -> str:
    return security_mail.send(event_id)
