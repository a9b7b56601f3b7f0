"""How the portal presents the company: its name and telephone."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from yinuo.channels.portal.front import front, present
from yinuo.web.forms.base import submit
from yinuo.web.forms.portal_front import FrontForm
from yinuo.web.render import go, render
from yinuo.web.routes import page


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest) -> HttpResponse:
    row = front()
    values = {"name": row.name, "phone": row.phone, "hours": row.hours}
    form = FrontForm.of(request, values, version=row.version)
    if submit(request, form, present, stale=True):
        return go(request, "portal_front", toast=_("已保存，客户现在就看到"))
    context = {"section": "settings", "form": form, "row": row}
    return render(request, "settings/portal_front.jinja", context)


routes = [page("settings/portal/", edit, needs="staff.manage", name="portal_front")]
