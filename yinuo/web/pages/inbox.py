"""The inbox: conversations of every channel, one conversation with its reply, contacts registered by hand."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yinuo.conversations import commands, queries
from yinuo.conversations.models import Channel, Conversation
from yinuo.customers.models import Customer
from yinuo.customers.queries import narrowed
from yinuo.kernel.actor import current_actor
from yinuo.kernel.errors import Missing
from yinuo.matters.models import Matter
from yinuo.matters.plain import BY_HAND, raise_matter, register_contact
from yinuo.promises.models import Promise
from yinuo.web.forms.base import act, submit
from yinuo.web.forms.holding import refill, say
from yinuo.web.forms.inbox import ContactForm, RaiseForm, ReplyForm
from yinuo.web.listing import Column, Filter, Listing, Sort
from yinuo.web.pages.holds import after_saying
from yinuo.web.reads.answering import About
from yinuo.web.reads.recognising import recognise
from yinuo.web.reads.timeline import held_row, interaction_row
from yinuo.web.reads.ways import way
from yinuo.web.render import go, render
from yinuo.web.routes import page
from yinuo.web.shell import address


def _channels() -> list[tuple[str, Any]]:
    return [c for c in Channel.choices if c[0] != Channel.SMS or settings.SMS["gateway"]]


def listing(request: HttpRequest) -> HttpResponse:
    """All channels in one list. Two statements."""
    found = Listing(
        request,
        queries.inbox,
        plan="inbox",
        placeholder=_("客户姓名、拼音首字母、电话后四位"),
        search=lambda rows, q: rows.filter(customer__in=narrowed(Customer.objects.all(), q).values("pk")),
        sorts=(Sort("new", _("最新"), "-last_at"), Sort("new-", _("等得最久"), "last_at")),
        filters=(
            Filter(
                "state", _("状态"), Conversation.State.choices, lambda rows, v: rows.filter(state=v), default="open"
            ),
            Filter(
                "whose",
                _("归属"),
                (("me", _("我的")), ("none", _("没人接"))),
                lambda rows, v: rows.filter(owner_id=current_actor().staff_key if v == "me" else None),
            ),
            Filter("channel", _("渠道"), _channels(), lambda rows, v: rows.filter(channel=v)),
        ),
        columns=(
            Column(_("客户")),
            Column(_("内容")),
            Column(_("渠道")),
            Column(_("接待人"), wide=True),
            Column(_("最近"), sort="new", cls="nowrap"),
        ),
        empty=_("没有等处理的会话。新邮件、网页留言和登记的来电会出现在这里。"),
    )
    return render(request, "inbox/list.jinja", {"section": "inbox", "listing": found}, part="rows")


def conversation(request: HttpRequest, pk: int) -> HttpResponse:
    """One conversation: what was said, the reply, what hangs on it."""
    row = _conversation(pk)
    form = ReplyForm.of(request, {"kind": "consulting", "subject": row.subject})
    form.later = True
    refill(request, form)
    here = reverse("conversation", args=[pk])
    said = say(request, form, commands.queue_reply, "conversation.reply", page=here, conversation_id=pk)
    if said:
        toast = _("回复已排队发送") if row.channel == "email" else _("回复已记下")
        return after_saying(request, said, here, toast)
    return render(request, "inbox/conversation.jinja", _context(row, form))


def thread(request: HttpRequest, pk: int) -> HttpResponse:
    """The messages alone, fetched again when something is said."""
    return render(request, "inbox/thread.jinja", {"said": _said(_conversation(pk).pk)})


def _conversation(pk: int) -> Any:
    row = Conversation.objects.select_related("customer", "owner", "identity").filter(pk=pk).first()
    if row is None:
        raise Missing(_("没有这个会话，或您无权查看"))
    return row


def _said(pk: int) -> list[dict[str, Any]]:
    """Oldest first; at the end what waits to go out. Three statements."""
    return [*map(interaction_row, queries.thread(pk)), *map(held_row, queries.held_for(conversation_id=pk))]


def _context(row: Any, form: ReplyForm) -> dict[str, Any]:
    """Eleven statements at most with the frame's three."""
    return {
        "section": "inbox",
        "conversation": row,
        "form": form,
        "said": _said(row.pk),
        "way": way(About(conversation=row)) if current_actor().may("conversation.reply") else None,
        "matters": list(Matter.objects.filter(conversation_id=row.pk).order_by("-opened_at")[:10]),
        "promises": list(Promise.objects.filter(customer_id=row.customer_id, outstanding=True).order_by("due_at")[:5]),
        "promise_new": address("promise_new"),
        "complaint_register": address("complaint_register"),
    }


