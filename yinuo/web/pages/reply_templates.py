"""回复模板: one's own and everybody's."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yinuo.kernel.actor import current_actor
from yinuo.kernel.errors import Missing
from yinuo.kernel.search import matching
from yinuo.knowledge import commands, queries
from yinuo.knowledge.rules.gaps import pieces, variables
from yinuo.web.forms.base import act, submit
from yinuo.web.forms.knowledge import STAGES, TemplateForm
from yinuo.web.listing import Column, Filter, Listing, Sort
from yinuo.web.render import go, render
from yinuo.web.routes import page

WHOSE = [("shared", gettext_lazy("共用")), ("mine", gettext_lazy("我的"))]
STATES = [("in_use", gettext_lazy("在用")), ("retired", gettext_lazy("停用"))]


def _by_whose(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    return rows.filter(shared=True) if value == "shared" else rows.filter(owner_id=current_actor().staff_key)


def _by_stage(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    return rows.filter(Q(stage=value) | Q(stage=""))


def _by_state(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    return rows.filter(retired_at__isnull=value == "in_use")


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    listing = Listing(
        request,
        queries.templates(),
        placeholder=_("名称、拼音首字母、内容"),
        search=lambda rows, q: matching(rows, q),
        sorts=(
            Sort("new", gettext_lazy("最近改动"), "-changed_at"),
            Sort("new-", gettext_lazy("最早改动"), "changed_at"),
            Sort("used", gettext_lazy("用得多"), "-used"),
        ),
        filters=(
            Filter("state", gettext_lazy("状态"), STATES, _by_state, default="in_use"),
            Filter("whose", gettext_lazy("归属"), WHOSE, _by_whose),
            Filter("stage", gettext_lazy("投诉的哪一步"), STAGES, _by_stage, compact=True),
        ),
        columns=(
            Column(gettext_lazy("模板")),
            Column(gettext_lazy("用在"), wide=True),
            Column(gettext_lazy("归属")),
            Column(gettext_lazy("用过"), "used", "num", wide=True),
            Column(gettext_lazy("改动"), "new", "nowrap"),
        ),
        empty=_("还没有回复模板。把常写的话存成模板，写回复时一按就有。"),
    )
    context = {"section": "knowledge", "listing": listing, "stages": dict(STAGES), "pieces": pieces}
    return render(request, "knowledge/templates.jinja", context)


def _form(request: HttpRequest, start: dict[str, Any], version: int | None = None) -> TemplateForm:
    form = TemplateForm.of(request, start, version=version)
    if not request.actor.may("template.share"):  # type: ignore[attr-defined]
        del form.fields["shared"]
    return form


def _page(request: HttpRequest, form: TemplateForm, row: Any) -> HttpResponse:
    context = {"section": "knowledge", "form": form, "template": row, "variables": variables()}
    return render(request, "knowledge/template.jinja", context)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    form = _form(request, {})
    if submit(request, form, commands.create_template):
        return go(request, "reply_templates", toast=_("模板已保存"))
    return _page(request, form, None)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    row = queries.template(pk)
    if row is None:
        raise Missing(_("没有这个模板，或您无权使用"))
    names = ("name", "text", "stage", "channel", "shared")
    form = _form(request, {name: getattr(row, name) for name in names}, row.version)
    if submit(request, form, commands.edit_template, stale=True, template_id=pk):
        return go(request, "reply_templates", toast=_("模板已保存"))
    return _page(request, form, row)


@require_POST
def put_away(request: HttpRequest, pk: int) -> HttpResponse:
    back = request.POST.get("back") == "1"
    act(request, commands.restore_template if back else commands.retire_template, template_id=pk)
    return go(request, "reply_templates", toast=_("模板已恢复") if back else _("模板已停用，可以恢复"))


routes = [
    page("knowledge/templates/", index, needs="knowledge.read", name="reply_templates"),
    page("knowledge/templates/new/", new, needs="template.write", name="reply_template_new"),
    page("knowledge/templates/<int:pk>/", edit, needs="template.write", name="reply_template"),
    page("knowledge/templates/<int:pk>/retire/", put_away, needs="template.write", name="reply_template_retire"),
]
