"""Registering a complaint while the customer is on the phone: who calls, what was similar, the form."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from yinuo.complaints.commands.accepted import OPEN_TO_PEOPLE, register_by_hand
from yinuo.complaints.commands.registration import register
from yinuo.complaints.models import AcceptedIntake
from yinuo.complaints.queries.detail import raised_from
from yinuo.complaints.queries.guidance import guidance
from yinuo.complaints.queries.listing import complaints_page
from yinuo.complaints.queries.searching import similar_cases
from yinuo.complaints.rules.choices import Channel
from yinuo.complaints.states import Stage
from yinuo.conversations.queries import last_inbound
from yinuo.customers.models import Customer
from yinuo.customers.queries import Duplicate, duplicates
from yinuo.web.forms.base import submit
from yinuo.web.forms.complaint_register import CHANNELS, RegisterForm
from yinuo.web.pages.complaints import READ
from yinuo.web.render import go, render
from yinuo.web.routes import page

WHY = {
    "phone": gettext_lazy("电话相同"),
    "email": gettext_lazy("邮箱相同"),
    "name": gettext_lazy("同名"),
    "uscc": gettext_lazy("信用代码相同"),
    "picked": gettext_lazy("已选定"),
    "wechat": gettext_lazy("微信相同"),
}


def recognise(phone: str, name: str, picked: str = "", email: str = "") -> dict[str, Any]:
    """Who this may be, for the form; the sole verified match by phone is chosen already."""
    phone, name = phone.strip(), name.strip()
    looked = len(phone) >= 7 or len(name) >= 2
    pairs = [(kind, value) for kind, value in (("phone", phone), ("email", email)) if value]
    found = duplicates(name=name if len(name) >= 2 else "", identities=pairs) if looked else []
    sure = [d for d in found if d.by == "phone" and d.verified]  # anybody may have typed an unproved one on the portal
    who = []
    if picked and picked not in {str(d.customer.pk) for d in found}:
        one = Customer.objects.filter(pk=number(picked) or 0, merged_into=None).first()
        found = [Duplicate(one, "picked"), *found] if one else found
        sure = found[:1] if one else sure
    for d in found[:5]:
        chosen_one = str(d.customer.pk) == picked if picked else len(sure) == 1 and d is sure[0]
        bits = [d.customer.get_kind_display(), d.customer.region, d.customer.get_status_display()]
        open_rows = complaints_page({"customer": str(d.customer.pk), "open": "1"}, size=3).rows if chosen_one else []
        who.append(
            {
                "customer": d.customer,
                "why": WHY.get(d.by, d.by),
                "verified": d.verified,
                "chosen": chosen_one,
                "line": " · ".join(b for b in bits if b),
                "open": open_rows,
            }
        )
    return {"who": who, "looked": looked, "new_allowed": not sure}


@require_GET
def who(request: HttpRequest) -> HttpResponse:
    got = request.GET
    found = recognise(got.get("phone", "")[:40], got.get("name", "")[:80], got.get("customer_id", ""))
    return render(request, "complaints/who.jinja", found)


@require_http_methods(["GET", "POST"])
def similar(request: HttpRequest) -> HttpResponse:
    """By POST while it is being written: a long complaint does not fit into an address."""
    text = (request.POST if request.method == "POST" else request.GET).get("content", "")[:4000]
    exclude = request.GET.get("exclude", "")
    cases = (
        similar_cases(text, exclude_id=int(exclude) if exclude.isdecimal() else None) if len(text.strip()) >= 4 else []
    )
    return render(request, "complaints/similar.jinja", {"similar": cases, "looked_similar": len(text.strip()) >= 4})


def number(text: str) -> int | None:
    """A primary key in an address, or None."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


def from_conversation(said: Any) -> dict[str, Any]:
    """What a call, a visit or a message that was written down already tells the form."""
    customer = said.conversation.customer
    return {
        "channel": said.channel if said.channel in Channel.values else "phone",
        "content": said.text,
        "name": customer.name[:80],
        "customer_id": customer.pk,
        "interaction_id": said.pk,
        "title": said.subject[:120],
    }


def from_accepted(row: AcceptedIntake) -> dict[str, Any]:
    """What a program sent and could not be registered. Phone and address stay where they are: left empty here, those
    of the input count.
    """
    kept = {name: row.given[name] for name in RegisterForm.base_fields if row.given.get(name)}
    apart = ("phone", "email", "customer_id", "interaction_id", "received_at")
    return {"accepted_id": row.pk, **{name: value for name, value in kept.items() if name not in apart}}


def refused_intake(text: str) -> AcceptedIntake | None:
    found: AcceptedIntake | None = AcceptedIntake.objects.filter(pk=number(text) or 0, state__in=OPEN_TO_PEOPLE).first()
    return found


def started(request: HttpRequest) -> tuple[dict[str, Any], Any]:
    """What the form starts with, and the words of the customer it comes from, if any."""
    got = request.GET
    initial: dict[str, Any] = {"channel": "phone", "customer_kind": "person", "severity": "ordinary"}
    initial |= {name: got[name] for name in RegisterForm.base_fields if got.get(name)}
    if customer_id := number(got.get("customer", "")):
        initial["customer_id"] = customer_id
    conversation_id = number(got.get("conversation", ""))
    said = last_inbound(conversation_id) if conversation_id else None
    return (initial | from_conversation(said), said) if said else (initial, None)


@require_http_methods(["GET", "POST"])
def registration(request: HttpRequest) -> HttpResponse:
    initial, said = started(request)
    came = request.POST.get("accepted_id") or request.GET.get("accepted")
    accepted = refused_intake(came) if came else None
    form = RegisterForm.of(request, initial | from_accepted(accepted) if accepted else initial)
    if said and said.channel in Channel.values and said.channel not in dict(CHANNELS):
        form.offer("channel", [*CHANNELS, (said.channel, said.get_channel_display())])
    if came:
        form.offer("channel", Channel.choices)
    sent = submit(request, form, register_by_hand if came else register)
    if sent:
        pk = sent.result if sent.repeated else sent.result.pk
        return go(request, "complaint", pk, toast=_("已登记。请把编号告诉客户，并复述一遍。"))
    values = {name: str(form[name].value() or "") for name in ("phone", "name", "email", "content", "customer_id")}
    known = recognise(values["phone"], values["name"], values["customer_id"], values["email"])
    cases = similar_cases(values["content"]) if len(values["content"]) >= 4 else []
    return render(
        request,
        "complaints/register.jinja",
        {
            "section": "complaints",
            "form": form,
            "prefilled": bool(said or accepted or request.GET.get("customer")),
            "accepted": accepted,
            "said": said,
            "raised": raised_from(said.pk) if said else None,
            "guide": guidance(Stage.RECEIVED),
            "similar": cases,
            "looked_similar": bool(cases),
            **known,
        },
    )


routes = [
    page("complaints/register/", registration, needs="complaint.register", name="complaint_register"),
    page("complaints/register/who/", who, needs="complaint.register", name="complaint_who"),
    page("complaints/register/similar/", similar, needs=READ, name="complaint_similar"),
]
