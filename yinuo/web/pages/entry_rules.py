"""The house's rules about getting in."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from yinuo.identity import queries as identity
from yinuo.identity.commands import require_second_step, reset_second_step, set_lifetimes
from yinuo.identity.models import Staff
from yinuo.identity.queries import entry_rules
from yinuo.identity.second_step import steps_of
from yinuo.kernel.errors import Missing
from yinuo.web.forms.base import submit
from yinuo.web.forms.entry import LifetimesForm, ReasonForm, StepRulesForm
from yinuo.web.render import go, render
from yinuo.web.routes import page


def lifetimes(request: HttpRequest) -> HttpResponse:
    """How long somebody stays signed in."""
    rules = entry_rules()
    initial = {"idle_minutes": rules.idle_minutes, "absolute_hours": rules.absolute_hours}
    form = LifetimesForm.of(request, initial, version=rules.version)
    if submit(request, form, set_lifetimes, stale=True):
        return go(request, "entry_rules", toast=_("登录时长已改，正在登录的人也按新的来"))
    return render(request, "settings/entry_rules.jinja", {"section": "settings", "form": form, "rules": rules})


def second_step(request: HttpRequest) -> HttpResponse:
    """Who must have a second step, and by when."""
    rules = entry_rules()
    form = StepRulesForm.of(request, {"roles": rules.step_roles, "grace_days": rules.grace_days}, version=rules.version)
    form.offer("roles", [(role.code, role.name) for role in identity.roles()])
    if submit(request, form, require_second_step, stale=True):
        return go(request, "entry_second_step", toast=_("已保存；到期还没有设的人，登录时会被带去设置"))
    return render(request, "settings/entry_second_step.jinja", {"section": "settings", "form": form, "rules": rules})


def reset(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody lost everything they could show."""
    person = Staff.objects.filter(pk=pk).first()
    if person is None:
        raise Missing(_("没有这位员工"))
    form = ReasonForm.of(request)
    if submit(request, form, reset_second_step, staff_id=pk):
        return go(request, "person", pk, toast=_("%(name)s 的两步登录已重设") % {"name": person.name})
    context = {"section": "settings", "form": form, "person": person, "steps": steps_of(pk)}
    return render(request, "settings/second_step_reset.jinja", context)


routes = [
    page("settings/entry/", lifetimes, needs="staff.manage", name="entry_rules"),
    page("settings/entry/second-step/", second_step, needs="staff.manage", name="entry_second_step"),
    page("settings/staff/<int:pk>/second-step/", reset, needs="staff.manage", name="person_second_step"),
]
