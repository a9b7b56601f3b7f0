"""接口来件: what programs sent and were told is kept; first of all what could not be registered."""

import json
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from yinuo.complaints.commands.accepted import OPEN_TO_PEOPLE, note_given, retry_accepted, set_aside_accepted
from yinuo.complaints.models import AcceptedIntake
from yinuo.complaints.rules.choices import Channel
from yinuo.kernel.errors import Missing
from yinuo.kernel.text import mask_email, mask_phone
from yinuo.web.forms.base import act, shown_value, submit
from yinuo.web.forms.complaint_register import RegisterForm
from yinuo.web.forms.mailboxes import SetAsideForm
from yinuo.web.listing import Column, Filter, Listing, Sort
from yinuo.web.render import go, render
from yinuo.web.routes import page

NEEDS = "complaint.register"
TONES = {"refused": "late", "waiting": "soon", "registered": "ok", "set_aside": "kept"}
#: What the registration form has no label for.
MORE = {
    "owner_id": gettext_lazy("负责人编号"),
    "unit_id": gettext_lazy("部门编号"),
    "upload_key": gettext_lazy("附件批号"),
}
HIDDEN = ("interaction_id", "accepted_id")


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Two statements."""
    found = Listing(
        request,
        AcceptedIntake.objects.select_related("api_key").defer("given"),
        placeholder=_("编号"),
        search=lambda rows, q: rows.filter(number__icontains=q),
        sorts=(Sort("new", _("最近"), "-received_at"), Sort("new-", _("最早"), "received_at")),
        filters=(
            Filter(
                "state",
                _("状态"),
                AcceptedIntake.State.choices,
                lambda rows, v: rows.filter(state=v),
                default="refused",
            ),
        ),
        columns=(
            Column(_("编号与密钥")),
            Column(_("结果")),
            Column(_("原因")),
            Column(_("收到"), sort="new", cls="nowrap"),
        ),
        empty=_("没有未能登记的来件。接口收下的每一件都登记好了。"),
    )
    return render(request, "intakes/list.jinja", {"section": "complaints", "listing": found, "tones": TONES})


def one(request: HttpRequest, pk: int) -> HttpResponse:
    """What was sent, what was wrong, and what can be done."""
    row = AcceptedIntake.objects.select_related("api_key__staff").filter(pk=pk).first()
    if row is None:
        raise Missing(_("没有这份接口来件，或您无权查看"))
    form = SetAsideForm.of(request)
    if submit(request, form, set_aside_accepted, accepted_id=pk):
        return go(request, "intakes", toast=_("已标记为无需登记，来件仍然保留"))
    context = {
        "section": "complaints", "row": row, "form": form, "facts": sent(row.given), "tones": TONES,
        "open": row.state in OPEN_TO_PEOPLE,
    }  # fmt: skip
    return render(request, "intakes/show.jinja", context)


def sent(given: dict[str, Any]) -> list[tuple[Any, Any]]:
    """The input in words, as the form orders it; phone and address as everywhere else, to be revealed for a reason."""
    return [
        (MORE.get(name) or RegisterForm.base_fields[name].label, _shown(name, given[name]))
        for name in dict.fromkeys((*RegisterForm.base_fields, *MORE))
        if given.get(name) not in (None, "", False) and name not in HIDDEN
    ]


def _shown(name: str, value: Any) -> Any:
    if name == "channel":
        return Channel(value).label
    if name == "phone":
        return mask_phone(value)
    if name == "email":
        return mask_email(value)
    if name == "received_at":
        value = datetime.fromisoformat(value)
    return shown_value(RegisterForm.base_fields[name], value) if name in RegisterForm.base_fields else value


@require_GET
def raw(request: HttpRequest, pk: int) -> HttpResponse:
    """The input as it is kept, always as a download, and kept who took it."""
    row = note_given(accepted_id=pk)
    response = HttpResponse(
        json.dumps(row.given, ensure_ascii=False, indent=2), content_type="application/octet-stream"
    )
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(f'{row.number}.json')}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    act(request, retry_accepted, accepted_id=pk)
    return go(request, "intake", pk, toast=_("已重新排队登记"))


routes = [
    page("complaints/accepted/", listing, needs=NEEDS, name="intakes"),
    page("complaints/accepted/<int:pk>/", one, needs=NEEDS, name="intake"),
    page("complaints/accepted/<int:pk>/raw/", raw, needs="customer.reveal", name="intake_raw"),
    page("complaints/accepted/<int:pk>/retry/", retry, needs=NEEDS, name="intake_retry"),
]
