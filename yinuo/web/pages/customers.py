"""Customers: the list and the two-page card."""

from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yinuo.conversations.models import Conversation
from yinuo.customers import queries
from yinuo.customers.commands import note_viewed
from yinuo.customers.models import Customer
from yinuo.customers.queries.segments import NARROW
from yinuo.customers.rules import DEALINGS, MERGE_UNDO_DAYS, SOURCES, dealing, since_year
from yinuo.kernel import clock
from yinuo.kernel import text as masks
from yinuo.kernel.actor import current_actor
from yinuo.kernel.errors import Missing
from yinuo.kernel.planned import planned
from yinuo.matters.models import Matter
from yinuo.matters.queries import saved_views
from yinuo.promises.models import Promise
from yinuo.web.audit_words import REVEALED, VERBS
from yinuo.web.forms.customers import ORGANISATION_PROFILE, PERSON_PROFILE, CardForm
from yinuo.web.listing import Column, Filter, Listing, Sort
from yinuo.web.render import is_fragment, render
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


def card(request: HttpRequest, pk: int) -> HttpResponse:
    """The card as a page, or as a drawer beside anything. Who opened it is written down."""
    context = card_context(request, pk)
    note_viewed(customer_id=pk)
    return render(request, "customers/card.jinja", context, part="drawer")


def card_context(request: HttpRequest, pk: int) -> dict[str, Any]:
    """Both pages of the card with everything open. Ten statements in the drawer; two more on page one for the grade
    by rule, one more on page two for purchases, and one for who may read the audit.
    """
    found, actor, tab, drawer = queries.card(pk), current_actor(), request.GET.get("tab", "1"), is_fragment(request)
    if found is None:
        raise Missing(_("没有这位客户，或您无权查看"))
    customer: Any = found["customer"]
    for identity in found["identities"]:
        identity.masked = masked(identity.kind, identity.value)
    return {
        "section": "customers",
        **found,
        "profile": _profile_rows(customer),
        "facts": _facts(customer),
        "matters": _matters(customer_id=pk),
        "promises": _promises(customer_id=pk),
        "conversations": _conversations(customer_id=pk),
        "tab": tab,
        "in_drawer": drawer,
        "by_rule": None if drawer or tab == "2" else queries.grade_by_rule(customer, clock.now()),
        "purchases": queries.purchases_of(pk) if tab == "2" and not drawer else [],
        "lookers": [_looked(row) for row in queries.lookers(pk)] if actor.may("audit.read") and not drawer else [],
        "undo_until": clock.now() - timedelta(days=MERGE_UNDO_DAYS),
        "pending_grade": next((g for g in found["grade_changes"] if g.confirmed_at is None), None),
    }


@planned("customer_id")
def _matters(*, customer_id: int) -> QuerySet[Any]:
    rows = Matter.objects.filter(customer_id=customer_id).select_related("owner").defer("search")
    return rows.order_by("-opened_at")[:12]


@planned("customer_id")
def _promises(*, customer_id: int) -> QuerySet[Any]:
    return Promise.objects.filter(customer_id=customer_id, outstanding=True).order_by("due_at")[:12]


@planned("customer_id")
def _conversations(*, customer_id: int) -> QuerySet[Any]:
    talks = Conversation.objects.filter(customer_id=customer_id).exclude(channel="note")
    return talks.order_by("-last_at")[:8]


def _looked(row: Any) -> Any:
    row.words = VERBS.get(row.command.partition(".")[2], row.command)
    row.field, row.why = REVEALED.get(row.data.get("field", ""), ""), row.data.get("reason", "")
    return row


def facts_of(customer: Any) -> list[tuple[str, str, str]]:
    """Label, what is shown, and the field's name; what is sensitive is masked."""
    rows = [
        (_("类型"), customer.get_kind_display(), "kind"),
        (_("级别"), customer.get_grade_display(), "grade"),
        (_("状态"), customer.get_status_display(), "status"),
        (_("往来"), str(DEALINGS[_dealing(customer)]), "dealing"),
        (_("行业"), customer.industry, "industry"),
        (_("规模"), customer.size, "size"),
        (_("地区"), customer.region, "region"),
        (_("地址"), masked("address", customer.address), "address"),
        (_("统一社会信用代码"), masked("uscc", customer.uscc), "uscc"),
        (_("来源"), str(SOURCES.get(customer.source, customer.source)), "source"),
        (_("负责人"), customer.owner.name if customer.owner else _("公海"), "owner"),
        (_("所属部门"), customer.unit.name if customer.unit else "", "unit"),
    ]
    return [row for row in rows if row[1]]


def _dealing(customer: Any) -> str:
    began = since_year(customer.profile.get("since"), customer.created_at.astimezone(clock.CST).year)
    return dealing(began, clock.now().astimezone(clock.CST).year)


def _facts(customer: Any) -> list[tuple[str, str, str]]:
    """Label, what is shown, and the field's name where it is masked; the grade has a card of its own."""
    shown = [row for row in facts_of(customer) if row[2] != "grade"]
    return [(label, value, name if name in SENSITIVE else "") for label, value, name in shown]


def _profile_rows(customer: Any) -> list[tuple[str, str, str]]:
    keys = PERSON_PROFILE if customer.kind == "person" else ORGANISATION_PROFILE
    rows = []
    for key in keys:
        value = str(customer.profile.get(key) or "")
        hidden = key in SENSITIVE
        if value:
            label = str(CardForm.base_fields[f"profile_{key}"].label)
            rows.append((label, masked(key, value) if hidden else value, key if hidden else ""))
    return rows


routes = [
    page("customers/", listing, needs="customer.read", name="customers"),
    page("customers/<int:pk>/", card, needs="customer.read", name="customer"),
]
