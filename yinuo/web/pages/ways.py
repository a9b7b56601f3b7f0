"""Beside an editor: by which way the answer goes, whether that works now, and what became of the last one."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from yinuo.kernel.errors import Missing
from yinuo.web.reads.answering import about
from yinuo.web.reads.ways import way
from yinuo.web.render import render
from yinuo.web.routes import page


@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """Fetched when the editor is seen, when another way is chosen in it, and when something was sent."""
    found = about(request)
    if not found.query:
        raise Missing(_("没有这个事项，或您无权查看"))
    return render(request, "ways/way.jinja", {"way": way(found, request.GET.get("via", ""))}, part="way")


routes = [page("way/", show, needs=("conversation.reply", "complaint.handle"), name="way")]
