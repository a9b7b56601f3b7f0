"""The rules about customers: by what a grade is proposed, and when looking at plain values is unusual."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from yinuo.customers import queries
from yinuo.customers.commands import set_rule
from yinuo.kernel.errors import Missing
from yinuo.web.forms.base import submit
from yinuo.web.forms.customer_rules import GradeRuleForm, RevealRuleForm, RuleForm
from yinuo.web.render import go, render
from yinuo.web.routes import page

FORMS: dict[str, type[RuleForm]] = {"grade": GradeRuleForm, "reveals": RevealRuleForm}
TITLES = {
    "grade": (gettext_lazy("级别建议规则"), gettext_lazy("客户卡按这些数字建议级别；定级仍要由人确认。")),
    "reveals": (
        gettext_lazy("查看明文提醒"),
        gettext_lazy("一位同事在这段时间里看得太多时，他的主管、管理员和审计员会收到通知。"),
    ),
}


@require_http_methods(["GET", "POST"])
def rule(request: HttpRequest, kind: str) -> HttpResponse:
    """The figures in force, a form to change them, and every earlier version with who, when and why."""
    if kind not in FORMS:
        raise Missing(_("没有这种规则"))
    found = queries.rule_in_force(kind)
    form = FORMS[kind].of(request, found.rule.values(), version=found.no)
    if submit(request, form, set_rule, stale=True, kind=kind):
        return go(request, "customer_rule", kind, toast=_("规则已改，从现在起按新的来"))
    title, about = TITLES[kind]
    context = {"title": title, "about": about, "form": form, "no": found.no, "kind": kind, "titles": TITLES}
    return render(
        request, "settings/customer_rule.jinja", {"section": "settings", **context, "versions": _versions(form, kind)}
    )


def _versions(form: RuleForm, kind: str) -> list[dict[str, Any]]:
    """Each version in the words of the form."""
    return [
        {
            "row": row,
            "figures": [
                (form.fields[name].label, f"{value:,}") for name, value in row.values.items() if name in form.fields
            ],
        }
        for row in queries.rule_versions(kind)
    ]


def first(request: HttpRequest) -> HttpResponse:
    return rule(request, "grade")


routes = [
    page("settings/customers/", first, needs="standard.edit", name="customer_rules"),
    page("settings/customers/<slug:kind>/", rule, needs="standard.edit", name="customer_rule"),
]
