"""Forms of approvals: the decision, and the bands of a rule."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yinuo.kernel.errors import Stale, YinuoError
from yinuo.web.forms import pick
from yinuo.web.forms.base import PageForm, line, text

BANDS = 6
STEPS = 4


class DecideForm(PageForm):
    """Agree or reject; the two buttons carry the decision."""

    decision = forms.ChoiceField(
        label=gettext_lazy("决定"),
        choices=[("approved", gettext_lazy("同意")), ("rejected", gettext_lazy("驳回"))],
        error_messages={
            "required": gettext_lazy("请选择同意或驳回"),
            "invalid_choice": gettext_lazy("请选择同意或驳回"),
        },
    )
    comment = text(
        gettext_lazy("审批意见"),
        required=False,
        length=2000,
        rows=2,
        placeholder=gettext_lazy("同意时可以不填；驳回时请写明理由"),
    )

    def refuse(self, wrong: YinuoError) -> None:
        """A request somebody else has settled cannot be saved over: the page shows how it stands now."""
        if isinstance(wrong, Stale):
            self.answer = wrong.status
            self.add_error(None, _("您打开这一页之后，这份申请已经被处理过。下面是现在的情况，您写的意见没有提交。"))
            return
        super().refuse(wrong)


class HandOverForm(PageForm):
    """Who is to decide instead, and why."""

    to_id = pick.number(gettext_lazy("交给谁审批"), [])
    reason = line(gettext_lazy("转交的原因"), length=200, placeholder=gettext_lazy("例如：出差联系不上"))


class RuleForm(PageForm):
    """The bands of one kind: up to an amount, these agree one after the other."""

    def __init__(self, *args: Any, rungs: list[tuple[str, Any]], **options: Any) -> None:
        super().__init__(*args, **options)
        for n in range(BANDS):
            self.fields[f"up_to_{n}"] = forms.DecimalField(
                label=_("金额不超过（元）"),
                required=False,
                min_value=Decimal(0),
                max_digits=12,
                decimal_places=2,
                widget=forms.NumberInput(attrs={"step": "0.01", "min": "0", "placeholder": _("不限")}),
            )
            for m in range(STEPS):
                self.fields[f"step_{n}_{m}"] = forms.ChoiceField(
                    label=_("第 %d 步") % (m + 1), required=False, choices=[("", "—"), *rungs]
                )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        found = self.bands(data)
        if not found:
            self.add_error("step_0_0", _("至少要有一档，并选好审批人"))
        limits = [up_to for up_to, _steps in found]
        if limits.count(None) != 1 and found:
            self.add_error(None, _("要有一档金额留空（不限），而且只能有一档，这样多大的金额都有人批"))
        if len(set(limits)) != len(limits):
            self.add_error(None, _("有两档的金额相同，请合并"))
        for n in range(BANDS):
            steps = self._steps(data, n)
            if data.get(f"up_to_{n}") is not None and not steps:
                self.add_error(f"step_{n}_0", _("这一档还没有选审批人"))
            if len(set(steps)) != len(steps):
                self.add_error(f"step_{n}_0", _("同一档里审批人重复了"))
        return data

    def _steps(self, data: dict[str, Any], n: int) -> list[str]:
        return [data[f"step_{n}_{m}"] for m in range(STEPS) if data.get(f"step_{n}_{m}")]

    def bands(self, data: dict[str, Any]) -> list[tuple[Decimal | None, list[str]]]:
        found = [(data.get(f"up_to_{n}"), self._steps(data, n)) for n in range(BANDS)]
        return [(up_to, steps) for up_to, steps in found if steps]

    def values(self) -> dict[str, Any]:
        return {"bands": self.bands(self.cleaned_data)}

    def rows(self) -> list[dict[str, Any]]:
        return [
            {"up_to": self[f"up_to_{n}"], "steps": [self[f"step_{n}_{m}"] for m in range(STEPS)]} for n in range(BANDS)
        ]


def rule_initial(bands: list[tuple[Decimal | None, list[str]]]) -> dict[str, Any]:
    """What the form starts with."""
    found: dict[str, Any] = {}
    for n, (up_to, steps) in enumerate(bands[:BANDS]):
        found[f"up_to_{n}"] = up_to
        found.update({f"step_{n}_{m}": step for m, step in enumerate(steps[:STEPS])})
    return found
