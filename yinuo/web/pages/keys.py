"""API keys: made, shown once, revoked."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yinuo.identity import commands
from yinuo.identity.models import ApiKey
from yinuo.identity.queries import key_holders
from yinuo.kernel import clock
from yinuo.kernel.actor import current_actor
from yinuo.web.forms.base import act, submit
from yinuo.web.forms.identity import ALL_GRANTS, KeyForm
from yinuo.web.listing import Column, Filter, Listing, Sort
from yinuo.web.render import go, render
from yinuo.web.routes import page


def _in_state(rows: Any, state: str) -> Any:
    past = Q(expires_at__lte=clock.now())
    if state == "revoked":
        return rows.filter(revoked_at__isnull=False)
    return rows.filter(past if state == "expired" else ~past | Q(expires_at=None), revoked_at=None)


def listing(request: HttpRequest) -> HttpResponse:
    """Two statements."""
    found = Listing(
        request,
        ApiKey.objects.select_related("staff"),
        sorts=(Sort("new", _("最新"), "-created_at"),),
        filters=(
            Filter(
                "state",
                _("状态"),
                (("live", _("可用")), ("expired", _("已过期")), ("revoked", _("已吊销"))),
                _in_state,
                default="live",
            ),
        ),
        columns=(
            Column(_("名称")),
            Column(_("前缀")),
            Column(_("代表")),
            Column(_("权限"), wide=True),
            Column(_("最近使用")),
            Column(_("到期"), wide=True),
            Column(""),
        ),
        empty=_("还没有接口密钥。其他系统要登记投诉、查询事项时，在这里给它一把。"),
    )
    return render(request, "settings/keys.jinja", {"section": "settings", "listing": found, "now": clock.now()})


def new(request: HttpRequest) -> HttpResponse:
    """The secret is on this answer and nowhere else, ever."""
    form = KeyForm.of(request)
    shown = {True: _("接口账号"), False: ""}
    holders = key_holders(current_actor())
    form.offer("staff_id", [(s.pk, f"{s.name}  {shown[s.is_integration] or s.unit.name}") for s in holders])
    sent = submit(request, form, commands.create_api_key)
    made = sent.result if sent else None
    if made:
        labels = dict(ALL_GRANTS)
        made["left_out"] = [labels[code] for code in made["left_out"]]
    return render(request, "settings/key_new.jinja", {"section": "settings", "form": form, "made": made})


@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    act(request, commands.revoke_api_key, key_id=pk)
    return go(request, "keys", toast=_("密钥已吊销，立即失效"))


routes = [
    page("settings/keys/", listing, needs="key.manage", name="keys"),
    page("settings/keys/new/", new, needs="key.manage", name="key_new"),
    page("settings/keys/<int:pk>/revoke/", revoke, needs="key.manage", name="key_revoke"),
]
