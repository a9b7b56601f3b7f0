"""Customers: the list, and what is sensitive of them as it is shown."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yinuo.customers import queries
from yinuo.customers.models import Customer
from yinuo.customers.queries.segments import NARROW
from yinuo.customers.rules import DEALINGS
from yinuo.kernel import clock
from yinuo.kernel import text as masks
from yinuo.kernel.actor import current_actor
from yinuo.matters.queries import saved_views
from yinuo.web.listing import Column, Filter, Listing, Sort
from yinuo.web.render import render
from yinuo.web.routes import page

MASKS = {"phone": masks.mask_phone, "email": masks.mask_email, "uscc": masks.mask_id}


#: What a list may be narrowed by in one's own words.
CONDITIONS: dict[str, Any] = {
    "industry": gettext_lazy("行业"),
    "region": gettext_lazy("地区"),
    "size": gettext_lazy("规模"),
    "interest": gettext_lazy("兴趣爱好"),
    "bought": gettext_lazy("买过"),
    "spent": gettext_lazy("累计购买不少于（元）"),
}
BUYING = {
    "recent": gettext_lazy("一年内买过"),
    "lapsed": gettext_lazy("一年以上没再买"),
    "never": gettext_lazy("没有购买记录"),
}
SENSITIVE = ("address", "uscc", "birthday", "family")


def masked(field: str, value: str) -> str:
    """What is shown before somebody gives a reason."""
    return MASKS.get(field, masks.mask_text)(value) if value else ""


def _written(request: HttpRequest, name: str, label: Any, today: date) -> Filter:
    """A condition in one's own words, kept in the address; its only chip is what was asked for."""
    value = " ".join(request.GET.get(name, "").replace("\x00", "").split())[:60]
    choices = [(request.GET.get(name, ""), value)] if value else []
    return Filter(name, label, choices, lambda rows, _v: NARROW[name](rows, value, today))


def listing(request: HttpRequest) -> HttpResponse:
    """The customer list. Four statements: count, page, addresses, saved segments."""
    today = clock.now().astimezone(clock.CST).date()
    words = [_written(request, name, label, today) for name, label in CONDITIONS.items()]
    found = Listing(
        request,
        lambda: Customer.objects.filter(merged_into=None).select_related("owner").defer("search", "profile"),
        plan=("customers", today, *(request.GET.get(name, "") for name in CONDITIONS)),
        placeholder=_("姓名两个字、拼音首字母、电话后四位"),
        search=queries.narrowed,
        sorts=(
            Sort("recent", _("最近更新"), "-updated_at"),
            Sort("recent-", _("最久未更新"), "updated_at"),
            Sort("name", _("名称"), "name"),
            Sort("name-", _("名称倒序"), "-name"),
        ),
        filters=(
            Filter("grade", _("级别"), Customer.Grade.choices, lambda rows, v: NARROW["grade"](rows, v, today)),
            Filter("kind", _("类型"), Customer.Kind.choices, lambda rows, v: NARROW["kind"](rows, v, today)),
            Filter("status", _("状态"), Customer.Status.choices, lambda rows, v: NARROW["status"](rows, v, today)),
            Filter(
                "owner",
                _("归属"),
                (("me", _("我的")), ("none", _("公海"))),
                lambda rows, v: rows.filter(owner_id=current_actor().staff_key if v == "me" else None),
            ),
            Filter(
                "dealing",
                _("往来"),
                list(DEALINGS.items()),
                lambda rows, v: NARROW["dealing"](rows, v, today),
                compact=True,
            ),
            Filter(
                "buying",
                _("购买"),
                list(BUYING.items()),
                lambda rows, v: NARROW["buying"](rows, v, today),
                compact=True,
            ),
            *(word for word in words if word.choices),
        ),
        columns=(
            Column(_("客户"), sort="name"),
            Column(_("联系方式")),
            Column(_("状态")),
            Column(_("行业与地区"), wide=True),
            Column(_("负责人"), wide=True),
            Column(_("更新"), sort="recent", cls="nowrap"),
        ),
        empty=_("还没有客户。客户来电、来信或提交表单时会自动建档，也可以手工新建。"),
    )
    shown = queries.identities_of([row.pk for row in found.rows])
    for row in found.rows:
        row.masked = [masked(i.kind, i.value) for i in shown[row.pk] if i.kind in ("phone", "email")][:2]
    context = {"section": "customers", "tab": "list", "listing": found, "views": saved_views("customers")}
    return render(request, "customers/list.jinja", {**context, "conditions": CONDITIONS})


routes = [
    page("customers/", listing, needs="customer.read", name="customers"),
]
