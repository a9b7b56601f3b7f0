"""The form of the style page: every kind of field once."""

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yinuo.web.forms.base import PageForm, amount, choice, date, line, many, text, when

SIZES = (("s", gettext_lazy("小")), ("m", gettext_lazy("中")), ("l", gettext_lazy("大")))
GROUPED = (("", gettext_lazy("（请选择）")), (gettext_lazy("包装"), SIZES))


class SampleForm(PageForm):
    """What a form can ask for."""

    takes_files = True
    name = line(gettext_lazy("一行字"), help=gettext_lazy("说明写在这里。"), placeholder=gettext_lazy("例如：王秀兰"))
    secret = forms.CharField(label=gettext_lazy("密码"), widget=forms.PasswordInput(attrs={"autocomplete": "off"}))
    pieces = forms.IntegerField(label=gettext_lazy("整数"), min_value=1)
    price = amount(gettext_lazy("金额"))
    day = date(gettext_lazy("日期"))
    at = when(gettext_lazy("日期和时间"))
    size = choice(gettext_lazy("从列表中选"), GROUPED)
    one = choice(gettext_lazy("选一个"), SIZES, radio=True)
    several = many(gettext_lazy("选几个"), SIZES, required=True)
    yes = forms.BooleanField(label=gettext_lazy("一个勾"))
    words = text(gettext_lazy("多行文字"), rows=3)
    letter = text(gettext_lazy("回信"), rows=4, required=False)


STATES = ("empty", "filled", "wrong", "readonly", "disabled", "stale")


def sample(request: HttpRequest, state: str) -> SampleForm:
    """The form in one of its states."""
    filled = {
        "name": _("王秀兰"), "pieces": 3, "price": "128.50", "day": "2026-03-05", "at": "2026-03-05T14:30", "size": "m",
        "one": "l", "several": ["s", "l"], "yes": True, "words": _("桶口渗漏，货厢弄脏了。"),
    }  # fmt: skip
    given = {} if state in ("empty", "wrong", "piece") else filled
    form = SampleForm.of(request, given, unsent=True, auto_id=f"{state}_%s")
    form.once_key = form.upload_key = f"style-{state}"
    if state == "wrong":
        form.is_bound, form.data = True, {"pieces": "0", "price": "-1", "size": "xl"}
    for field in form.fields.values():
        field.disabled = state == "disabled"
        if state == "readonly":
            field.widget.attrs["readonly"] = True
    if state == "stale":
        form.stale = [{"label": _("一行字"), "mine": _("王秀兰"), "now": _("王秀英")}]
    return form
