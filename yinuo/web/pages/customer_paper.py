"""The card on paper: masked as on the screen, with who printed it and when; each printing is written down."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from yinuo.customers import queries
from yinuo.customers.commands import note_printed
from yinuo.kernel import clock
from yinuo.web.pages.customer_card import facts_of, shown
from yinuo.web.pdf import paper
from yinuo.web.render import render
from yinuo.web.routes import page


def _card(pk: int) -> dict[str, Any]:
    found = shown(pk)
    more = {"ties": queries.ties_of(pk), "dealings": queries.dealings_of(pk)}
    note_printed(customer_id=pk)
    return {**found, **more, "facts": facts_of(found["customer"]), "now": clock.now()}


@require_GET
def on_screen(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "customers/paper.jinja", _card(pk))


@require_GET
def as_file(request: HttpRequest, pk: int) -> HttpResponse:
    card = _card(pk)
    return paper(request, "customers/paper.jinja", card, f"{_('客户卡')} {card['customer'].name}")


routes = [
    page("customers/<int:pk>/print/", on_screen, needs="customer.read", name="customer_print"),
    page("customers/<int:pk>/card.pdf", as_file, needs="customer.read", name="customer_pdf"),
]
