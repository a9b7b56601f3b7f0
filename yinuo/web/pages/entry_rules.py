"""The house's rules about getting in."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from yinuo.identity.commands import set_lifetimes
from yinuo.identity.queries import entry_rules
from yinuo.web.forms.base import submit
from yinuo.web.forms.entry import LifetimesForm
from yinuo.web.render import go, render
from yinuo.web.routes import page


def lifetimes(request: HttpRequest) -> HttpResponse:
    """How long somebody stays signed in."""
    rules = entry_rules()
    initial = {"idle_minutes": rules.idle_minutes, "absolute_hours": rules.absolute_hours}
    form = LifetimesForm.of(request, initial, version=rules.version)
    if submit(request, form, set_lifetimes, stale=True):
        return go(request, "entry_rules", toast=_("登录时长已改，正在登录的人也按新的来"))
    return render(request, "settings/entry_rules.jinja", {"section": "settings", "form": form})


routes = [page("settings/entry/", lifetimes, needs="staff.manage", name="entry_rules")]
