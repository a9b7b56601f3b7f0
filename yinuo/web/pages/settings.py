"""The settings hub, and everybody's place in it: departments, staff, roles, API keys."""

from django.http import HttpRequest, HttpResponse

from yinuo.kernel.actor import current_actor
from yinuo.web.render import render
from yinuo.web.routes import page
from yinuo.web.shell import RAIL, SETTINGS, menu

NEEDS = next(entry.needs for entry in RAIL if entry.name == "settings")


def hub(request: HttpRequest) -> HttpResponse:
    """What this person may set."""
    return render(request, "settings/hub.jinja", {"section": "settings", "entries": menu(SETTINGS, current_actor())})


routes = [page("settings/", hub, needs=NEEDS, name="settings")]
