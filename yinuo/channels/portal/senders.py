"""By which way a code reaches a customer. One function per way; settings say which are tried, in order.

A text message needs an adapter of the channel contract for a gateway: add its function to `SENDERS` and its name
to `YINUO_PORTAL_CODE_WAYS`. See docs/decisions/portal-identity.md.
"""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings

from yinuo.channels.portal.mail import address_of_case, write_mail
from yinuo.conversations.models import Interaction
from yinuo.kernel.actor import Actor
from yinuo.matters.models import Matter

Sender = Callable[[Matter, str, str, Actor, datetime], Interaction | None]


def by_email(matter: Matter, subject: str, text: str, by: Actor, at: datetime) -> Interaction | None:
    """None when the customer left no address with the case."""
    identity = address_of_case(matter)
    if identity is None:
        return None
    sent: Interaction = write_mail(
        matter=matter, identity=identity, subject=subject, text=text, apart="code", by=by, at=at
    )
    return sent


SENDERS: dict[str, Sender] = {"email": by_email}


def ways() -> list[str]:
    """The ways that are switched on, in the order they are tried."""
    wanted = settings.PORTAL_CODE_WAYS
    return [way for way in wanted if way in SENDERS]
