"""Papers of a complaint: the registration form and the agreement as people know them on paper, and the signature."""

from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from yinuo.complaints.commands.printing import note_printed, reveal_for_paper
from yinuo.complaints.models.followup import FIVE
from yinuo.complaints.queries.detail import complaint, detail
from yinuo.complaints.queries.links import shown_agreement
from yinuo.kernel import clock
from yinuo.kernel.blobs import open_blob
from yinuo.kernel.errors import Missing
from yinuo.kernel.text import mask_email, mask_phone
from yinuo.web.forms.base import submit
from yinuo.web.forms.customers import RevealForm
from yinuo.web.render import render
from yinuo.web.routes import page

READ = ("complaint.handle", "report.read")


def form(request: HttpRequest, complaint_id: int) -> HttpResponse:
    """顾客投诉登记表. Numbers are masked; with a reason, which is kept, this one answer shows them."""
    d = detail(complaint_id, entries=1)
    row = d.complaint
    asked = RevealForm.of(request)
    sent = submit(request, asked, reveal_for_paper, complaint_id=complaint_id)
    if sent and sent.repeated:
        asked.ask_again(_("这次查看已经用过。要再看一次，请重新写原因，会再记一次。"))
    plain = sent.result if sent and not sent.repeated else None
    if plain is None:
        note_printed(complaint_id=complaint_id, paper="registration")
    shown = plain or {
        "phone": mask_phone(row.phone) if row.phone else "",
        "email": mask_email(row.email) if row.email else "",
    }
    hidden = plain is None and bool(row.phone or row.email)
    page = {"d": d, "row": row, "m": row.matter, "now": clock.now(), "five": FIVE, "form": asked, "hidden": hidden}
    return render(request, "complaints/paper.jinja", {**page, **shown})


def _agreement(complaint_id: int, agreement_id: int):
    found = shown_agreement(agreement_id)
    if found is None or found.complaint_id != complaint_id:
        raise Missing(_("没有这份协议，或您无权查看"))
    return found


@require_GET
def agreement(request: HttpRequest, complaint_id: int, agreement_id: int) -> HttpResponse:
    found = _agreement(complaint_id, agreement_id)
    note_printed(complaint_id=complaint_id, paper="agreement")
    return render(
        request,
        "complaints/agreement_paper.jinja",
        {"a": found, "row": complaint(complaint_id), "lines": found.text.splitlines()},
    )


@require_GET
def signature(request: HttpRequest, complaint_id: int, agreement_id: int) -> FileResponse:
    """The drawn signature, an image we re-encoded ourselves."""
    found = _agreement(complaint_id, agreement_id)
    if found.signature_id is None:
        raise Missing(_("这份协议没有手写签名"))
    response = FileResponse(open_blob(found.signature), content_type="image/png")
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


routes = [
    page("complaints/<int:complaint_id>/print/", form, needs=READ, name="complaint_print"),
    page(
        "complaints/<int:complaint_id>/agreements/<int:agreement_id>/print/",
        agreement,
        needs=READ,
        name="agreement_print",
    ),
    page(
        "complaints/<int:complaint_id>/agreements/<int:agreement_id>/signature/",
        signature,
        needs=READ,
        name="agreement_signature",
    ),
]
