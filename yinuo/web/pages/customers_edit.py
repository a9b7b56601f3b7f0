"""Writing on the customer card."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yinuo.customers import commands, queries
from yinuo.customers.models import ChannelIdentity, Customer
from yinuo.kernel import clock
from yinuo.kernel.clock import CST
from yinuo.kernel.errors import Missing
from yinuo.web.forms.base import act, submit
from yinuo.web.forms.customers import (
    MASKED,
    CardForm,
    ContactForm,
    GradeForm,
    IdentityForm,
    NewCustomerForm,
    NoteForm,
    RevealForm,
)
from yinuo.web.render import go, render
from yinuo.web.routes import page


def _customer(pk: int) -> Customer:
    row = Customer.objects.filter(pk=pk).first()
    if row is None:
        raise Missing(_("没有这位客户，或您无权查看"))
    return row


def new(request: HttpRequest) -> HttpResponse:
    """A new customer, after the duplicate check."""
    initial = {
        "kind": request.GET.get("kind", "person"),
        "status": "potential",
        "phone": request.GET.get("phone", ""),
        "name": request.GET.get("name", ""),
    }
    form = NewCustomerForm.of(request, initial)
    sent = submit(request, form, commands.create_customer)
    if sent:
        return go(request, "customer", getattr(sent.result, "pk", sent.result), toast=_("客户已建档"))
    return render(request, "customers/edit.jinja", {"section": "customers", "form": form, "customer": None})


def check(request: HttpRequest) -> HttpResponse:
    """Who this may already be, as it is typed. Two statements."""
    given = request.GET
    name = given.get("name", "").strip()[:120]
    found = queries.duplicates(
        name=name,
        identities=[(kind, given.get(kind, "")[:254]) for kind in ("phone", "email") if given.get(kind)],
        uscc=given.get("uscc", "")[:30],
    )
    return render(request, "customers/duplicates.jinja", {"found": found})


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Page one of the card; a save over somebody else's is shown with both."""
    customer = _customer(pk)
    initial: dict[str, Any] = {name: getattr(customer, name) for name in commands.EDITABLE}
    initial |= {f"profile_{key}": value for key, value in customer.profile.items()}
    kept = [name for name in MASKED if initial.pop(name, "")]
    form = CardForm.of(request, initial, version=customer.version)
    for name in kept:
        form.fields[name].help_text = _("已有内容，留空不改；要看原内容，请在客户卡上写明理由查看")
    sent = submit(request, form, commands.edit_customer, stale=True, customer_id=pk)
    if sent:
        return go(request, "customer", pk, toast=_("客户资料已保存"))
    commands.note_viewed(customer_id=pk)
    return render(request, "customers/edit.jinja", {"section": "customers", "form": form, "customer": customer})


def small_form(
    request: HttpRequest, pk: int, form: Any, sent: Any, title: str, toast: str, *, tab: str = "1", **more: Any
) -> HttpResponse:
    if sent:
        from django.urls import reverse

        return go(request, reverse("customer", args=[pk]) + ("?tab=2" if tab == "2" else ""), toast=toast)
    context = {"section": "customers", "form": form, "customer": _customer(pk), "title": title, **more}
    return render(request, "customers/small.jinja", context, part="small")


def note(request: HttpRequest, pk: int) -> HttpResponse:
    form = NoteForm.of(request, {"with_whom": "us", "happened_on": clock.now().astimezone(CST).date()})
    sent = submit(request, form, commands.add_note, customer_id=pk)
    return small_form(request, pk, form, sent, _("记一笔重要事项"), _("已记下"), tab="2", draft=f"customer-note:{pk}")


def identity(request: HttpRequest, pk: int) -> HttpResponse:
    """Also over another page, for an address that is wanted there (`?kind=email`)."""
    wanted = request.GET.get("kind", "")
    form = IdentityForm.of(request, {"kind": wanted if wanted in ChannelIdentity.Kind.values else None})
    sent = submit(request, form, commands.add_identity, customer_id=pk)
    return small_form(request, pk, form, sent, _("添加联系方式"), _("联系方式已添加"))


def contact(request: HttpRequest, pk: int) -> HttpResponse:
    """A contact: the person is made (or recognised) as a customer of their own."""
    form = ContactForm.of(request)
    sent = None
    if request.method == "POST" and form.is_valid():
        sent = submit(request, form, commands.add_contact_person, organisation_id=pk)
    return small_form(request, pk, form, sent, _("添加联系人"), _("联系人已添加"))


def grade(request: HttpRequest, pk: int) -> HttpResponse:
    customer = _customer(pk)
    by_rule = bool(request.GET.get("by_rule"))
    rule = queries.grade_by_rule(customer, queries.rule_in_force("grade"), clock.now()) if by_rule else None
    initial = {"grade": rule.grade, "reason": rule.reason} if rule else {"grade": customer.grade or "B"}
    form = GradeForm.of(request, initial)
    sent = submit(request, form, commands.propose_grade, customer_id=pk)
    return small_form(request, pk, form, sent, _("建议客户级别"), _("已提出，等主管确认"))


@require_POST
def grade_decide(request: HttpRequest, pk: int, change: int) -> HttpResponse:
    agree = request.POST.get("agree") == "1"
    act(request, commands.confirm_grade, change_id=change, agree=agree)
    return go(request, "customer", pk, toast=_("级别已确认") if agree else _("已驳回这次级别建议"))


def reveal(request: HttpRequest, pk: int, field: str) -> HttpResponse:
    """The plain value, after a reason that is kept."""
    if field not in commands.REVEALABLE:
        raise Missing(_("没有这个字段"))
    form = RevealForm.of(request)
    sent = submit(request, form, commands.reveal_field, customer_id=pk, field=field)
    if sent and sent.repeated:
        form.ask_again(_("这次查看已经用过。要再看一次，请重新写原因，会再记一次。"))
    context = {
        "section": "customers",
        "form": form,
        "customer": _customer(pk),
        "field": field,
        "found": sent.result if sent else None,
    }
    return render(request, "customers/reveal.jinja", context, part="reveal")


routes = [
    page("customers/new/", new, needs="customer.edit", name="customer_new"),
    page("customers/check/", check, needs="customer.edit", name="customer_check"),
    page("customers/<int:pk>/edit/", edit, needs="customer.edit", name="customer_edit"),
    page("customers/<int:pk>/note/", note, needs="customer.edit", name="customer_note"),
    page("customers/<int:pk>/identity/", identity, needs="customer.edit", name="customer_identity"),
    page("customers/<int:pk>/contact/", contact, needs="customer.edit", name="customer_contact"),
    page("customers/<int:pk>/grade/", grade, needs="customer.edit", name="customer_grade"),
    page("customers/<int:pk>/grade/<int:change>/", grade_decide, needs="customer.grade", name="customer_grade_decide"),
    page("customers/<int:pk>/reveal/<slug:field>/", reveal, needs="customer.reveal", name="customer_reveal"),
]
