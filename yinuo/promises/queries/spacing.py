"""When something with a shortest gap was done last for a customer, and from when on it may be done again."""

from datetime import datetime

from yinuo.calendars.queries import current_book, path_ids
from yinuo.promises.models import Promise
from yinuo.promises.rules.spacing import allowed_from
from yinuo.promises.rules.standard import StandardSpec


def last_done(customer_id: int, obligation: str) -> Promise | None:
    """Whoever did it: colleagues of one customer keep the gap together. One statement."""
    done = Promise.unscoped.filter(customer_id=customer_id, obligation=obligation, kept_at__isnull=False)
    return done.select_related("owner", "unit").order_by("-kept_at").first()


def next_allowed(spec: StandardSpec, last: Promise | None) -> datetime | None:
    """None: at any time."""
    if last is None or last.kept_at is None:
        return None
    calendar = current_book().calendar(path_ids(last.unit.path) if last.unit else ())
    return allowed_from(last.kept_at, spec.span, calendar)
