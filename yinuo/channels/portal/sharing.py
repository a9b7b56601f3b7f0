"""The link a customer may pass on. It names a row, so the customer can switch it off; it opens one page."""

from datetime import datetime

from yinuo.channels.portal.links import SHARED
from yinuo.channels.portal.models import Share
from yinuo.channels.portal.rules import SHARE_LIFE
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid
from yinuo.kernel.tokens import sign, unsign
from yinuo.matters.commands import locked_matter


@command("portal.share", needs="portal.use")
def share(*, matter_id: int, by: Actor, at: datetime) -> Share:
    """A link to pass on. While one is good there is no second."""
    matter = locked_matter(matter_id)
    row = standing(matter.pk, at)
    if row is None:
        row = Share.unscoped.create(matter=matter, made_at=at, expires_at=at + SHARE_LIFE)
    record(row, {"until": row.expires_at.isoformat()}, matter_id=matter.pk)
    return row


@command("portal.stop_sharing", needs="portal.use")
def stop_sharing(*, matter_id: int, by: Actor, at: datetime) -> int:
    """Every link passed on opens nothing any more."""
    matter = locked_matter(matter_id)
    ended = Share.unscoped.filter(matter=matter, ended_at=None).update(ended_at=at)
    record(matter, {"ended": ended}, matter_id=matter.pk)
    return ended


def standing(matter_id: int, at: datetime) -> Share | None:
    """The link in use, seen by whoever holds the case. One statement."""
    rows = Share.objects.filter(matter_id=matter_id, ended_at=None, expires_at__gt=at)
    found: Share | None = rows.order_by("-made_at").first()
    return found


def share_token(row: Share) -> str:
    return sign(SHARED, row.pk, row.expires_at)


def shared_matter(token: str, at: datetime) -> int:
    """The case a passed-on link shows; raises `Invalid` like any link that is no good any more."""
    number = unsign(SHARED, token)
    row = Share.unscoped.filter(pk=number if isinstance(number, int) else 0, ended_at=None, expires_at__gt=at).first()
    if row is None:
        raise Invalid("", code="token_expired")
    return int(row.matter_id)
