"""Attachments looked at without downloading them: small pictures, and the pages of a PDF as pictures."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from yinuo.conversations.models import Attachment
from yinuo.kernel.errors import Missing, YinuoError
from yinuo.matters.queries import attachment as visible_attachment
from yinuo.web import previews
from yinuo.web.pages.uploads import FRESH
from yinuo.web.routes import SIGNED_IN, page


def _visible(pk: int) -> Attachment:
    file = visible_attachment(pk)
    if file is None:
        raise Missing(_("没有这个附件，或您无权查看"))
    if not previews.can_show(file):
        raise Missing(_("这个附件不能预览，请下载后查看"))
    return file


def _picture(request: HttpRequest, file: Attachment, number: int | None) -> HttpResponse:
    """Asked for anew each time, so that nothing opens from the cache after signing out; unchanged, it is not sent."""
    etag = f'"{file.blob.sha256}-{number or "small"}"'
    response = get_conditional_response(request, etag=etag)
    if response is None or response.status_code != 304:
        picture = previews.small(file) if number is None else previews.drawn(file, number)
        response = HttpResponse(picture, content_type="image/webp")
        response.headers["Content-Disposition"] = "inline"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"], response.headers["ETag"] = FRESH, etag
    return response


@require_GET
def small(request: HttpRequest, pk: int) -> HttpResponse:
    return _picture(request, _visible(pk), None)


@require_GET
def about(request: HttpRequest, pk: int) -> JsonResponse:
    """How many pages, and how large those are that can be shown; where none can, the sentence that says so."""
    try:
        found = previews.about(_visible(pk))
    except YinuoError as wrong:
        return JsonResponse({"detail": wrong.message}, status=wrong.status)
    if not found["sizes"]:
        found["detail"] = _("这份 PDF 有密码或已损坏，不能在这里显示，请下载后查看。")
    return JsonResponse(found)


@require_GET
def drawn(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    return _picture(request, _visible(pk), number)


routes = [
    page("files/<int:pk>/small/", small, needs=SIGNED_IN, name="attachment_small"),
    page("files/<int:pk>/pages/", about, needs=SIGNED_IN, name="attachment_pages"),
    page("files/<int:pk>/pages/<int:number>/", drawn, needs=SIGNED_IN, name="attachment_page"),
]
