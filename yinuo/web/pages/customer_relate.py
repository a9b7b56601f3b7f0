"""How customers belong together: who plays which part in an organisation, and organisations under one another."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from yinuo.customers import commands, queries
from yinuo.customers.models import Contact, Customer, OrganisationLink
from yinuo.kernel.errors import Missing, Refused
from yinuo.web.forms.base import PageForm, act, choice, line, submit
from yinuo.web.pages.customer_merge import _customer
from yinuo.web.pages.customers import masked
from yinuo.web.render import go, render
from yinuo.web.routes import page

LINKS = [
    ("subsidiary", gettext_lazy("对方是下属单位")),
    ("distributor", gettext_lazy("对方是经销商")),
    ("subsidiary-of", gettext_lazy("对方是上级单位")),
    ("distributor-of", gettext_lazy("对方是供货厂家，本单位是它的经销商")),
]


class PartForm(PageForm):
    """A person and an organisation."""

    role = choice(gettext_lazy("角色"), Contact.Role.choices, radio=True)
    title = line(gettext_lazy("职务"), required=False, length=60)


class LinkForm(PageForm):
    """Two organisations."""

    how = choice(gettext_lazy("怎样的关系"), LINKS, radio=True)


def relate(request: HttpRequest, pk: int) -> HttpResponse:
    """Find the other one, then say how the two belong together."""
    customer = _customer(pk)
    other = request.GET.get("other", "")
    if other.isdecimal() and len(other) < 18:
        return _together(request, customer, _customer(int(other)))
    query = request.GET.get("q", "").strip()[:80]
    found = [row for row in queries.find(query) if row.pk != pk and _fit(customer, row)] if query else []
    shown = queries.identities_of([row.pk for row in found])
    for row in found:
        row.masked = [masked(i.kind, i.value) for i in shown[row.pk]][:2]  # type: ignore[attr-defined]
    context = {"section": "customers", "customer": customer, "query": query, "found": found}
    return render(request, "customers/relate_choose.jinja", context)


def _fit(one: Customer, other: Customer) -> bool:
    return "organisation" in (one.kind, other.kind)


def _together(request: HttpRequest, customer: Customer, other: Customer) -> HttpResponse:
    if not _fit(customer, other) or customer.pk == other.pk:
        raise Refused(_("只有单位与单位、单位与个人之间才能建立关联"))
    sent, form = _parts(request, customer, other) if customer.kind != other.kind else _link(request, customer, other)
    if sent:
        return go(request, "customer", customer.pk, toast=_("关联已建立"))
    context = {"section": "customers", "customer": customer, "other": other, "form": form}
    return render(request, "customers/relate.jinja", context)


def _parts(request: HttpRequest, customer: Customer, other: Customer) -> tuple[Any, PageForm]:
    firm, person = (customer, other) if customer.kind == "organisation" else (other, customer)
    form = PartForm.of(request)
    return submit(request, form, commands.add_contact, organisation_id=firm.pk, person_id=person.pk), form


def _link(request: HttpRequest, customer: Customer, other: Customer) -> tuple[Any, PageForm]:
    form = LinkForm.of(request)
    form.values = lambda: _sides(form.cleaned_data["how"], customer, other)  # type: ignore[method-assign]
    return submit(request, form, commands.link_organisations), form


def _sides(how: str, customer: Customer, other: Customer) -> dict[str, Any]:
    above, below = (other, customer) if how.endswith("-of") else (customer, other)
    return {"parent_id": above.pk, "child_id": below.pk, "kind": how.removesuffix("-of")}


@require_POST
def unlink(request: HttpRequest, pk: int, link: int) -> HttpResponse:
    if not OrganisationLink.objects.filter(pk=link).exists():
        raise Missing(_("没有这条关联，或您无权查看"))
    act(request, commands.unlink_organisations, link_id=link)
    return go(request, "customer", pk, toast=_("关联已解除"))


@require_POST
def part(request: HttpRequest, pk: int, contact: int) -> HttpResponse:
    act(request, commands.remove_contact, contact_id=contact)
    return go(request, "customer", pk, toast=_("已不再是联系人；双方的档案都还在"))


routes = [
    page("customers/<int:pk>/relate/", relate, needs="customer.edit", name="customer_relate"),
    page("customers/<int:pk>/links/<int:link>/remove/", unlink, needs="customer.edit", name="customer_unlink"),
    page("customers/<int:pk>/contacts/<int:contact>/remove/", part, needs="customer.edit", name="customer_part"),
]
