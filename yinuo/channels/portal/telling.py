"""Mail that follows from what happened to a case. Called as reactions, in the transaction of what they follow."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from yinuo.calendars.wording import moment_text
from yinuo.channels.portal import links
from yinuo.channels.portal.mail import address_of_case, write_mail
from yinuo.channels.portal.queries import expected
from yinuo.complaints.models import Agreement
from yinuo.complaints.rules.choices import Satisfaction
from yinuo.conversations.models import Channel, Conversation, Interaction
from yinuo.kernel.actor import Actor
from yinuo.kernel.events import Event
from yinuo.matters.commands import attach_interaction
from yinuo.matters.models import Matter, TimelineEntry


def _matter(matter_id: int) -> Matter:
    return Matter.unscoped.select_related("conversation__identity", "customer").get(pk=matter_id)


def _mail(matter: Matter, subject: str, text: str, at: datetime) -> None:
    identity = address_of_case(matter)
    if identity is not None:
        write_mail(matter=matter, identity=identity, subject=subject, text=text, by=Actor.system("portal"), at=at)


def send_receipt(event: Event, at: datetime) -> None:
    """On `portal.submitted`: number, link and what happens next, by when. The query code stays on the screen where
    it was shown: whoever reads this mailbox can have a code sent there.
    """
    matter = _matter(event.data["matter_id"])
    promised = "\n".join(
        _("· %(says)s（%(due)s 前）") % {"says": e.says, "due": moment_text(e.due_at)} for e in expected(matter, at)
    )
    text = _(
        "您好，您的来信已经收到。\n\n编号：%(number)s\n查看进展：%(link)s\n\n%(promised)s\n\n"
        "链接可以转发，页面上没有您的个人信息。看详细内容请用回执上的查询码，或在页面上把验证码发到这个邮箱。"
    ) % {
        "number": matter.number,
        "link": links.case_link(matter.pk, at),
        "promised": promised,
    }
    _mail(matter, _("已收到您的来信（%(number)s）") % {"number": matter.number}, text, at)


def send_restatement(event: Event, at: datetime) -> None:
    """On `complaint.restated` by e-mail: please check whether we understood you. A mere link is handed over by hand."""
    if event.data.get("via") != "email":
        return
    matter = _matter(event.data["matter_id"])
    link = links.restatement_link(matter.pk, event.data["restatement_id"], at)
    text = _(
        "您好，请核对我们登记的内容是否和您说的一致，点开后按一下就好：\n%(link)s\n\n有不对的地方，也请在那里告诉我们。"
    )
    _mail(matter, _("请核对登记内容（%(number)s）") % {"number": matter.number}, text % {"link": link}, at)


def send_agreement(event: Event, at: datetime) -> None:
    """On `complaint.agreement_offered` by e-mail: the agreement to read, sign or refuse."""
    if event.data.get("via") != "email":
        return
    matter = _matter(event.data["matter_id"])
    offered = Agreement.unscoped.get(pk=event.data["agreement_id"])
    link = links.agreement_link(matter.pk, offered.pk, offered.expires_at)
    text = _(
        "您好，处理协议已准备好，请在 %(until)s 前查看。同意可以在页面上签名确认，不同意也请告诉我们原因：\n%(link)s"
    )
    values = {"until": moment_text(offered.expires_at), "link": link}
    _mail(matter, _("请查看处理协议（%(number)s）") % {"number": matter.number}, text % values, at)


def send_rating(event: Event, at: datetime) -> None:
    """On `complaint.stage_changed` to the callback: how did we do."""
    if event.data.get("to") != "callback":
        return
    matter = _matter(event.data["matter_id"])
    text = _("您好，商定的事项已全部落实。您满意吗？点一下您的感受，再按“提交评价”就好：\n\n%(link)s")
    link = links.rating_link(matter.pk, at)
    levels = "\n".join(f"{label}：{link}?s={value}" for value, label in Satisfaction.choices)
    _mail(matter, _("请您评价（%(number)s）") % {"number": matter.number}, text % {"link": levels}, at)


def publish_reply(event: Event, at: datetime) -> None:
    """On `interaction.published`: an answer stands on the portal. It joins the case's story, and a
    mail says so without repeating it.
    """
    thread = Conversation.unscoped.filter(pk=event.data["conversation_id"], channel=Channel.PORTAL).first()
    if thread is None:
        return
    own = Q(conversation=thread) | Q(pk=_case_of(thread))
    matter = Matter.unscoped.select_related("conversation__identity", "customer").filter(own).order_by("pk").first()
    if matter is None:
        return
    _join_story(matter, event.data["interaction_id"], at)
    text = _("您好，我们给您回了信。请打开下面的页面，输入查询码（或发到这个邮箱的验证码）后阅读：\n%(link)s")
    link = links.case_link(matter.pk, at)
    _mail(matter, _("您有新的答复（%(number)s）") % {"number": matter.number}, text % {"link": link}, at)


def _case_of(thread: Conversation) -> int:
    """The case a portal thread beside another conversation belongs to (`arrival.thread_of_case`)."""
    label, _colon, number = thread.thread_key.partition(":")
    return int(number) if label == "portal" and number.isdecimal() else 0


def _join_story(matter: Matter, interaction_id: int, at: datetime) -> None:
    system = Actor.system("portal")
    if not TimelineEntry.unscoped.filter(matter=matter, interaction_id=interaction_id).exists():
        said = Interaction.unscoped.get(pk=interaction_id)
        attach_interaction(matter=matter, interaction=said, public=True, kind="replied", by=system, at=at)
