"""Photos and files of a form: sent ahead by the script, or with the form itself."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from yinuo.channels.portal import proof
from yinuo.channels.portal.commands import discard_upload, upload
from yinuo.channels.portal.forms import Form
from yinuo.channels.portal.visitor import count, place
from yinuo.conversations.commands import unclaimed
from yinuo.conversations.models import Attachment
from yinuo.kernel.errors import Invalid, YinuoError


def waiting(form: Form) -> list[Attachment]:
    """The files already kept for this form."""
    return list(unclaimed(form.ticket.upload_key, staff_id=None)) if form.typed else []


def count_file(request: HttpRequest, file: Any) -> None:
    """One more file from this network, and as many megabytes as it has begun."""
    here = place(request)
    count("upload_address", here)
    count("upload_megabytes", here, weight=1 + (file.size or 0) // 2**20)


def keep_files(request: HttpRequest, form: Form) -> None:
    """Without a script the files come with the form. They are kept first, so an error elsewhere loses none."""
    try:
        for gone in request.POST.getlist("discard")[:20]:
            if gone.isdecimal():
                discard_upload(attachment_id=int(gone), upload_key=form.ticket.upload_key)
        for file in request.FILES.getlist("files"):
            count_file(request, file)
            upload(file=file, name=file.name or "", upload_key=form.ticket.upload_key)
    except YinuoError as error:
        form.refuse(error)
        form.wrong["files"] = error.message


def receive(request: HttpRequest) -> HttpResponse:
    """One file sent ahead; answers with its id and name, or with the sentence that says what is wrong."""
    try:
        ticket = proof.read(request.POST.get("ticket", ""))
        file = request.FILES.get("file")
        if ticket is None:
            raise Invalid(_("这一页打开太久了，请刷新后重试"))
        if not proof.solved(ticket.token, request.POST.get("proof", "")):
            raise Invalid(_("没有传上去，请刷新页面后再试"), code="unproved")
        if file is None:
            raise Invalid(_("没有收到文件，请再试一次"))
        count_file(request, file)
        kept = upload(file=file, name=file.name or "", upload_key=ticket.upload_key)
    except YinuoError as error:
        return JsonResponse({"error": error.message}, status=error.status)
    return JsonResponse({"id": kept.pk, "name": kept.name, "size": kept.size, "image": kept.is_image}, status=201)


def discard(request: HttpRequest) -> HttpResponse:
    ticket = proof.read(request.POST.get("ticket", ""))
    chosen = request.POST.get("id", "")
    if ticket is None or not chosen.isdecimal() or len(chosen) > 18:
        return JsonResponse({"error": _("这一页打开太久了，请刷新后重试")}, status=422)
    return JsonResponse({"gone": discard_upload(attachment_id=int(chosen), upload_key=ticket.upload_key)})
