"""A follow-up was done, and the next one is planned: what is planned is owed like any promise."""

from datetime import date, datetime

from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.promises.commands.applying import make_by_standard
from yinuo.promises.commands.fulfilling import keep_promise
from yinuo.promises.models import Promise


@command("promise.follow_up", needs="promise.handle")
def follow_up(
    *, promise_id: int, text: str, next_on: date | str | None = None, expected_version: int | None = None, by: Actor,
    at: datetime,
) -> Promise:  # fmt: skip
    """Note what was done; with `next_on` the next one is planned for that day. Returns what is owed next."""
    done: Promise = keep_promise(promise_id=promise_id, text=text, expected_version=expected_version, by=by, at=at)
    record(done, {"next_on": str(next_on or "")}, matter_id=done.matter_id)
    if not next_on or done.standard is None:
        return done
    planned: Promise = make_by_standard(
        standard=done.standard.key,
        agreed_on=next_on,
        customer_id=done.customer_id,
        owner_id=done.owner_id,
        by=by,
        at=at,
    )
    return planned
