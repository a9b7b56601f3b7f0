"""Somebody looked at unusually many plain values: what those who were told get to see."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from yinuo.customers import queries
from yinuo.kernel.errors import Missing
from yinuo.web.audit.personal import REVEALED
from yinuo.web.render import render
from yinuo.web.routes import SIGNED_IN, page


@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """At what, when and why; the customers by number, for not everybody told may see them."""
    found = queries.alert(pk)
    if found is None:
        raise Missing(_("没有这条提醒，或不是发给您的"))
    rows = list(queries.reveals_of(found.staff_id, found.since).order_by("-pk")[:200])
    for row in rows:
        row.field = REVEALED.get(row.data.get("field", ""), row.data.get("field", ""))  # type: ignore[attr-defined]
    minutes = round((found.at - found.since).total_seconds() / 60)
    return render(request, "customers/reveal_alert.jinja", {"alert": found, "rows": rows, "minutes": minutes})


routes = [page("reveal-alerts/<int:pk>/", show, needs=SIGNED_IN, name="reveal_alert")]
