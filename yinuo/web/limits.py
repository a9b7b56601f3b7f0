"""How much anybody may send at once, said before it is read: a body on the disk or in memory is a cost already."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from yinuo.web.problems import problem_response

#: Room for the other fields of a form that carries a file.
BESIDE = 256 * 1024
#: A portal form of a browser without scripts brings its files with it; with scripts they come one by one.
FORM_WITH_FILES = 4


def refuse_huge(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Refuse by the length the sender names; without a name nothing is read. The API says so in its own words."""

    def middleware(request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if request.path.startswith("/api/") or (length.isdecimal() and int(length) <= most(request)):
            return get_response(request)
        request.actor = None  # type: ignore[attr-defined]
        return problem_response(request, 413, _("提交的内容太大了：附件每个最多 25 MB，请分开上传；文字请缩短。"))

    return middleware


def most(request: HttpRequest) -> int:
    if request.content_type != "multipart/form-data":
        return settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    files = FORM_WITH_FILES if request.path.startswith("/p/") and request.path != "/p/upload/" else 1
    return files * settings.ATTACHMENT_MAX_BYTES + BESIDE
