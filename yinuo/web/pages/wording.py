"""Wording rules: what is not said to customers and what is said instead; and the same rules for the coach."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.http import parse_etags
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yinuo.kernel import clock
from yinuo.kernel.errors import Invalid, Missing
from yinuo.web.forms.base import act, submit
from yinuo.web.forms.wording import ImportForm, RuleForm, TryForm
from yinuo.web.listing import Column, Filter, Listing, Sort
from yinuo.web.render import go, render
from yinuo.web.routes import page
from yinuo.wording import commands, queries, tables
from yinuo.wording.models import WordingRule

NEEDS = "wording.edit"
READS = ("conversation.reply", "complaint.handle", NEEDS)
TONES = {"hint": "plain", "warn": "soon", "block": "late"}


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """All rules in one list. Three statements."""
    found = Listing(
        request,
        queries.listed(),
        placeholder=_("说法、原因"),
        search=queries.named,
        sorts=(Sort("new", _("最新"), "-pk"), Sort("new-", _("最早"), "pk")),
        filters=(
            Filter(
                "category",
                _("类别"),
                WordingRule.Category.choices,
                lambda rows, v: rows.filter(category=v),
                compact=True,
            ),
            Filter("level", _("级别"), WordingRule.Level.choices, lambda rows, v: rows.filter(level=v)),
            Filter(
                "active",
                _("状态"),
                (("1", _("启用")), ("0", _("停用"))),
                lambda rows, v: rows.filter(active=v == "1"),
            ),
            Filter(
                "from",
                _("来源"),
                (("pack", _("产品自带")), ("own", _("自定"))),
                lambda rows, v: rows.exclude(code="") if v == "pack" else rows.filter(code=""),
            ),
        ),
        columns=(
            Column(_("不妥的说法")),
            Column(_("可以说"), wide=True),
            Column(_("类别")),
            Column(_("级别")),
            Column(_("状态")),
        ),
        empty=_("还没有话术规则"),
    )
    size = len(queries.for_browsers(queries.edition()))
    context = {"section": "settings", "listing": found, "tones": TONES, "size": size, "form": TryForm.of(request)}
    return render(request, "wording/list.jinja", context, part="rows")


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    form = RuleForm.of(request, {"level": "hint", "category": "habit", "active": True})
    if submit(request, form, commands.add_rule):
        return go(request, "wording", toast=_("规则已加上，从下一次打开页面起生效"))
    return render(request, "wording/edit.jinja", {"section": "settings", "form": form, "row": None})


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    row = queries.listed().filter(pk=pk).first()
    if row is None:
        raise Missing(_("没有这条话术规则"))
    form = RuleForm.of(request, row.fields, version=row.version)
    if submit(request, form, commands.change_rule, stale=True, rule_id=pk):
        return go(request, "wording", toast=_("规则已改，从下一次打开页面起生效"))
    return render(request, "wording/edit.jinja", {"section": "settings", "form": form, "row": row})


@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    on = request.POST.get("on") == "1"
    act(request, commands.switch_rule, rule_id=pk, active=on)
    return go(request, "wording", toast=_("已启用") if on else _("已停用"))


@require_POST
def attempt(request: HttpRequest) -> HttpResponse:
    """What the coach would say of a text."""
    form = TryForm.of(request)
    found: list[Any] | None = None
    if form.is_valid():
        found = queries.found_in(form.cleaned_data["text"], kind=form.cleaned_data["about"])
    context = {"section": "settings", "form": form, "found": found, "tones": TONES}
    return render(request, "wording/try.jinja", context, part="panel")


@require_GET
def export(request: HttpRequest, kind: str) -> HttpResponse:
    made = {"csv": tables.as_csv, "xlsx": tables.as_xlsx}.get(kind)
    if made is None:
        raise Missing(_("没有这种格式"))
    types = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
    headers = {"Content-Disposition": f'attachment; filename="wording.{kind}"', "Cache-Control": "no-store"}
    content = made(request.actor, clock.now())  # type: ignore[attr-defined]
    return HttpResponse(content, content_type=types[kind], headers=headers)


@require_http_methods(["GET", "POST"])
def bring_in(request: HttpRequest) -> HttpResponse:
    """All lines of a file or none; what is wrong with which line is said in a table."""
    form = ImportForm.of(request)
    wrong: list[list[str]] = []
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["file"]
        try:
            rows, wrong = tables.read(given.read(2 * 1024 * 1024 + 1), given.name or "")
        except Invalid as problem:
            form.refuse(problem)
        else:
            if wrong:
                form.refuse(Invalid(_("有 %(n)d 行读不懂，一行都没有导入；改好后再导入") % {"n": len(wrong)}))
            elif done := _import(request, rows):
                text = _("加了 %(made)d 条，改了 %(changed)d 条") % done
                return go(request, "wording", toast=text)
    return render(request, "wording/import.jinja", {"section": "settings", "form": form, "wrong": wrong[:200]})


def _import(request: HttpRequest, rows: list[dict[str, Any]]) -> dict[str, int]:
    sent = act(request, commands.import_rules, rows=rows)
    return dict(sent.result or {"made": 0, "changed": 0})


@require_GET
def newest(request: HttpRequest) -> HttpResponse:
    """Where the rules in force are: an address of their own for each state, kept by browsers."""
    return go(request, "wording_edition", queries.edition())


@require_GET
def rules(request: HttpRequest, edition: int) -> HttpResponse:
    """The rules as the coach reads them."""
    if edition != queries.edition():
        raise Missing(_("这一版话术规则已经过去了"))
    etag = f'"wording-{edition}"'
    kept = {"ETag": etag, "Cache-Control": "private, max-age=31536000, immutable"}
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        return HttpResponseNotModified(headers=kept)
    return HttpResponse(queries.for_browsers(edition), content_type="application/json", headers=kept)


routes = [
    page("settings/wording/", index, needs=NEEDS, name="wording"),
    page("settings/wording/new/", new, needs=NEEDS, name="wording_new"),
    page("settings/wording/try/", attempt, needs=NEEDS, name="wording_try"),
    page("settings/wording/import/", bring_in, needs=NEEDS, name="wording_import"),
    page("settings/wording/export.<slug:kind>", export, needs=NEEDS, name="wording_export"),
    page("settings/wording/<int:pk>/", edit, needs=NEEDS, name="wording_rule"),
    page("settings/wording/<int:pk>/switch/", switch, needs=NEEDS, name="wording_switch"),
    page("wording/rules/", newest, needs=READS, name="wording_rules"),
    page("wording/rules/<int:edition>/", rules, needs=READS, name="wording_edition"),
]
