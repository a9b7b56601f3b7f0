"""What forms need besides themselves: file uploads, downloads and drafts."""

import json
from urllib.parse import quote

from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from yinuo.conversations.commands import discard_upload, unclaimed, upload_attachment
from yinuo.conversations.models import Attachment
from yinuo.kernel.actor import current_actor
from yinuo.kernel.blobs import open_blob
from yinuo.kernel.errors import Invalid, Missing, YinuoError
from yinuo.kernel.text import clean_line, storable
from yinuo.matters.commands import discard_draft, save_draft
from yinuo.matters.queries import attachment as visible_attachment
from yinuo.matters.queries import draft
from yinuo.web.routes import SIGNED_IN, page

FRESH = "private, no-cache"


def _described(file: Attachment) -> dict[str, object]:
    return {"id": file.pk, "name": file.name, "size": file.size}


def upload(request: HttpRequest) -> HttpResponse:
    """GET lists what I left waiting under a key; POST stores one file, or with `discard` drops one."""
    key = storable((request.POST if request.method == "POST" else request.GET).get("upload_key", "")[:64])
    if request.method != "POST":
        mine = unclaimed(key, staff_id=current_actor().staff_key)
        return JsonResponse({"files": [_described(file) for file in mine]})
    try:
        if request.POST.get("discard"):
            discard_upload(attachment_id=int(request.POST["discard"]), upload_key=key)
            return JsonResponse({"id": 0})
        file = request.FILES.get("file")
        if file is None or len(key) < 8:
            raise Invalid(_("没有收到文件，请重新选择"))
        stored = upload_attachment(file=file.file, name=file.name or "", upload_key=key)
    except (YinuoError, ValueError) as wrong:
        message = wrong.message if isinstance(wrong, YinuoError) else _("没有收到文件，请重新选择")
        return JsonResponse({"detail": message}, status=getattr(wrong, "status", 400))
    return JsonResponse(_described(stored), status=201)


@require_GET
def attachment(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One file: an image we re-encoded is shown, anything else only downloads."""
    file = visible_attachment(pk)
    if file is None:
        raise Missing(_("没有这个附件，或您无权查看"))
    # asked for anew each time, so that nothing opens from the cache after signing out; unchanged, it is not sent again
    unchanged = get_conditional_response(request, etag=f'"{file.blob.sha256}"')
    if unchanged is not None and unchanged.status_code == 304:
        unchanged.headers["Cache-Control"] = FRESH
        return unchanged
    shown = file.is_image and "download" not in request.GET
    response = FileResponse(open_blob(file.blob), content_type=file.media_type if shown else "application/octet-stream")
    kind = "inline" if shown else "attachment"
    response.headers["Content-Disposition"] = f"{kind}; filename*=UTF-8''{quote(file.name)}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"], response.headers["ETag"] = FRESH, f'"{file.blob.sha256}"'
    return response


def drafts(request: HttpRequest) -> HttpResponse:
    """GET the draft under a key, POST {key, data}; data null forgets it."""
    if request.method != "POST":
        return JsonResponse({"data": draft(clean_line(request.GET.get("key", "")[:80])) or None})
    try:
        body = json.loads(request.body)
        key, data = clean_line(str(body["key"])[:80]), body.get("data")
    except (ValueError, KeyError, TypeError, RecursionError):
        return JsonResponse({"detail": _("草稿内容不完整")}, status=400)
    if data is None:
        discard_draft(key=key)
    elif isinstance(data, dict):
        save_draft(key=key, data=data)
    else:
        return JsonResponse({"detail": _("草稿内容不完整")}, status=400)
    return JsonResponse({"ok": True})


routes = [
    page("uploads/", upload, needs=SIGNED_IN, name="uploads"),
    page("files/<int:pk>/", attachment, needs=SIGNED_IN, name="attachment"),
    page("drafts/", drafts, needs=SIGNED_IN, name="drafts"),
]
