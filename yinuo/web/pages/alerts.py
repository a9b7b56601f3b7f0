"""What one is told about one's account, "this was not me", and unlocking."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from yinuo.identity.alerts import event, named_by
from yinuo.identity.commands import disown, disown_by_link, unlock
from yinuo.identity.commands.alerts import OWN_DOING
from yinuo.identity.models import SecurityEvent, Staff
from yinuo.kernel.actor import Actor, acting_as, current_actor
from yinuo.kernel.errors import Missing
from yinuo.web.forms.base import act, submit
from yinuo.web.forms.entry import UnlockForm
from yinuo.web.render import go, render
from yinuo.web.routes import PUBLIC, SIGNED_IN, page


def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them: when, from where, by whom."""
    row = event(pk)
    if row is None:
        raise Missing(_("没有这条提醒"))
    own = row.staff_id == current_actor().staff_id
    may = own and row.kind in OWN_DOING and row.disowned_at is None
    return render(request, "auth/event.jinja", {"row": row, "own": own, "may_disown": may})


@require_POST
def not_me(request: HttpRequest, pk: int) -> HttpResponse:
    """From the page: everything ends, here too."""
    act(request, disown, event_id=pk)
    return go(request, "login", toast=_("账号已锁定，所有登录都已结束。请联系管理员。"), tone="warning")


@never_cache
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """From the mail. Looking does nothing: mail programs open links by themselves; the button does it."""
    pk, system = named_by(token), Actor.system("login")
    with acting_as(system):
        row = event(pk)
    if row is None:
        raise Missing(_("没有这条提醒"))
    done = False
    if request.method == "POST":
        disown_by_link(event_id=pk, by=system)
        done = True
    context: dict[str, Any] = {"row": row, "done": done or row.staff.locked_at is not None}
    return render(request, "auth/not_me.jinja", context)


@sensitive_post_parameters("new")
def open_again(request: HttpRequest, pk: int) -> HttpResponse:
    """An administrator has looked into it."""
    person = Staff.objects.filter(pk=pk).first()
    if person is None or person.locked_at is None:
        raise Missing(_("这个账号没有锁定"))
    form = UnlockForm.of(request)
    if not person.has_usable_password():
        del form.fields["new"]
    if submit(request, form, unlock, staff_id=pk):
        return go(
            request, "person", pk, toast=_("%(name)s 的账号已解锁，请把新密码当面告诉本人") % {"name": person.name}
        )
    why = SecurityEvent.objects.filter(staff_id=pk, kind=SecurityEvent.Kind.LOCKED).order_by("-at").first()
    context = {"section": "settings", "form": form, "person": person, "why": why}
    return render(request, "settings/unlock.jinja", context)


routes = [
    page("security/events/<int:pk>/", show, needs=SIGNED_IN, name="security_event"),
    page("security/events/<int:pk>/not-me/", not_me, needs=SIGNED_IN, name="security_event_disown"),
    page("login/not-me/<str:token>/", by_link, needs=PUBLIC, name="login_disown"),
    page("settings/staff/<int:pk>/unlock/", open_again, needs="staff.manage", name="person_unlock"),
]
