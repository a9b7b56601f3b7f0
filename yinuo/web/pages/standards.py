"""Service standards and the packs they come in. A change shows first which open promises it moves."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yinuo.calendars.wording import span_text
from yinuo.identity.queries import units
from yinuo.kernel import clock
from yinuo.kernel.errors import Missing, YinuoError
from yinuo.promises import commands
from yinuo.promises.queries import standard_moves
from yinuo.promises.queries import standards as reads
from yinuo.promises.queries.moves import SHOWN
from yinuo.promises.rules.conditions import LABELS, value_label
from yinuo.promises.rules.happenings import date_label, fulfilment_label, obligation_label, trigger_label, wait_label
from yinuo.promises.rules.reading import read_standard
from yinuo.web.audit.who import maker_in_words
from yinuo.web.forms.base import act, submit
from yinuo.web.forms.standards import BREACHES, RUNG_LABELS, StandardForm, initial
from yinuo.web.render import go, render
from yinuo.web.routes import page

NEEDS = "standard.edit"


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """All standards in force, by pack. One statement."""
    groups: dict[str, list[Any]] = {}
    for row in reads.standards():
        groups.setdefault(row.pack, []).append(row)
    titles = {pack.name: pack.title for pack in reads.packs()}
    context = {
        "section": "settings",
        "groups": [(titles.get(p, _("自定")), rows) for p, rows in groups.items()],
        "target": reads.target_text,
        "breaches": dict(BREACHES),
    }
    return render(request, "standards/list.jinja", context)


@require_GET
def show(request: HttpRequest, key: str) -> HttpResponse:
    """A standard with its versions. Two statements."""
    standard = _standard(key)
    context = {
        "section": "settings",
        "standard": standard,
        "spec": standard.spec,
        "versions": reads.versions(key),
        "target": reads.target_text(standard),
        "rungs": RUNG_LABELS,
        "breaches": dict(BREACHES),
        "conditions": LABELS,
        "value": value_label,
        "units": {u.code: u.name for u in units()} if "unit" in standard.spec.conditions else {},
        "trigger": trigger_label(standard.trigger),
        "obligation": obligation_label(standard.spec.obligation),
        "date": date_label,
        "fulfilment": fulfilment_label,
        "who": maker_in_words,
        "waits": wait_label,
    }
    return render(request, "standards/show.jinja", context)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, key: str) -> HttpResponse:
    standard = _standard(key)
    form = StandardForm.of(request, initial(standard.data), version=standard.version, fixed=True)
    return _form(request, form, key, standard.title)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    form = StandardForm.of(
        request,
        {"sense": "deadline", "clock": "working_days", "breach_kind": "none", "warn_at": "50 80", "after_handler": 0},
    )
    return _form(request, form, "", _("新建标准"))


def _form(request: HttpRequest, form: StandardForm, key: str, title: str) -> HttpResponse:
    """First what would move, then the change."""
    moves = None
    if request.method == "POST" and form.is_valid():
        if key:
            form.cleaned_data["key"] = key
        if request.POST.get("step") == "apply" or not key:
            fixed: dict[str, Any] = {"expected_version": form.cleaned_data.get("version") or 0} if key else {}
            if sent := submit(request, form, commands.save_standard, **fixed):
                saved = getattr(sent.result, "key", key) or form.cleaned_data["key"]
                return go(request, "standard", saved, toast=_("已保存；受影响的承诺已重新计算，并各自留下记录"))
        else:
            moves = _preview(form, key)
    context = {
        "section": "settings",
        "form": form,
        "key": key,
        "title": title,
        "moves": moves,
        "span": span_text,
        "elsewhere": moves is not None and _holds_elsewhere(form, key),
        "shown": SHOWN,
        "back": ("standard", key) if key else ("standards",),
    }
    return render(request, "standards/edit.jinja", context)


def _holds_elsewhere(form: StandardForm, key: str) -> bool:
    """Whether the change makes the standard hold for other cases than before."""
    return dict(read_standard(form.standard()).conditions) != dict(_standard(key).spec.conditions)


def _preview(form: StandardForm, key: str) -> Any:
    try:
        return standard_moves(key, read_standard(form.standard()), clock.now())
    except YinuoError as wrong:
        form.refuse(wrong)
        return None


@require_POST
def remove(request: HttpRequest, key: str) -> HttpResponse:
    version = request.POST.get("version", "")
    act(request, commands.remove_standard, key=key, expected_version=int(version) if version.isdecimal() else 0)
    return go(request, "standards", toast=_("已停用；已作出的承诺会照常办完"))


@require_GET
def packs(request: HttpRequest) -> HttpResponse:
    """Two statements: packs and units."""
    places = units()
    named = {u.code: u.name for u in places}
    context = {"section": "settings", "packs": reads.packs(), "units": places, "named": named}
    return render(request, "standards/packs.jinja", context)


@require_POST
def load(request: HttpRequest, name: str) -> HttpResponse:
    codes = [c for c in request.POST.getlist("unit") if c]
    sent = act(request, commands.load_pack, name=name, unit_codes=codes)
    return go(request, "packs", toast=_loaded(sent.result if isinstance(sent.result, dict) else {}, codes))


def _loaded(result: dict[str, Any], codes: list[str]) -> str:
    """What loading a pack did, and what it left as it was."""
    named = {u.code: u.name for u in units()} if codes else {}
    where = "、".join(named.get(code, code) for code in codes) or _("全公司")
    count = {name: len(keys) for name, keys in result.items()}
    said = [
        sentence % {"n": count[name], "where": where}
        for name, sentence in (
            ("made", _("已载入 %(n)d 条标准，用于%(where)s")),
            ("widened", _("%(n)d 条在用的标准现在也用于%(where)s，数字没有改动")),
            ("left", _("%(n)d 条的适用条件不止一处不同，没有改动，请逐条修改")),
        )
        if count.get(name)
    ]
    return _("；").join(said) or _("这些标准已经用于%(where)s，没有改动") % {"where": where}


@require_POST
def unload(request: HttpRequest, name: str) -> HttpResponse:
    act(request, commands.remove_pack, name=name)
    return go(request, "packs", toast=_("已移除；历史都在，已作出的承诺会照常办完"))


def _standard(key: str) -> Any:
    found = reads.standard(key)
    if found is None:
        raise Missing(_("没有这项标准"))
    return found


routes = [
    page("settings/standards/", index, needs=NEEDS, name="standards"),
    page("settings/standards/new/", new, needs=NEEDS, name="standard_new"),
    page("settings/standards/<str:key>/", show, needs=NEEDS, name="standard"),
    page("settings/standards/<str:key>/edit/", edit, needs=NEEDS, name="standard_edit"),
    page("settings/standards/<str:key>/remove/", remove, needs=NEEDS, name="standard_remove"),
    page("settings/packs/", packs, needs=NEEDS, name="packs"),
    page("settings/packs/<slug:name>/load/", load, needs=NEEDS, name="pack_load"),
    page("settings/packs/<slug:name>/remove/", unload, needs=NEEDS, name="pack_remove"),
]
