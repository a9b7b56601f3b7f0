"""By which way a code reaches a customer. One function per way; settings say which are tried, in order.

Text messages are tried only where a gateway is set up. See docs/decisions/portal-identity.md and docs/sms.md.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from yinuo.channels.portal.mail import address_of_case, write_mail
from yinuo.conversations.commands import add_interaction, open_conversation
from yinuo.conversations.models import Channel, Conversation, Interaction
from yinuo.kernel.actor import Actor
from yinuo.kernel.errors import TooMany
from yinuo.kernel.events import emit
from yinuo.kernel.throttle import count_try
from yinuo.matters.models import Matter

Sender = Callable[[Matter, str, str, str, Actor, datetime], Interaction | None]
_MOBILE = re.compile(r"^\+861[3-9]\d{9}$")
#: Whoever asks for the codes of many cases of one phone does not make it ring all day.
PER_PHONE = ((3, timedelta(hours=1)), (8, timedelta(days=1)))


def by_email(matter: Matter, subject: str, text: str, code: str, by: Actor, at: datetime) -> Interaction | None:
    """None when the customer left no address with the case."""
    identity = address_of_case(matter)
    if identity is None:
        return None
    sent: Interaction = write_mail(
        matter=matter, identity=identity, subject=subject, text=text, apart="code", by=by, at=at
    )
    return sent


def by_sms(matter: Matter, subject: str, text: str, code: str, by: Actor, at: datetime) -> Interaction | None:
    """None when the customer left no mobile phone with the case, or it was sent enough."""
    identity = address_of_case(matter, "phone")
    if identity is None or not _MOBILE.match(identity.value) or _enough(identity.value, at):
        return None
    key = f"code:{matter.pk}"
    thread = Conversation.unscoped.filter(thread_key=key, channel=Channel.SMS, identity=identity).first()
    if thread is None:
        thread = open_conversation(
            channel=Channel.SMS, customer_id=matter.customer_id, subject=matter.number, identity_id=identity.pk,
            owner_id=matter.owner_id, unit_id=matter.unit_id, thread_key=key, by=by, at=at,
        )  # fmt: skip
        Conversation.unscoped.filter(pk=thread.pk).update(state=Conversation.State.CLOSED)
    words = _("验证码 %(code)s，10 分钟内有效，用于查看事项 %(number)s。请勿告诉任何人。")
    sent: Interaction = add_interaction(
        conversation=thread, direction="out", kind="information", subject=subject, delivery="queued",
        text=words % {"code": code, "number": matter.number}, author_name=_("一诺"), to_address=identity.value,
        by=by, at=at,
    )  # fmt: skip
    emit("portal.code_by_sms", interaction_id=sent.pk, code=code)
    return sent


def _enough(phone: str, at: datetime) -> bool:
    try:
        for times, window in PER_PHONE:
            count_try(f"sms.{window.days}:{phone}", limit=times, window=window, at=at)
    except TooMany:
        return True
    return False


SENDERS: dict[str, Sender] = {"sms": by_sms, "email": by_email}


def ways() -> list[str]:
    """The ways that are switched on, in the order they are tried."""
    wanted = [way for way in settings.PORTAL_CODE_WAYS if way in SENDERS]
    return wanted if settings.SMS["gateway"] else [way for way in wanted if way != "sms"]