@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it, or give it back."""
    mine, version = request.POST.get("give") != "1", request.POST.get("version", "")
    act(
        request,
        commands.assign_conversation,
        conversation_id=pk,
        owner_id=current_actor().staff_id if mine else None,
        expected_version=int(version) if version.isdecimal() and len(version) < 10 else 0,
    )
    return go(request, "conversation", pk, toast=_("已领到您名下") if mine else _("已放回，别人可以接"))


@require_POST
def state(request: HttpRequest, pk: int) -> HttpResponse:
    """Done with it, or not after all."""
    closed = request.POST.get("state") == "closed"
    act(request, commands.set_conversation_state, conversation_id=pk, state="closed" if closed else "open")
    if closed:
        return go(request, "inbox", toast=_("会话已处理完。客户再来消息会自动重新打开。"))
    return go(request, "conversation", pk, toast=_("已重新打开"))


def raise_(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a plain matter from this conversation; a complaint goes to its own registration."""
    row = _conversation(pk)
    form = RaiseForm.of(request, {"kind": "enquiry", "title": row.subject})
    sent = submit(request, form, raise_matter, conversation_id=pk)
    if sent:
        return go(request, "matter", getattr(sent.result, "pk", sent.result), toast=_("事项已登记"))
    context = {
        "section": "inbox",
        "conversation": row,
        "form": form,
        "complaint_register": address("complaint_register"),
    }
    return render(request, "inbox/raise.jinja", context, part="raise")


def _open_matter(given: str) -> Any:
    """The open matter a contact is about, when the page was opened from one."""
    if not given.isdecimal() or len(given) > 17:
        return None
    row = Matter.objects.select_related("customer").filter(pk=int(given), open=True).first()
    if row is None:
        raise Missing(_("没有这个在办的事项，或您无权查看"))
    return row


def register(request: HttpRequest) -> HttpResponse:
    """Write down a call, visit, letter or note; then perhaps open a matter from it."""
    given = request.GET.get("customer", "")
    chosen = Customer.objects.filter(pk=int(given)).first() if given.isdecimal() and len(given) < 18 else None
    about = _open_matter(request.GET.get("matter", ""))
    form = ContactForm.of(request, {"channel": "phone", "direction": "in", "kind": "consulting"})
    who: dict[str, Any] = {"customer_id": chosen.pk} if chosen else {}
    if about or chosen:
        form.fields.pop("customer_id")  # known already: nobody is to be picked
    if about:
        chosen, who = about.customer, {"matter_id": about.pk}
        form.offer("channel", [(c.value, c.label) for c in BY_HAND if c != Channel.NOTE])
    sent = submit(request, form, register_contact, **who)
    if sent and about:
        return go(request, "matter", about.pk, toast=_("已登记，见“经过”"))
    if sent:
        pk = getattr(sent.result, "pk", sent.result)
        follow = request.POST.get("then")
        if follow == "matter":
            return go(request, "conversation_raise", pk, toast=_("已登记，请补充事项"))
        if follow == "complaint" and address("complaint_register"):
            return go(request, f"{reverse('complaint_register')}?conversation={pk}", toast=_("已登记，请补充投诉内容"))
        return go(request, "conversation", pk, toast=_("已登记"))
    context = {
        "section": "inbox",
        "form": form,
        "customer": chosen,
        "matter": about,
        "can_complain": bool(address("complaint_register")),
    }
    if not chosen:
        typed = {name: str(form[name].value() or "") for name in ("phone", "name", "customer_id", "email")}
        context |= recognise(typed["phone"], typed["name"], typed["customer_id"], typed["email"])
    return render(request, "inbox/register.jinja", context)


def who(request: HttpRequest) -> HttpResponse:
    """Who calls, as name and number are typed."""
    got = request.GET
    phone, name, email = got.get("phone", "")[:40], got.get("name", "")[:120], got.get("email", "")[:254]
    return render(request, "complaints/who.jinja", recognise(phone, name, got.get("customer_id", ""), email))


routes = [
    page("inbox/", listing, needs="conversation.read", name="inbox"),
    page("inbox/register/", register, needs="conversation.reply", name="interaction_new"),
    page("inbox/register/who/", who, needs="conversation.reply", name="contact_who"),
    page("inbox/<int:pk>/", conversation, needs="conversation.read", name="conversation"),
    page("inbox/<int:pk>/thread/", thread, needs="conversation.read", name="conversation_thread"),
    page("inbox/<int:pk>/take/", take, needs="conversation.reply", name="conversation_take"),
    page("inbox/<int:pk>/state/", state, needs="conversation.reply", name="conversation_state"),
    page("inbox/<int:pk>/matter/", raise_, needs="matter.open", name="conversation_raise"),
]
