"""Papers of a complaint: the registration form and the agreement as people know them on paper, and the signature."""

from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from yinuo.complaints.commands.printing import note_printed, reveal_for_paper
from yinuo.complaints.models.followup import FIVE
from yinuo.complaints.queries.detail import callbacks, complaint, detail
from yinuo.complaints.queries.links import shown_agreement
from yinuo.kernel import clock
from yinuo.kernel.blobs import open_blob, path_of
from yinuo.kernel.errors import Missing
from yinuo.kernel.text import mask_email, mask_phone
from yinuo.web.forms.base import submit
from yinuo.web.forms.customers import RevealForm
from yinuo.web.jinja import url
from yinuo.web.pdf import paper
from yinuo.web.render import render
from yinuo.web.routes import page

READ = ("complaint.handle", "report.read")
MOST_CALLS = 20


def _registration(complaint_id: int) -> dict[str, Any]:
    """What the form shows, with the customer's own numbers masked. Five statements."""
    d = detail(complaint_id, entries=0)
    row = d.complaint
    return {
        "d": d, "row": row, "m": row.matter, "now": clock.now(), "five": FIVE, "hidden": bool(row.phone or row.email),
        "revealed": False, **_masked(row),
    }  # fmt: skip


def _masked(row: Any) -> dict[str, str]:
    return {
        "phone": mask_phone(row.phone) if row.phone else "",
        "email": mask_email(row.email) if row.email else "",
    }


def form(request: HttpRequest, complaint_id: int) -> HttpResponse:
    """顾客投诉登记表. Numbers are masked; with a reason, which is kept, this one answer shows them."""
    shown = _registration(complaint_id)
    asked = RevealForm.of(request)
    sent = submit(request, asked, reveal_for_paper, complaint_id=complaint_id)
    if sent and sent.repeated:
        asked.ask_again(_("这次查看已经用过。要再看一次，请重新写原因，会再记一次。"))
    if sent and not sent.repeated:
        shown |= {"hidden": False, "revealed": True, **sent.result}
    else:
        note_printed(complaint_id=complaint_id, paper="registration")
    return render(request, "complaints/paper.jinja", {**shown, "form": asked})


@require_GET
def form_file(request: HttpRequest, complaint_id: int) -> HttpResponse:
    shown = _registration(complaint_id)
    note_printed(complaint_id=complaint_id, paper="registration")
    return paper(request, "complaints/paper.jinja", shown, f"{_('顾客投诉登记表')} {shown['m'].number}")


def _callbacks(complaint_id: int) -> dict[str, Any]:
    row = complaint(complaint_id)
    note_printed(complaint_id=complaint_id, paper="callbacks")
    return {
        "row": row, "m": row.matter, "calls": callbacks(complaint_id), "most": MOST_CALLS, "five": FIVE,
        "now": clock.now(), **_masked(row),
    }  # fmt: skip


@require_GET
def called(request: HttpRequest, complaint_id: int) -> HttpResponse:
    """客户回访记录: every attempt to hear how it went; empty to be filled in by hand where there was none."""
    return render(request, "complaints/callbacks_paper.jinja", _callbacks(complaint_id))


@require_GET
def called_file(request: HttpRequest, complaint_id: int) -> HttpResponse:
    shown = _callbacks(complaint_id)
    return paper(request, "complaints/callbacks_paper.jinja", shown, f"{_('回访记录')} {shown['m'].number}")


def _agreement(complaint_id: int, agreement_id: int):
    found = shown_agreement(agreement_id)
    if found is None or found.complaint_id != complaint_id:
        raise Missing(_("没有这份协议，或您无权查看"))
    return found


def _agreed(complaint_id: int, agreement_id: int) -> dict[str, Any]:
    found = _agreement(complaint_id, agreement_id)
    note_printed(complaint_id=complaint_id, paper="agreement")
    return {"a": found, "row": complaint(complaint_id), "lines": found.text.splitlines(), "now": clock.now()}


@require_GET
def agreement(request: HttpRequest, complaint_id: int, agreement_id: int) -> HttpResponse:
    return render(request, "complaints/agreement_paper.jinja", _agreed(complaint_id, agreement_id))


@require_GET
def agreement_file(request: HttpRequest, complaint_id: int, agreement_id: int) -> HttpResponse:
    shown = _agreed(complaint_id, agreement_id)
    found, pictures = shown["a"], {}
    if found.signature_id:
        pictures[url("agreement_signature", complaint_id, agreement_id)] = path_of(found.signature.sha256)
    name = f"{_('处理协议')} {shown['row'].matter.number}-{found.version}"
    return paper(request, "complaints/agreement_paper.jinja", shown, name, pictures=pictures)


@require_GET
def signature(request: HttpRequest, complaint_id: int, agreement_id: int) -> FileResponse:
    """The drawn signature, an image we re-encoded ourselves."""
    found = _agreement(complaint_id, agreement_id)
    if found.signature_id is None:
        raise Missing(_("这份协议没有手写签名"))
    response = FileResponse(open_blob(found.signature), content_type="image/png")
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


CASE = "complaints/<int:complaint_id>"
ONE = f"{CASE}/agreements/<int:agreement_id>"
routes = [
    page(f"{CASE}/print/", form, needs=READ, name="complaint_print"),
    page(f"{CASE}/registration.pdf", form_file, needs=READ, name="registration_pdf"),
    page(f"{CASE}/callbacks/print/", called, needs=READ, name="callbacks_print"),
    page(f"{CASE}/callbacks.pdf", called_file, needs=READ, name="callbacks_pdf"),
    page(f"{ONE}/print/", agreement, needs=READ, name="agreement_print"),
    page(f"{ONE}/agreement.pdf", agreement_file, needs=READ, name="agreement_pdf"),
    page(f"{ONE}/signature/", signature, needs=READ, name="agreement_signature"),
]
