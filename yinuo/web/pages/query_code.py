"""The code a customer lost: told by a colleague who has checked who is asking, and kept in the case's story."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yinuo.channels.portal.commands import reveal_code
from yinuo.web.render import go
from yinuo.web.routes import page


@require_POST
def query_code(request: HttpRequest, pk: int) -> HttpResponse:
    code = reveal_code(matter_id=pk)["secret"]
    return go(request, "matter", pk, toast=_("查询码：%(code)s（已记入经过）") % {"code": code})


routes = [page("matters/<int:pk>/query-code/", query_code, needs="matter.handle", name="matter_query_code")]
