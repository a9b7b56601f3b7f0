"""邮箱: the accounts mail comes and goes by, and the queue of mails nobody could read."""

from typing import Any
from urllib.parse import quote

from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yinuo.channels.email import queries
from yinuo.channels.email.commands.intake import ignore_raw, retry_raw
from yinuo.channels.email.commands.mailboxes import delete_mailbox, make_default, save_mailbox
from yinuo.channels.email.commands.reading import note_raw, read_raw
from yinuo.channels.email.models import Mailbox, RawMessage
from yinuo.channels.email.probe import probe
from yinuo.channels.email.wording import PROBLEMS, reason_text
from yinuo.kernel.blobs import open_blob
from yinuo.kernel.errors import Missing
from yinuo.kernel.text import mask_addresses
from yinuo.web.forms.base import act, submit
from yinuo.web.forms.customers import RevealForm
from yinuo.web.forms.mailboxes import MailboxForm, SetAsideForm, initial
from yinuo.web.listing import Column, Filter, Listing, Sort
from yinuo.web.render import go, render
from yinuo.web.routes import page

NEEDS = "mailbox.manage"


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The mailboxes with their state. One statement."""
    return render(request, "mailboxes/list.jinja", {"section": "settings", "rows": queries.mailboxes()})


def edit(request: HttpRequest, pk: int = 0) -> HttpResponse:
    """A new mailbox, or the settings of one."""
    row = queries.mailbox(pk) if pk else Mailbox()
    if row is None:
        raise Missing(_("没有这个邮箱"))
    form = MailboxForm.of(request, initial(row), version=row.version)
    sent = submit(request, form, save_mailbox, stale=bool(pk), mailbox_id=pk or None)
    if sent:
        saved = getattr(sent.result, "pk", sent.result)
        return go(request, "mailbox", saved, toast=_("邮箱已保存，可以点“测试连接”确认能登录"))
    return render(request, "mailboxes/edit.jinja", {"section": "settings", "form": form, "row": row if pk else None})


@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Log in to both servers and say what happened."""
    row = queries.mailbox(pk)
    if row is None:
        raise Missing(_("没有这个邮箱"))
    found = probe(row)
    return go(request, "mailbox", pk, toast=_("；").join(found["words"]), tone="success" if found["good"] else "danger")


@require_POST
def default(request: HttpRequest, pk: int) -> HttpResponse:
    act(request, make_default, mailbox_id=pk)
    return go(request, "mailboxes", toast=_("已设为默认发信邮箱"))


@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    act(request, delete_mailbox, mailbox_id=pk)
    return go(request, "mailboxes", toast=_("邮箱已停用或删除；收过的邮件都还在"))


@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """Raw mails: first the ones that need a person. Two statements."""
    boxes = [(str(b.pk), b.address) for b in Mailbox.objects.order_by("pk")[:50]]
    found = Listing(
        request,
        queries.messages(),
        placeholder=_("发件人或主题"),
        search=lambda rows, q: rows.filter(sender__icontains=q) | rows.filter(subject__icontains=q),
        sorts=(Sort("new", _("最近"), "-stored_at"), Sort("new-", _("最早"), "stored_at")),
        filters=(
            Filter(
                "state", _("状态"), RawMessage.State.choices, lambda rows, v: rows.filter(state=v), default="failed"
            ),
            Filter(
                "box",
                _("邮箱"),
                boxes,
                lambda rows, v: rows.filter(mailbox_id=int(v)) if v.isdecimal() else rows,
                compact=True,
            ),
        ),
        columns=(
            Column(_("发件人与主题")),
            Column(_("结果")),
            Column(_("邮箱"), wide=True),
            Column(_("大小"), wide=True),
            Column(_("收到"), sort="new", cls="nowrap"),
        ),
        empty=_("没有未能解析的邮件。每封邮件都已经入库。"),
    )
    return render(
        request,
        "mailboxes/queue.jinja",
        {"section": "settings", "listing": found, "reason_text": reason_text, "masked": mask_addresses},
    )


def _message(pk: int) -> RawMessage:
    row = queries.message(pk)
    if row is None:
        raise Missing(_("没有这封邮件，或您无权查看"))
    return row  # type: ignore[no-any-return]


def message(request: HttpRequest, pk: int) -> HttpResponse:
    """One raw mail: why it is here, and what can be done."""
    row = _message(pk)
    form = SetAsideForm.of(request)
    if submit(request, form, ignore_raw, raw_id=pk):
        return go(request, "mail_queue", toast=_("已标记为无需处理，原始文件仍然保留"))
    context = {
        "section": "settings",
        "row": row,
        "sender": mask_addresses(row.sender),
        "detail": mask_addresses(row.detail),
        "form": form,
        "readable": queries.judged_by_hand(row),
        "reason": reason_text(row.reason),
        "problems": [PROBLEMS.get(code, code) for code in row.problems],
    }
    return render(request, "mailboxes/message.jinja", context)


def read(request: HttpRequest, pk: int) -> HttpResponse:
    """How a mail begins that became nothing, after a reason that is kept."""
    row, form = _message(pk), RevealForm.of(request)
    sent = submit(request, form, read_raw, raw_id=pk)
    if sent and sent.repeated:
        form.ask_again(_("这次查看已经用过。要再看一次，请重新写原因，会再记一次。"))
    head = sent.result if sent and not sent.repeated else None
    context = {"section": "settings", "row": row, "form": form, "head": head, "seen": head is not None}
    return render(request, "mailboxes/read.jinja", context)


@require_GET
def raw(request: HttpRequest, pk: int) -> HttpResponse:
    """The exact bytes, always as a download, and kept who took them: the headers name every address in full."""
    row = note_raw(raw_id=pk, reason=request.GET.get("reason", ""))
    response: Any = FileResponse(open_blob(row.blob), content_type="application/octet-stream")
    name = quote(f"{row.stored_at:%Y%m%d}-{row.pk}.eml")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response  # type: ignore[no-any-return]


@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    act(request, retry_raw, raw_id=pk)
    return go(request, "mail_queue", toast=_("已重新排队解析"))


routes = [
    page("settings/mailboxes/", index, needs=NEEDS, name="mailboxes"),
    page("settings/mailboxes/new/", edit, needs=NEEDS, name="mailbox_new"),
    page("settings/mailboxes/<int:pk>/", edit, needs=NEEDS, name="mailbox"),
    page("settings/mailboxes/<int:pk>/test/", test, needs=NEEDS, name="mailbox_test"),
    page("settings/mailboxes/<int:pk>/default/", default, needs=NEEDS, name="mailbox_default"),
    page("settings/mailboxes/<int:pk>/delete/", delete, needs=NEEDS, name="mailbox_delete"),
    page("settings/mail/", queue, needs=NEEDS, name="mail_queue"),
    page("settings/mail/<int:pk>/", message, needs=NEEDS, name="mail_message"),
    page("settings/mail/<int:pk>/read/", read, needs=NEEDS, name="mail_read"),
    page("settings/mail/<int:pk>/retry/", retry, needs=NEEDS, name="mail_retry"),
    page("mail/<int:pk>/raw/", raw, needs=(NEEDS, "customer.reveal"), name="mail_raw"),
]
