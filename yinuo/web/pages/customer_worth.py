"""What a customer bought, written on page two of the card."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yinuo.customers import commands
from yinuo.kernel import clock
from yinuo.web.forms.base import act, submit
from yinuo.web.forms.customers import PurchaseForm
from yinuo.web.pages.customers_edit import small_form
from yinuo.web.render import go
from yinuo.web.routes import page


def purchase(request: HttpRequest, pk: int) -> HttpResponse:
    form = PurchaseForm.of(request, {"bought_on": clock.now().astimezone(clock.CST).date()})
    sent = submit(request, form, commands.add_purchase, customer_id=pk)
    return small_form(request, pk, form, sent, _("记一笔购买"), _("已记下"), tab="2")


@require_POST
def remove(request: HttpRequest, pk: int, purchase: int) -> HttpResponse:
    act(request, commands.remove_purchase, purchase_id=purchase)
    return go(request, "customer", pk, toast=_("购买记录已删除"))


routes = [
    page("customers/<int:pk>/purchase/", purchase, needs="customer.edit", name="customer_purchase"),
    page(
        "customers/<int:pk>/purchases/<int:purchase>/remove/",
        remove,
        needs="customer.edit",
        name="customer_purchase_remove",
    ),
]
