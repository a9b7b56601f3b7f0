"""A mail as it came: its own layout, its raw file, and what to do about a sender nobody knows."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from markupsafe import Markup

from yinuo.channels.email import queries
from yinuo.channels.email.commands.outbound import resend
from yinuo.channels.email.commands.senders import accept_sender, separate_sender
from yinuo.channels.email.models import OutboundMessage
from yinuo.channels.email.wording import PROBLEMS
from yinuo.conversations.models import Interaction
from yinuo.kernel.actor import current_actor
from yinuo.kernel.errors import Missing
from yinuo.kernel.text import mask_email
from yinuo.web.forms.base import act
from yinuo.web.middleware import live_sources
from yinuo.web.render import go, render
from yinuo.web.routes import page


@require_GET
def original(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole mail with its layout. Remote images stay off until asked for, and then only on this page."""
    images = request.GET.get("images") == "1"
    shown = queries.original(pk, images=images, link=lambda file: reverse("attachment", args=[file]))
    if shown is None:
        raise Missing(_("没有这封邮件，或您无权查看"))
    raw = shown["raw"]
    context = {
        "section": "inbox",
        **shown,
        "body": Markup(shown["body"]),  # noqa: S704 sanitised in the query
        "images": images,
        "sender": _sender(raw),
        "problems": [PROBLEMS.get(code, code) for code in raw.problems] if raw else [],
    }
    response = render(request, "mailboxes/original.jinja", context)
    if images:
        # The reader asked for it: this one answer may load pictures from elsewhere, and tells them nothing.
        response.headers["Content-Security-Policy"] = (
            f"default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; {live_sources(request)}; "
            "font-src 'self'; img-src 'self' data: https: http:; form-action 'self'; base-uri 'none'; "
            "frame-ancestors 'none'"
        )
        response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _sender(raw: Any) -> str:
    """Who decides whether a stranger belongs here must see the whole address: one letter is what a fake differs by."""
    if raw is None:
        return ""
    return str(raw.sender) if current_actor().may("customer.reveal") else mask_email(raw.sender)


def _conversation_of(pk: int) -> int:
    found = Interaction.objects.filter(pk=pk).values_list("conversation_id", flat=True).first()
    if found is None:
        raise Missing(_("没有这封邮件，或您无权查看"))
    return int(found)


@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    act(request, accept_sender, interaction_id=pk)
    return go(request, "conversation", _conversation_of(pk), toast=_("已确认发件人，此人以后的来信也归入这个会话"))


@require_POST
def separate(request: HttpRequest, pk: int) -> HttpResponse:
    act(request, separate_sender, interaction_id=pk)
    return go(request, "conversation", _conversation_of(pk), toast=_("已单独立为一个会话"))


@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a mail again that could not be sent."""
    message = OutboundMessage.objects.filter(interaction_id=pk).first()
    if message is None:
        raise Missing(_("没有这封待发邮件"))
    act(request, resend, outbound_id=message.pk)
    return go(request, "conversation", _conversation_of(pk), toast=_("已重新排队发送"))


routes = [
    page("mail/<int:pk>/", original, needs="conversation.read", name="mail_original"),
    page("mail/<int:pk>/accept/", accept, needs="conversation.reply", name="mail_accept"),
    page("mail/<int:pk>/separate/", separate, needs="conversation.reply", name="mail_separate"),
    page("mail/<int:pk>/again/", again, needs="conversation.reply", name="mail_again"),
]
