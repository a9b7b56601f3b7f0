"""Webhooks: who is told of what, whether it arrives, and sending one again."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from yinuo.channels.webhook import commands, queries
from yinuo.channels.webhook.models import Delivery, Endpoint
from yinuo.channels.webhook.rules import EVENTS, TEST_EVENT
from yinuo.kernel.errors import Missing
from yinuo.web.forms.base import PageForm, act, line, many, submit
from yinuo.web.listing import Column, Filter, Listing, Sort
from yinuo.web.render import go, render
from yinuo.web.routes import page

NEEDS = "key.manage"


class WebhookForm(PageForm):
    name = line(gettext_lazy("名称"), length=60, help=gettext_lazy("写明推给哪个系统"))
    url = line(gettext_lazy("网址"), length=500, help=gettext_lazy("以 https:// 开头，须是公网地址"), inputmode="url")
    events = many(gettext_lazy("推送哪些事件"), list(EVENTS.items()), required=True)


class RotateForm(PageForm):
    at_once = forms.BooleanField(
        label=gettext_lazy("旧密钥已经泄露，立即停用"),
        help_text=gettext_lazy("不勾选时，新旧密钥同时签名 24 小时，对方可以从容更换"),
        required=False,
    )


class EditForm(WebhookForm):
    active = forms.BooleanField(
        label=gettext_lazy("启用"), required=False, help_text=gettext_lazy("不勾选时不再推送新的事件，设置和记录都留着")
    )


LABELS = {**EVENTS, TEST_EVENT: gettext_lazy("测试")}


def _endpoint(pk: int) -> Endpoint:
    row: Endpoint | None = Endpoint.objects.filter(pk=pk).first()
    if row is None:
        raise Missing(_("没有这个推送，或您无权查看"))
    return row


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Those in trouble first. One statement."""
    context = {"section": "settings", "rows": queries.endpoints(), "labels": EVENTS}
    return render(request, "settings/webhooks.jinja", context)


def new(request: HttpRequest) -> HttpResponse:
    """The secret is on this answer and nowhere else."""
    form = WebhookForm.of(request)
    sent = submit(request, form, commands.create_endpoint)
    context = {"section": "settings", "form": form, "made": sent.result if sent else None}
    return render(request, "settings/webhook_new.jinja", context)


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change it, switch it off or on again."""
    row = _endpoint(pk)
    given = {"name": row.name, "url": row.url, "events": row.events, "active": row.active}
    form = EditForm.of(request, given, version=row.version)
    if submit(request, form, commands.edit_endpoint, stale=True, endpoint_id=pk):
        return go(
            request, "webhook", pk, toast=_("已保存并启用") if form.cleaned_data["active"] else _("已保存，不再推送")
        )
    return render(request, "settings/webhook_edit.jinja", {"section": "settings", "form": form, "row": row})


@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One webhook and its log, newest first."""
    row = _endpoint(pk)
    found = Listing(
        request,
        queries.deliveries(pk).defer("payload"),
        sorts=(Sort("new", _("最近"), "-created_at"),),
        filters=(Filter("state", _("状态"), Delivery.State.choices, lambda rows, v: rows.filter(state=v)),),
        columns=(Column(_("事件")), Column(_("结果")), Column(_("次数")), Column(_("发生")), Column("")),
        empty=_("还没有推送过。可以先发一条测试。"),
    )
    context = {"section": "settings", "row": row, "listing": found, "labels": LABELS}
    return render(request, "settings/webhook.jinja", context)


def rotate(request: HttpRequest, pk: int) -> HttpResponse:
    """A new secret, on this answer and nowhere else."""
    row, form = _endpoint(pk), RotateForm.of(request)
    sent = submit(request, form, commands.rotate_secret, endpoint_id=pk)
    context = {"section": "settings", "form": form, "row": row, "made": sent.result if sent else None}
    return render(request, "settings/webhook_rotate.jinja", context)


@require_GET
def delivery(request: HttpRequest, pk: int, delivery_id: int) -> HttpResponse:
    """One delivery: what was sent and how each attempt went."""
    row = _endpoint(pk)
    sent = Delivery.objects.filter(pk=delivery_id, endpoint_id=row.pk).first()
    if sent is None:
        raise Missing(_("没有这条推送记录，或您无权查看"))
    context = {"section": "settings", "row": row, "sent": sent, "tries": queries.attempts(delivery_id)}
    return render(request, "settings/webhook_delivery.jinja", context)


@require_POST
def redeliver(request: HttpRequest, pk: int, delivery_id: int) -> HttpResponse:
    act(request, commands.redeliver, delivery_id=delivery_id)
    return go(request, "webhook", pk, toast=_("已重新排队发送"))


@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    act(request, commands.send_test, endpoint_id=pk)
    return go(request, "webhook", pk, toast=_("测试已排队发送，稍后看结果"))


@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    act(request, commands.delete_endpoint, endpoint_id=pk)
    return go(request, "webhooks", toast=_("推送已删除"))


routes = [
    page("settings/webhooks/", index, needs=NEEDS, name="webhooks"),
    page("settings/webhooks/new/", new, needs=NEEDS, name="webhook_new"),
    page("settings/webhooks/<int:pk>/", show, needs=NEEDS, name="webhook"),
    page("settings/webhooks/<int:pk>/edit/", edit, needs=NEEDS, name="webhook_edit"),
    page("settings/webhooks/<int:pk>/rotate/", rotate, needs=NEEDS, name="webhook_rotate"),
    page("settings/webhooks/<int:pk>/test/", test, needs=NEEDS, name="webhook_test"),
    page("settings/webhooks/<int:pk>/delete/", delete, needs=NEEDS, name="webhook_delete"),
    page("settings/webhooks/<int:pk>/<int:delivery_id>/", delivery, needs=NEEDS, name="webhook_delivery"),
    page("settings/webhooks/<int:pk>/<int:delivery_id>/redeliver/", redeliver, needs=NEEDS, name="webhook_redeliver"),
]
