"""The two-page card of a customer: as a page, as a drawer beside anything."""

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from yinuo.conversations.models import Conversation
from yinuo.customers import queries
from yinuo.customers.commands import note_viewed
from yinuo.customers.rules import DEALINGS, MERGE_UNDO_DAYS, SOURCES, dealing, since_year
from yinuo.kernel import clock
from yinuo.kernel.actor import current_actor
from yinuo.kernel.errors import Missing
from yinuo.kernel.planned import planned
from yinuo.matters.models import Matter
from yinuo.promises.models import Promise
from yinuo.web.audit.commands import VERBS
from yinuo.web.audit.personal import REVEALED
from yinuo.web.audit.who import who_in_words
from yinuo.web.forms.customers import ORGANISATION_PROFILE, PERSON_PROFILE, CardForm
from yinuo.web.pages.customers import SENSITIVE, masked
from yinuo.web.render import is_fragment, render
from yinuo.web.routes import page


def card(request: HttpRequest, pk: int) -> HttpResponse:
    """The card as a page, or as a drawer beside anything. Who opened it is written down."""
    found, drawer = shown(pk), is_fragment(request)
    tab = "2" if request.GET.get("tab") == "2" and not drawer else "1"
    context = {
        **found,
        **_beside(pk, found["customer"]),
        **(_drawer(pk) if drawer else _second(pk) if tab == "2" else _first(pk, found)),
        "in_drawer": drawer,
        "tab": tab,
    }
    note_viewed(customer_id=pk)
    return render(request, "customers/card.jinja", context, part="drawer")


def shown(pk: int) -> dict[str, Any]:
    """The customer as a card shows them, what is sensitive masked. One statement."""
    found = queries.card(pk)
    if found is None:
        raise Missing(_("没有这位客户，或您无权查看"))
    for identity in found.identities:
        identity.masked = masked(identity.kind, identity.value)
    return {
        "section": "customers",
        "customer": found.customer,
        "identities": found.identities,
        "grade_changes": found.grade_changes,
        "pending_grade": next((g for g in found.grade_changes if g.confirmed_at is None), None),
        "grade_rule": found.grade_rule,
        "noted": found.noted,
        "profile": _profile_rows(found.customer),
        "facts": _facts(found.customer),
    }


def _beside(pk: int, customer: Any) -> dict[str, Any]:
    """What stands beside either page. Two statements, one more for who was merged into another."""
    return {
        "matters": _matters(customer_id=pk),
        "promises": _promises(customer_id=pk),
        "merges": queries.merges_of(pk) if customer.merged_into_id else [],
        "undo_until": clock.now() - timedelta(days=MERGE_UNDO_DAYS),
    }


def _page(pk: int) -> dict[str, Any]:
    """What both pages have and a drawer has not. One statement, one more for who may read the audit."""
    looked = queries.lookers(pk) if current_actor().may("audit.read") else []
    return {"conversations": _conversations(customer_id=pk), "lookers": [_looked(row) for row in looked]}


def _first(pk: int, found: dict[str, Any]) -> dict[str, Any]:
    """Where they stand. Two statements, and what the page has; who was merged is graded no more."""
    customer = found["customer"]
    by_rule = None if customer.merged_into_id else queries.grade_by_rule(customer, found["grade_rule"], clock.now())
    return {"ties": queries.ties_of(pk), "by_rule": by_rule, **_page(pk)}


def _second(pk: int) -> dict[str, Any]:
    """What was between us. Two statements, and what the page has."""
    return {"dealings": queries.dealings_of(pk), "merges": queries.merges_of(pk), **_page(pk)}


def _drawer(pk: int) -> dict[str, Any]:
    """One statement."""
    return {"dealings": queries.dealings_of(pk)}


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
    row.actor_name = who_in_words(row.actor_kind, row.actor_name)
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


routes = [page("customers/<int:pk>/", card, needs="customer.read", name="customer")]
