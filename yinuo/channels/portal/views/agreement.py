"""The settlement agreement: read it, sign it, or say why not."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from yinuo.channels.portal import links, queries
from yinuo.channels.portal.forms import Form, blank, posted, run
from yinuo.channels.portal.pages import render
from yinuo.channels.portal.visitor import count, holder
from yinuo.complaints.commands import confirm_agreement, refuse_agreement
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as
from yinuo.kernel.errors import Invalid


def agreement(request: HttpRequest, token: str) -> HttpResponse:
    matter_id, agreement_id = links.read_pair(links.AGREEMENT, token)
    names = ("answer", "name", "agree", "signature", "typed", "sha256", "reason")
    form = posted(request, names) if request.method == "POST" else blank()
    with acting_as(holder(request, matter_id)):
        if request.method == "POST" and not form.above:
            count("sign_matter", matter_id)
            _answer(request, form, agreement_id)
        row = queries.agreement(matter_id, agreement_id)
        number = queries.number_of(matter_id)
    now = clock.now()
    values = {
        "row": row, "form": form, "token": token, "number": number, "case_token": links.case_token(matter_id, now),
        "late": row.expires_at < now,
    }  # fmt: skip
    return render(request, "agreement", values, status=form.status if row.state == "offered" else 200)


def _answer(request: HttpRequest, form: Form, agreement_id: int) -> None:
    browser = request.headers.get("User-Agent", "")
    if form["answer"] == "no":
        run(form, refuse_agreement, agreement_id=agreement_id, reason=form["reason"], user_agent=browser)
        return
    if not form["agree"]:
        form.refuse(Invalid(_("还差一步就能确认"), fields={"agree": _("请先勾选“我已阅读并同意”")}))
        return
    run(
        form, confirm_agreement, agreement_id=agreement_id, sha256=form["sha256"], name=form["name"],
        signature=form["signature"], typed=bool(form["typed"]), user_agent=browser,
    )  # fmt: skip
