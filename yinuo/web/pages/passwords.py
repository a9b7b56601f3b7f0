"""One's own password."""

from typing import Any

from django import forms
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from yinuo.identity.commands import change_password
from yinuo.identity.entering import TRIES, WINDOW
from yinuo.identity.passwords import RULE
from yinuo.identity.sessions import mark
from yinuo.kernel import clock
from yinuo.kernel.actor import current_actor
from yinuo.kernel.throttle import count_try
from yinuo.web.forms.base import PageForm, submit
from yinuo.web.owing import PASSWORD, owing
from yinuo.web.render import go, render
from yinuo.web.routes import SIGNED_IN, page


class PasswordForm(PageForm):
    old = forms.CharField(
        label=gettext_lazy("原密码"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label=gettext_lazy("新密码"),
        strip=False,
        max_length=200,
        help_text=RULE,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=gettext_lazy("再输一次新密码"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_again(self) -> str:
        if self.cleaned_data.get("new") != self.cleaned_data["again"]:
            raise forms.ValidationError(_("两次输入的新密码不一样。"))
        return str(self.cleaned_data["again"])

    def values(self):
        return {"old": self.cleaned_data["old"], "new": self.cleaned_data["new"]}

    def refuse(self, wrong) -> None:
        wrong.fields = {"new" if name == "password" else name: text for name, text in wrong.fields.items()}
        super().refuse(wrong)


@sensitive_post_parameters()
def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password; the other sessions end. Who got theirs from somebody else begins here."""
    form = PasswordForm.of(request)
    if request.method == "POST":  # an open page on somebody's desk is no place to guess the old one
        count_try(f"password:{current_actor().staff_key}", limit=TRIES, window=WINDOW, at=clock.now())
    sent = submit(
        request, form, change_password, staff_id=current_actor().staff_id, keep=mark(request.session.session_key)
    )
    if sent:
        if not sent.repeated:
            me: Any = request.user
            me.refresh_from_db()
            update_session_auth_hash(request, me)
        return go(request, "day", toast=_("密码已修改"))
    return render(request, "auth/password.jinja", {"form": form, "due": owing(request)})


routes = [page("password/", password, needs=SIGNED_IN, name="password", settles=(PASSWORD,))]
