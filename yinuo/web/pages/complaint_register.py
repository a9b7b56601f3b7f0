"""Registering a complaint while the customer is on the phone: who calls, what was similar, the form."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from yinuo.complaints.commands.accepted import OPEN_TO_PEOPLE, register_by_hand
from yinuo.complaints.commands.registration import register
from yinuo.complaints.models import AcceptedIntake
from yinuo.complaints.queries.detail import raised_from
from yinuo.complaints.queries.guidance import guidance
from yinuo.complaints.queries.searching import similar_cases
from yinuo.complaints.rules.choices import Channel
from yinuo.complaints.states import Stage
from yinuo.conversations.queries import last_inbound
from yinuo.customers.models import Customer
from yinuo.web.forms.base import submit
from yinuo.web.forms.complaint_register import CHANNELS, RegisterForm
from yinuo.web.pages.complaints import READ
from yinuo.web.reads.recognising import number, recognise
from yinuo.web.render import go, render
from yinuo.web.routes import page


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
        known = Customer.objects.filter(pk=customer_id, merged_into=None).values_list("name", flat=True).first()
        initial.setdefault("name", (known or "")[:80])
    conversation_id = number(got.get("conversation", ""))
    said = last_inbound(conversation_id) if conversation_id else None
    return (initial | from_conversation(said), said) if said else (initial, None)


def draft_key(said: Any, accepted: AcceptedIntake | None, customer_id: int | None) -> str:
    """What is typed is kept apart for each source the form is filled in from."""
    if accepted:
        return f"complaint-register:intake:{accepted.pk}"
    if said:
        return f"complaint-register:message:{said.pk}"
    return f"complaint-register:customer:{customer_id}" if customer_id else "complaint-register"


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
    typed = form.is_bound or said or not values["customer_id"]  # else the name is that of the customer who was chosen
    known = recognise(values["phone"], values["name"] if typed else "", values["customer_id"], values["email"])
    cases = similar_cases(values["content"]) if len(values["content"]) >= 4 else []
    return render(
        request,
        "complaints/register.jinja",
        {
            "section": "complaints",
            "form": form,
            "draft": draft_key(said, accepted, number(request.GET.get("customer", ""))),
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
