"""Saved views: a list's filters under a name."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yinuo.kernel.errors import Invalid
from yinuo.matters.commands import forget_view, save_view
from yinuo.web.render import go
from yinuo.web.routes import page


def _list_of(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        raise Invalid(_("没有这个列表")) from None


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    name, query = request.POST.get("page", "")[:40], QueryDict(request.POST.get("query", "")[:2000]).urlencode()
    address = _list_of(name)
    save_view(page=name, name=request.POST.get("name", ""), query=query, shared=request.POST.get("shared") == "1")
    return go(request, f"{address}?{query}" if query else address, toast=_("视图已保存"))


@require_POST
def forget(request: HttpRequest, view_id: int) -> HttpResponse:
    where = forget_view(view_id=view_id)
    return go(request, _list_of(where), toast=_("视图已删除"))


routes = [
    page("views/save/", save, needs="self.use", name="view_save"),
    page("views/<int:view_id>/forget/", forget, needs="self.use", name="view_forget"),
]
