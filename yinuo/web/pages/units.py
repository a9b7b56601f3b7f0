"""Departments: the tree, one department."""

from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from yinuo.identity import commands
from yinuo.identity.models import Unit
from yinuo.identity.queries import staff_choices
from yinuo.kernel.errors import Missing
from yinuo.web.forms.base import submit
from yinuo.web.forms.identity import NewUnitForm, UnitForm
from yinuo.web.render import go, render
from yinuo.web.routes import page


def tree(request: HttpRequest) -> HttpResponse:
    """The org tree with who heads what. One statement."""
    rows: list[Any] = list(
        Unit.objects.select_related("head")
        .annotate(people=Count("staff", filter=Q(staff__is_active=True)))
        .order_by("path")
    )
    by_parent: dict[int | None, list[Any]] = {}
    for row in rows:
        by_parent.setdefault(row.parent_id, []).append(row)
    ordered: list[Any] = []

    def walk(parent: int | None, depth: int) -> None:
        for row in sorted(by_parent.get(parent, []), key=lambda u: u.pk):
            row.depth = min(depth, 5)
            ordered.append(row)
            walk(row.pk, depth + 1)

    walk(None, 0)
    return render(request, "settings/units.jinja", {"section": "settings", "units": ordered})


def _choices(without: Unit | None = None) -> list[tuple[Any, str]]:
    rows = Unit.objects.filter(active=True).order_by("path")
    return [("", _("最上级")), *((u.pk, u.name) for u in rows if not without or f"/{without.pk}/" not in u.path)]


def new(request: HttpRequest) -> HttpResponse:
    choices = _choices()
    below = request.GET.get("parent") or next((key for key, _label in choices if key), "")  # in the company
    form = NewUnitForm.of(request, {"kind": "department", "parent_id": below})
    form.offer("parent_id", choices)
    if submit(request, form, commands.create_unit):
        return go(request, "units", toast=_("部门已建立"))
    return render(
        request,
        "settings/form.jinja",
        {"section": "settings", "form": form, "title": _("新建部门"), "back": "units", "crumb": _("部门")},
    )


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    unit = Unit.objects.filter(pk=pk).first()
    if unit is None:
        raise Missing(_("没有这个部门"))
    initial = {
        "name": unit.name, "head_id": unit.head_id, "parent_id": unit.parent_id, "takes_intake": unit.takes_intake,
        "active": unit.active,
    }  # fmt: skip
    form = UnitForm.of(request, initial, version=unit.version)
    form.offer("parent_id", _choices(unit))
    form.offer("head_id", [("", _("未指定")), *((s.pk, f"{s.name}  {s.unit.name}") for s in staff_choices())])
    if submit(request, form, commands.edit_unit, stale=True, unit_id=pk):
        return go(request, "units", toast=_("部门已保存"))
    return render(
        request,
        "settings/form.jinja",
        {"section": "settings", "form": form, "title": unit.name, "back": "units", "crumb": _("部门")},
    )


routes = [
    page("settings/units/", tree, needs="staff.manage", name="units"),
    page("settings/units/new/", new, needs="staff.manage", name="unit_new"),
    page("settings/units/<int:pk>/", edit, needs="staff.manage", name="unit"),
]
