"""The card on paper: masked as on the screen, with who printed it and when; each printing is written down."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from yinuo.customers.commands import note_printed
from yinuo.kernel import clock
from yinuo.web.pages.customers import card_context, facts_of
from yinuo.web.render import render
from yinuo.web.routes import page


@require_GET
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    context = card_context(request, pk)
    note_printed(customer_id=pk)
    shown = {**context, "facts": facts_of(context["customer"]), "now": clock.now()}
    return render(request, "customers/paper.jinja", shown)


routes = [page("customers/<int:pk>/print/", paper, needs="customer.read", name="customer_print")]
