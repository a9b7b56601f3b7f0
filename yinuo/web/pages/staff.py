"""Staff: the list, one person, a new password."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from yinuo.identity import commands
from yinuo.identity import queries as identity
from yinuo.identity.models import Staff
from yinuo.identity.sign_on import sign_on
from yinuo.kernel.errors import Missing
from yinuo.web.forms.base import submit
from yinuo.web.forms.identity import NewStaffForm, ResetForm, StaffForm
from yinuo.web.listing import Column, Filter, Listing, Sort
from yinuo.web.render import go, render
from yinuo.web.routes import page


def listing(request: HttpRequest) -> HttpResponse:
    """Who works here. Three statements and one for the roles' filter."""
    roles = [(str(r.pk), r.name) for r in identity.roles()]
    found = Listing(
        request,
        Staff.objects.select_related("unit", "manager").prefetch_related("roles"),
        placeholder=_("姓名或登录名"),
        search=lambda rows, q: rows.filter(Q(name__icontains=q) | Q(username__icontains=q.lower())),
        sorts=(
            Sort("name", _("姓名"), "name"),
            Sort("name-", _("姓名倒序"), "-name"),
            Sort("unit", _("部门"), "unit__path"),
        ),
        filters=(
            Filter(
                "active",
                _("状态"),
                (("1", _("在用")), ("0", _("停用"))),
                lambda rows, v: rows.filter(is_active=v == "1"),
                default="1",
            ),
            Filter("role", _("角色"), roles, lambda rows, v: rows.filter(roles=int(v))),
        ),
        columns=(
            Column(_("姓名"), sort="name"),
            Column(_("登录名")),
            Column(_("部门"), sort="unit"),
            Column(_("角色")),
            Column(_("上级"), wide=True),
            Column(_("最近登录"), wide=True),
        ),
    )
    return render(request, "settings/staff.jinja", {"section": "settings", "listing": found})


def _fill(form: Any, me: int | None = None) -> None:
    form.offer("unit_id", [(u.pk, u.name) for u in identity.units()])
    form.offer("role_codes", [(r.code, r.name) for r in identity.roles()])
    people = [(s.pk, f"{s.name}  {s.unit.name}") for s in identity.staff_choices() if s.pk != me]
    form.offer("manager_id", [("", _("按部门负责人")), *people])


def new(request: HttpRequest) -> HttpResponse:
    form = NewStaffForm.of(request, {"role_codes": ["agent"]})
    _fill(form)
    if submit(request, form, commands.create_staff):
        if form.cleaned_data["integration"]:
            return go(request, "staff", toast=_("接口账号已建立，接着到“接口密钥”里给它建一把密钥"))
        return go(request, "staff", toast=_("员工账号已建立，请把初始密码当面告诉本人"))
    return render(
        request,
        "settings/form.jinja",
        {"section": "settings", "form": form, "title": _("新建员工"), "back": "staff", "crumb": _("员工")},
    )


def _person(pk: int) -> Staff:
    row = Staff.objects.prefetch_related("roles").filter(pk=pk).first()
    if row is None:
        raise Missing(_("没有这位员工"))
    return row


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    row = _person(pk)
    initial = {
        "name": row.name,
        "unit_id": row.unit_id,
        "role_codes": [r.code for r in row.roles.all()],
        "phone": row.phone,
        "email": row.email,
        "manager_id": row.manager_id,
        "active": row.is_active,
    }
    form = StaffForm.of(request, initial, version=row.version)
    _fill(form, pk)
    if submit(request, form, commands.edit_staff, stale=True, staff_id=pk):
        return go(request, "staff", toast=_("员工资料已保存"))
    return render(
        request, "settings/person.jinja", {"section": "settings", "form": form, "person": row, "sign_on": sign_on()}
    )


def reset(request: HttpRequest, pk: int) -> HttpResponse:
    row = _person(pk)
    form = ResetForm.of(request)
    if submit(request, form, commands.reset_password, staff_id=pk):
        return go(request, "staff", toast=_("%(name)s 的密码已重设") % {"name": row.name})
    return render(
        request,
        "settings/form.jinja",
        {
            "section": "settings",
            "form": form,
            "title": _("重设 %(name)s 的密码") % {"name": row.name},
            "back": "staff",
            "crumb": _("员工"),
        },
    )


routes = [
    page("settings/staff/", listing, needs="staff.manage", name="staff"),
    page("settings/staff/new/", new, needs="staff.manage", name="staff_new"),
    page("settings/staff/<int:pk>/", edit, needs="staff.manage", name="person"),
    page("settings/staff/<int:pk>/password/", reset, needs="staff.manage", name="person_password"),
]
