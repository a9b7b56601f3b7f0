"""The progress page, adding to a case, its files, and asking for more: withdraw, review, reopen."""

from typing import Any

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from yinuo.channels.portal import links, queries
from yinuo.channels.portal.commands import add_information
from yinuo.channels.portal.forms import Form, blank, posted, run
from yinuo.channels.portal.pages import render
from yinuo.channels.portal.rules import KINDS, MAX_CONTENT, MAX_FILES
from yinuo.channels.portal.sharing import share_token, standing
from yinuo.channels.portal.views.uploads import keep_files, waiting
from yinuo.channels.portal.visitor import count, holder, unlocked
from yinuo.complaints.commands import reopen_own, request_own_review, withdraw_own
from yinuo.complaints.rules.choices import Satisfaction
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as
from yinuo.kernel.blobs import open_blob
from yinuo.kernel.errors import Denied, Missing, YinuoError
from yinuo.surveys.links import answer_token
from yinuo.surveys.queries import open_for_matter

#: What a customer may still ask of a complaint, and in which stages.
WISHES: dict[str, Any] = {"withdraw": withdraw_own, "review": request_own_review, "reopen": reopen_own}


def case(request: HttpRequest, token: str) -> HttpResponse:
    """Where the case is. Masked, so that a forwarded link is safe; whole for who has given the code."""
    matter_id = links.read_one(links.CASE, token)
    return _page(request, token, matter_id, blank())


def _page(request: HttpRequest, token: str, matter_id: int, form: Form) -> HttpResponse:
    now, known = clock.now(), matter_id in unlocked(request)
    with acting_as(holder(request, matter_id)):
        shown = queries.case(matter_id, at=now, unlocked=known)
        passed = standing(matter_id, now) if known else None
    values: dict[str, Any] = {
        "case": shown, "kind": KINDS.get(shown.kind), "token": token, "unlocked": known, "form": form,
        "max_files": MAX_FILES, "max_content": MAX_CONTENT, "files": waiting(form),
        "levels": Satisfaction.choices, "new": known and "new" in request.GET, "done": request.GET.get("done", ""),
    }  # fmt: skip
    if known:
        values["code"] = links.code_of(matter_id)
        values["link"] = links.case_link(matter_id, now)
        values["further"] = _further(shown)
        values.update(_documents(shown, matter_id, now))
        values["asked"] = [_asked(row) for row in open_for_matter(matter_id, now)]
        values["share"] = passed
        values["share_link"] = (
            f"{settings.PUBLIC_URL}{reverse('portal_shared', args=[share_token(passed)])}" if passed else ""
        )
    return render(request, "case", values, status=form.status)


def _asked(row: Any) -> dict[str, Any]:
    """A questionnaire that waits; its levels stand right here when it begins with five of them."""
    first = row.edition.questions[0]
    return {
        "title": row.edition.title,
        "token": answer_token(row.pk, row.expires_at),
        "levels": [(n, first.label(n)) for n in reversed(first.steps)] if first.labels else [],
    }


def _documents(shown: queries.Case, matter_id: int, now: Any) -> dict[str, str]:
    """Links to what waits for the customer's answer."""
    return {
        "restatement_link": links.restatement_link(matter_id, shown.restatement.pk, now) if shown.restatement else "",
        "agreement_link": links.agreement_link(matter_id, shown.agreement.pk, shown.agreement.expires_at)
        if shown.agreement
        else "",
        "rating_link": links.rating_link(matter_id, now) if shown.may_rate else "",
    }


def _further(shown: queries.Case) -> list[tuple[str, str]]:
    if shown.kind != "complaint":
        return []
    if shown.state in ("closed", "rejected"):
        return [("reopen", _("问题没有解决，请重新处理")), ("review", _("不同意结果，请另一位同事复核"))]
    if shown.state == "withdrawn":
        return [("reopen", _("请重新处理"))]
    if shown.open and shown.state not in ("executing", "callback", "escalated_out"):
        return [("withdraw", _("问题已解决，我要撤回投诉"))]
    return []


def add(request: HttpRequest, token: str) -> HttpResponse:
    """More words, more photos."""
    matter_id = whole(request, token)
    form = posted(request, ("text",))
    with acting_as(holder(request, matter_id)):
        keep_files(request, form)
        if not form.above:
            try:
                count("add_matter", matter_id)
                if run(
                    form, add_information, matter_id=matter_id, text=form["text"], upload_key=form.ticket.upload_key
                ):
                    return _back(token, "added")
            except YinuoError as error:
                form.refuse(error)
    return _page(request, token, matter_id, form)


def further(request: HttpRequest, token: str) -> HttpResponse:
    """Withdraw, ask for a review, reopen: each with the customer's reason."""
    matter_id = whole(request, token)
    form = posted(request, ("wish", "reason"))
    wish = WISHES.get(form["wish"])
    if wish is None:
        raise Missing(_("没有这个选项"))
    count("add_matter", matter_id)
    with acting_as(holder(request, matter_id)):
        if not form.above and run(form, wish, complaint_id=matter_id, reason=form["reason"]) is not None:
            return _back(token, str(form["wish"]))
    form.wrong.setdefault("reason", form.above)
    return _page(request, token, matter_id, form)


def whole(request: HttpRequest, token: str) -> int:
    """The link alone is not enough to write or read words: the code must have been given here."""
    matter_id = links.read_one(links.CASE, token)
    if matter_id not in unlocked(request):
        raise Denied(_("请先在进展页面输入查询码，再继续。"))
    return matter_id


def _back(token: str, done: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("portal_case", args=[token]) + f"?done={done}", status=303)


def file(request: HttpRequest, token: str, attachment_id: int) -> HttpResponseBase:
    """A file of the case: images are shown, everything else is only ever downloaded."""
    matter_id = whole(request, token)
    with acting_as(holder(request, matter_id)):
        found = queries.file_of(matter_id, attachment_id)
    if found is None:
        raise Missing(_("没有这个文件"))
    kind = found.media_type if found.is_image else "application/octet-stream"
    response = FileResponse(open_blob(found.blob), content_type=kind)
    response.headers["Content-Disposition"] = content_disposition_header(not found.is_image, found.name) or "attachment"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "no-store, private"
    return response
