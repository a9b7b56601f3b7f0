"""审批流程: who agrees to what, up to which amount. An administrator's page."""

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from yinuo.approvals import queries
from yinuo.approvals.commands import edit_rules
from yinuo.approvals.rules import DEFAULT_RULES, KINDS
from yinuo.kernel.errors import Missing
from yinuo.web.forms.approvals import RuleForm, rule_initial
from yinuo.web.forms.base import submit
from yinuo.web.pages.approvals import rung_labels
from yinuo.web.render import go, render
from yinuo.web.routes import page

NEEDS = ("staff.manage", "standard.edit")


def bands_by_kind() -> dict[str, list[tuple[Decimal | None, list[str]]]]:
    """The bands in force, the widest last; a kind nobody edited has the shipped ones."""
    edited: dict[str, list[tuple[Decimal | None, list[str]]]] = {}
    for rule in queries.rules():
        edited.setdefault(rule.kind, []).append((rule.up_to, list(rule.steps)))
    shipped: dict[str, list[tuple[Decimal | None, list[str]]]] = {}
    for kind, up_to, steps in DEFAULT_RULES:
        shipped.setdefault(kind, []).append((None if up_to is None else Decimal(up_to), list(steps)))
    found = {kind: edited.get(kind) or shipped.get(kind, []) for kind in KINDS}
    return {kind: sorted(bands, key=lambda b: (b[0] is None, b[0] or 0)) for kind, bands in found.items()}


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    labels = rung_labels()
    kinds: list[dict[str, Any]] = [
        {
            "code": kind,
            "label": KINDS[kind],
            "bands": [{"up_to": up_to, "steps": [labels.get(s, s) for s in steps]} for up_to, steps in bands],
        }
        for kind, bands in bands_by_kind().items()
    ]
    may_edit = request.actor.may("staff.manage")  # type: ignore[attr-defined]
    return render(request, "approvals/rules.jinja", {"section": "settings", "kinds": kinds, "may_edit": may_edit})


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, kind: str) -> HttpResponse:
    if kind not in KINDS:
        raise Missing(_("没有这种审批"))
    form = RuleForm.of(request, rule_initial(bands_by_kind()[kind]), rungs=list(rung_labels().items()))
    if submit(request, form, edit_rules, kind=kind):
        return go(
            request,
            "approval_rules",
            toast=_("“%(kind)s”的审批流程已改；已经提交的申请仍按原流程走") % {"kind": KINDS[kind]},
        )
    return render(request, "approvals/rule.jinja", {"section": "settings", "form": form, "label": KINDS[kind]})


routes = [
    page("settings/approvals/", index, needs=NEEDS, name="approval_rules"),
    page("settings/approvals/<slug:kind>/", edit, needs="staff.manage", name="approval_rule"),
]
