"""Two files of one customer: finding them, seeing what a merge moves, merging, and taking it back."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yinuo.customers import commands, queries
from yinuo.customers.models import Customer
from yinuo.customers.rules import MERGE_UNDO_DAYS, filled_in
from yinuo.kernel import clock
from yinuo.kernel.errors import Missing
from yinuo.web.forms.base import PageForm, line, submit
from yinuo.web.pages.customer_card import facts_of
from yinuo.web.pages.customers import masked
from yinuo.web.render import go, render
from yinuo.web.routes import page

#: What a merge moves, in words; a test holds it against the models.
WORDS = {
    "customers.ChannelIdentity.customer": gettext_lazy("联系方式"),
    "customers.Contact.organisation": gettext_lazy("联系人"),
    "customers.Contact.person": gettext_lazy("任职单位"),
    "customers.CustomerNote.customer": gettext_lazy("重要事项"),
    "customers.Purchase.customer": gettext_lazy("购买记录"),
    "surveys.Invitation.customer": gettext_lazy("发出的问卷"),
    "surveys.SurveyAnswer.customer": gettext_lazy("问卷答案"),
    "customers.OrganisationLink.parent": gettext_lazy("下属单位与经销商"),
    "customers.OrganisationLink.child": gettext_lazy("上级单位"),
    "conversations.Conversation.customer": gettext_lazy("会话"),
    "conversations.Interaction.customer": gettext_lazy("互动"),
    "matters.Matter.customer": gettext_lazy("事项"),
    "promises.Promise.customer": gettext_lazy("承诺"),
}


class MergeForm(PageForm):
    reason = line(
        gettext_lazy("怎么确认是同一位"),
        length=300,
        help=gettext_lazy("例如：回拨核实、证件一致、本人说明。会记入审计"),
    )


class SplitForm(PageForm):
    reason = line(gettext_lazy("为什么撤销"), length=300)


def _customer(pk: Any) -> Customer:
    row = Customer.objects.select_related("owner", "unit").filter(pk=pk).first()
    if row is None:
        raise Missing(_("没有这位客户，或您无权查看"))
    return row


def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose who else this is; then see what goes over before it does."""
    survivor = _customer(pk)
    other = request.GET.get("other", "")
    if other.isdecimal() and len(other) < 18:
        return _confirm(request, survivor, _customer(int(other)))
    query = request.GET.get("q", "").strip()[:80]
    found = [row for row in queries.find(query) if row.pk != pk and row.kind == survivor.kind] if query else []
    shown = queries.identities_of([row.pk for row in found])
    for row in found:
        row.masked = [masked(i.kind, i.value) for i in shown[row.pk]][:2]  # type: ignore[attr-defined]
    return render(request, "customers/merge_choose.jinja", {
        "section": "customers", "customer": survivor, "query": query, "found": found,
        "suspects": queries.suspects(survivor),
    })  # fmt: skip


def _confirm(request: HttpRequest, survivor: Customer, absorbed: Customer) -> HttpResponse:
    versions = f"{survivor.version}-{absorbed.version}"
    form = MergeForm.of(request, {"reason": ""})
    seen = request.POST.get("seen", versions).split("-")
    sent = submit(
        request, form, commands.merge_customers, survivor_id=survivor.pk, absorbed_id=absorbed.pk,
        expected_version=_number(seen[0]), absorbed_version=_number(seen[-1]),
    )  # fmt: skip
    if sent:
        return go(
            request, "customer", survivor.pk, toast=_("已合并为一位客户，%(n)d 天内可以撤销") % {"n": MERGE_UNDO_DAYS}
        )
    fields = ("grade", "source", "industry", "size", "region", "address", "uscc", "owner_id", "status", "profile")
    taken = filled_in(*({name: getattr(row, name) for name in fields} for row in (survivor, absorbed)))
    identities = queries.identities_of([survivor.pk, absorbed.pk])
    for row in (rows := [i for found in identities.values() for i in found]):
        row.masked = masked(row.kind, row.value)  # type: ignore[attr-defined]
    return render(request, "customers/merge.jinja", {
        "section": "customers", "form": form, "survivor": survivor, "absorbed": absorbed, "versions": versions,
        "identities": identities, "unchecked": any(row.verified_at is None for row in rows),
        "moves": [(WORDS.get(label, label), n) for label, n in queries.goes_over(absorbed).items()],
        "facts": _side_by_side(survivor, absorbed, set(taken)), "days": MERGE_UNDO_DAYS,
        "profile_filled": len(taken.get("profile", {})),
    })  # fmt: skip


def _side_by_side(survivor: Customer, absorbed: Customer, taken: set[str]) -> list[dict[str, Any]]:
    """Each fact as both files have it; `takes` where the survivor fills a gap from the other."""
    own, other = ({name: (label, value) for label, value, name in facts_of(row)} for row in (survivor, absorbed))
    names = dict.fromkeys([*own, *other])
    return [
        {"label": (own.get(name) or other[name])[0], "own": own.get(name, ("", ""))[1],
         "other": other.get(name, ("", ""))[1], "takes": {name, f"{name}_id"} & taken}
        for name in names
    ]  # fmt: skip


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else None


def split(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a merge back, with a reason."""
    row = queries.merge_of(pk)
    if row is None:
        raise Missing(_("没有这次合并，或您无权查看"))
    form = SplitForm.of(request)
    sent = submit(request, form, commands.split_customers, merge_id=pk)
    if sent:
        return go(request, "customer", row.absorbed_id, toast=_("已撤销合并，两位客户恢复原样"))
    until = row.merged_at + timedelta(days=MERGE_UNDO_DAYS)
    return render(request, "customers/split.jinja", {
        "section": "customers", "form": form, "merge": row, "until": until, "over": clock.now() > until,
        "moves": [(WORDS.get(label, label), len(ids)) for label, ids in row.moved["rows"].items()],
    })  # fmt: skip


def duplicates(request: HttpRequest) -> HttpResponse:
    """Addresses that stand on more than one file."""
    groups: dict[tuple[str, str], list[Any]] = {}
    for row in queries.likely_twice():
        groups.setdefault((row.kind, row.value), []).append(row)
    rows = [
        {"kind": kind, "masked": masked(kind, value), "first": found[-1], "others": found[:-1]}
        for (kind, value), found in groups.items()
        if len(found) > 1
    ]
    return render(request, "customers/twice.jinja", {"section": "customers", "rows": rows})


routes = [
    page("customers/duplicates/", duplicates, needs="customer.merge", name="customer_duplicates"),
    page("customers/<int:pk>/merge/", merge, needs="customer.merge", name="customer_merge"),
    page("customers/merges/<int:pk>/split/", split, needs="customer.merge", name="customer_split"),
]
