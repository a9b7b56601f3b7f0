"""Carrying a questionnaire to a customer: by mail, by text message, on the progress page, or to whoever calls."""

import re
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from yinuo.channels.portal.mail import address_of_case
from yinuo.conversations.commands import add_interaction, open_conversation, reply_to
from yinuo.conversations.models import Channel, Conversation
from yinuo.customers.models import ChannelIdentity
from yinuo.customers.queries import mail_address
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import nothing_done
from yinuo.kernel.command import command
from yinuo.kernel.events import emit
from yinuo.matters.models import Matter
from yinuo.surveys.commands import mark_sent
from yinuo.surveys.commands.inviting import locked_invitation, setting
from yinuo.surveys.links import answer_token
from yinuo.surveys.models import Invitation

Way = Invitation.Way
#: Of these scales every step stands in the mail, so that one touch there and one on the page are enough.
TOUCHED = ("csat",)
_MOBILE = re.compile(r"^\+861[3-9]\d{9}$")


def survey_link(token: str, score: int | None = None) -> str:
    address = f"{settings.PUBLIC_URL}{reverse('portal_survey', args=[token])}"
    return address if score is None else f"{address}?s={score}"


@command("survey.carry", internal=True)
def carry_invitation(*, invitation_id: int, by: Actor, at: datetime) -> str:
    """Send it by the way that was wanted, else by the first that reaches the customer; says which."""
    row = locked_invitation(invitation_id)
    if row is None or row.state != Invitation.State.PLANNED:
        nothing_done()
        return ""
    matter = _with_conversation(row)
    mail, mobile = _mail(row, matter), _mobile(row, matter)
    can = {
        Way.EMAIL: mail is not None, Way.SMS: mobile is not None, Way.PORTAL: matter is not None and _own(matter),
        Way.PHONE: _has_phone(row),
    }  # fmt: skip
    way = next((w for w in (row.wanted_way, *can) if w and can[Way(w)]), "")
    token = answer_token(row.pk, at + timedelta(days=setting().valid_days))
    if way == Way.EMAIL and mail is not None:
        _write_mail(row, mail, token, by, at)
    elif way == Way.SMS and mobile is not None:
        _write_sms(row, mobile, token, by, at)
    mark_sent(invitation_id=row.pk, way=way, by=by, at=at)
    return way


def _with_conversation(row: Invitation) -> Matter | None:
    if row.matter_id is None:
        return None
    return Matter.unscoped.select_related("conversation__identity", "complaint").get(pk=row.matter_id)


def _mail(row: Invitation, matter: Matter | None) -> ChannelIdentity | None:
    return address_of_case(matter) if matter else mail_address(row.customer_id)


def _mobile(row: Invitation, matter: Matter | None) -> ChannelIdentity | None:
    """Only a gateway that takes any words: one with a template for codes cannot carry a link."""
    if settings.SMS["gateway"] != "http":
        return None
    found = address_of_case(matter, "phone") if matter else _phones(row).order_by("pk").first()
    return found if found and _MOBILE.match(found.value) else None


def _own(matter: Matter) -> bool:
    """Whether the customer came by the portal, and so knows the progress page."""
    return matter.channel == Channel.PORTAL


def _phones(row: Invitation) -> QuerySet[ChannelIdentity]:
    return ChannelIdentity.unscoped.filter(
        customer_id=row.customer_id, kind="phone", active=True, verified_at__isnull=False
    )


def _has_phone(row: Invitation) -> bool:
    return ChannelIdentity.unscoped.filter(customer_id=row.customer_id, kind="phone", active=True).exists()


def _thread(row: Invitation, channel: str, identity: ChannelIdentity, by: Actor, at: datetime) -> Conversation:
    """A thread that waits for nobody: it does not stand in the inbox until the customer writes."""
    made: Conversation = open_conversation(
        channel=channel, customer_id=row.customer_id, subject=row.edition.title, identity_id=identity.pk,
        owner_id=row.owner_id, unit_id=row.unit_id, thread_key=f"survey:{row.pk}", by=by, at=at,
    )  # fmt: skip
    Conversation.unscoped.filter(pk=made.pk).update(state=Conversation.State.CLOSED)
    return made


def _write_mail(row: Invitation, identity: ChannelIdentity, token: str, by: Actor, at: datetime) -> None:
    about = row.matter.number if row.matter else ""
    first = row.edition.questions[0]
    if row.questionnaire.kind in TOUCHED:
        lines = [f"{first.label(step)}：{survey_link(token, step)}" for step in reversed(first.steps)]
        how = "{}\n\n{}".format(_("点一下您的感受，再在打开的页面上按“提交”就好："), "\n".join(lines))
    else:
        how = _("请打开下面的页面：\n%(link)s") % {"link": survey_link(token)}
    words = [_("您好，%(title)s") % {"title": row.edition.title}]
    words += [_("这次说的是事项 %(number)s。") % {"number": about}] if about else []
    words += [row.edition.intro] if row.edition.intro else []
    words += [how, promise_of(row)]
    reply_to(
        conversation=_thread(row, Channel.EMAIL, identity, by, at), text="\n\n".join(words), kind="information",
        subject=f"{row.edition.title}（{about}）" if about else row.edition.title, author_name=_("一诺"), by=by, at=at,
    )  # fmt: skip


def promise_of(row: Invitation) -> str:
    """How the answer is kept, said before it is given."""
    days = setting().valid_days
    if row.questionnaire.anonymity == "always":
        return _("这是匿名问卷：答卷里不记您是谁，也不记时间。链接 %(days)d 天内有效，只能答一次。") % {"days": days}
    if row.questionnaire.anonymity == "choice":
        return _("可以匿名。链接 %(days)d 天内有效，只能答一次。") % {"days": days}
    return _("链接 %(days)d 天内有效，只能答一次。") % {"days": days}


def _write_sms(row: Invitation, identity: ChannelIdentity, token: str, by: Actor, at: datetime) -> None:
    sent = add_interaction(
        conversation=_thread(row, Channel.SMS, identity, by, at), direction="out", kind="information",
        subject=row.edition.title, delivery="queued", author_name=_("一诺"), to_address=identity.value,
        text=_("%(title)s点开就能答：%(link)s") % {"title": row.edition.title, "link": survey_link(token)},
        by=by, at=at,
    )  # fmt: skip
    emit("portal.code_by_sms", interaction_id=sent.pk, code="")
