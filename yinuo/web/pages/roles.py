"""Roles: what each may do, how far it sees, how much it may approve."""

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yinuo.identity import commands
from yinuo.identity.grants import GRANTS
from yinuo.identity.models import Role
from yinuo.kernel.errors import Missing
from yinuo.web.audit.commands import NOUNS
from yinuo.web.forms.base import submit
from yinuo.web.forms.identity import RoleForm
from yinuo.web.render import go, render
from yinuo.web.routes import page

#: What the grants of one noun are about.
GROUPS = NOUNS | {
    "audit": gettext_lazy("审计"), "leader": gettext_lazy("领导接待"), "report": gettext_lazy("报表"),
    "self": gettext_lazy("个人设置"),
}  # fmt: skip


def listing(request: HttpRequest) -> HttpResponse:
    """The roles side by side. One statement."""
    rows = list(Role.objects.annotate(people=Count("staff", filter=Q(staff__is_active=True))).order_by("pk"))
    return render(request, "settings/roles.jinja", {"section": "settings", "roles": rows, "all": len(GRANTS)})


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    role = Role.objects.filter(pk=pk).first()
    if role is None:
        raise Missing(_("没有这个角色"))
    initial = {
        "grants": role.grants,
        "matter_scope": role.matter_scope,
        "customer_scope": role.customer_scope,
        "approval_limit": role.approval_limit,
    }
    form = RoleForm.of(request, initial, version=role.version)
    if submit(request, form, commands.edit_role, stale=True, role_id=pk):
        return go(request, "roles", toast=_("角色“%(name)s”已保存，下一次点击起生效") % {"name": role.name})
    groups: dict[str, list[tuple[str, str]]] = {}
    for grant in GRANTS:
        groups.setdefault(grant.code.split(".")[0], []).append((grant.code, str(grant.label)))
    named = [(GROUPS.get(noun, noun), grants) for noun, grants in groups.items()]
    chosen = set(form["grants"].value() or [])
    return render(
        request,
        "settings/role.jinja",
        {"section": "settings", "form": form, "role": role, "groups": named, "chosen": chosen},
    )


routes = [
    page("settings/roles/", listing, needs="staff.manage", name="roles"),
    page("settings/roles/<int:pk>/", edit, needs="staff.manage", name="role"),
]
