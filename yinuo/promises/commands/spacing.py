"""Keeping the shortest gap between two of the same for a customer, whoever of us did the last one."""

from datetime import datetime

from django.utils.translation import gettext as _

from yinuo.calendars.wording import day_text, moment_text, span_text
from yinuo.kernel.clock import CST
from yinuo.kernel.errors import Refused
from yinuo.promises.models import Promise
from yinuo.promises.queries.spacing import last_done, next_allowed
from yinuo.promises.rules.standard import Sense, StandardSpec


def refuse_too_soon(spec: StandardSpec, customer_id: int | None, when: datetime, field: str) -> None:
    """Refuses, saying who did the last one and from when on the next may be."""
    if spec.sense is not Sense.MINIMUM_GAP or customer_id is None:
        return
    last = last_done(customer_id, spec.obligation)
    free = next_allowed(spec, last)
    if last is None or last.kept_at is None or free is None or when >= free:
        return
    shown = day_text(free.astimezone(CST).date()) if spec.clock.in_days else moment_text(free)
    values = {
        "title": spec.title, "gap": span_text(spec.span), "last": moment_text(last.kept_at),
        "who": last.owner.name if last.owner else _("无人"), "free": shown,
    }  # fmt: skip
    sentence = _("“%(title)s”至少间隔 %(gap)s：%(who)s 在 %(last)s 刚做过，%(free)s 起才可以再做") % values
    raise Refused(sentence, fields={field: sentence}, code="too_soon")


def check_spacing(promise: Promise, at: datetime) -> None:
    refuse_too_soon(promise.spec, promise.customer_id, at, "text")
