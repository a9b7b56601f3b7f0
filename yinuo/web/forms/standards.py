"""The form of a service standard: plain fields that make up its data."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from yinuo.identity.queries import units
from yinuo.kernel.errors import YinuoError
from yinuo.promises.models import Promise
from yinuo.promises.rules.happenings import (
    DATES,
    FULFILMENTS,
    OBLIGATIONS,
    TRIGGERS,
    WAITS,
    date_label,
    in_code,
    obligation_label,
)
from yinuo.promises.rules.standard import RUNGS
from yinuo.web.forms import conditions
from yinuo.web.forms.base import PageForm, choice, line, many

BREACHES = [
    ("none", gettext_lazy("不补偿")),
    ("apology", gettext_lazy("致歉")),
    ("free", gettext_lazy("本次免费")),
    ("compensation", gettext_lazy("按天赔付")),
]
SENSES = [("deadline", gettext_lazy("最晚要做到")), ("minimum_gap", gettext_lazy("最短间隔，不得更频繁"))]
RUNG_LABELS = {
    "handler": gettext_lazy("经办人"),
    "manager": gettext_lazy("上级"),
    "next_level": gettext_lazy("再上级"),
    "leader": gettext_lazy("领导"),
}
# Fields of the data whose refusal is shown beside another field of the form.
BESIDE = {"ladder": "after_handler", "breach": "breach_kind", "conditions": "more_conditions"}


def number(label: Any, *, required: bool = False, help: Any = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=required,
        help_text=help,
        max_digits=10,
        decimal_places=2,
        widget=forms.NumberInput(attrs={"step": "any", "min": "0"}),
    )


class StandardForm(PageForm):
    key = line(gettext_lazy("编号"), length=60, help=gettext_lazy("小写字母、数字、点和连字符；以后不能改"))
    title = line(gettext_lazy("名称"), length=120)
    says = line(gettext_lazy("对客户怎么说"), required=False, length=120)
    trigger = choice(gettext_lazy("什么事引起"), [])
    obligation = line(
        gettext_lazy("欠的是什么"),
        length=60,
        help=gettext_lazy("例如 阶段答复；同一件事有几条标准时，只用条件最具体的一条"),
    )
    sense = choice(gettext_lazy("含义"), SENSES)
    clock = choice(gettext_lazy("怎么计时"), Promise.Clocks.choices)
    amount = number(gettext_lazy("时限"), required=True, help=gettext_lazy("按上面的计时方式，几天或几小时"))
    counts_from = line(
        gettext_lazy("从约定日期起算"),
        required=False,
        length=60,
        help=gettext_lazy("留空表示从事情发生起算；例如 约定日期"),
    )
    warn_at = line(
        gettext_lazy("提醒点（%）"), required=False, length=40, help=gettext_lazy("时限过去百分之几时提醒，例如 50 80")
    )
    involve_at = forms.IntegerField(
        label=gettext_lazy("快要违约时请上级参与（%）"),
        required=False,
        min_value=0,
        max_value=99,
        help_text=gettext_lazy("时限过去百分之几还没履行，就请经办人的上级参与，例如 90；留空表示不请"),
        widget=forms.NumberInput(attrs={"min": "0", "max": "99", "inputmode": "numeric"}),
    )
    after_handler = number(RUNG_LABELS["handler"])
    after_manager = number(RUNG_LABELS["manager"])
    after_next_level = number(RUNG_LABELS["next_level"])
    after_leader = number(RUNG_LABELS["leader"])
    breach_kind = choice(gettext_lazy("违约后"), BREACHES)
    per_day = number(gettext_lazy("每天赔付（元）"))
    percent = number(gettext_lazy("或每天按金额的 %"))
    cap = number(gettext_lazy("最高（元）"))
    kept_by = many(gettext_lazy("什么事算履行，到此为止"), [], help=gettext_lazy("都不选则由人登记"))
    renews = forms.BooleanField(label=gettext_lazy("循环：每次履行后重新起算，直到结束"), required=False)
    renewed_by = many(gettext_lazy("什么事算履行一次"), [])
    pauses = forms.BooleanField(label=gettext_lazy("等待客户时可以暂停"), required=False)
    pauses_for = many(
        gettext_lazy("等客户做什么时自动暂停"), list(WAITS.items()), help=gettext_lazy("客户一答复就自动继续计时")
    )
    extend_to = line(
        gettext_lazy("可逐级延长到"),
        required=False,
        length=60,
        help=gettext_lazy("例如 30 60；留空表示不得延期。每次都要审批并告知客户"),
    )
    more_conditions = line(
        gettext_lazy("其他条件"),
        required=False,
        length=300,
        help=gettext_lazy("写成 条件=值，例如 客户地区=江苏南京、江苏苏州 揽收区域=市区"),
    )
    note = line(gettext_lazy("修改说明"), required=False, length=200)

    def __init__(self, *args: Any, fixed: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields |= conditions.fields()
        self.offer("only_unit", [(u.code, u.name) for u in units()])
        held = self.initial
        self._offer("trigger", TRIGGERS, [held.get("trigger")])
        for name in ("kept_by", "renewed_by"):
            self._offer(name, FULFILMENTS, held.get(name) or [])
        if fixed:
            self.fields["key"].widget.attrs["readonly"] = True
            self.fields["key"].help_text = ""

    def _offer(self, name: str, known: Any, held: list[Any]) -> None:
        """The known names in words, and what the standard has already."""
        more = [(value, value) for value in held if value and value not in known]
        self.fields[name].choices = [*known.items(), *more]  # type: ignore[attr-defined]

    def standard(self) -> dict[str, Any]:
        """The data of the standard as the rules read it."""
        given = self.cleaned_data
        plain = (
            "key",
            "title",
            "says",
            "trigger",
            "obligation",
            "sense",
            "clock",
            "amount",
            "counts_from",
            "renews",
            "pauses",
        )
        ladder = [
            {"to": rung, "after": given[f"after_{rung}"]} for rung in RUNGS if given.get(f"after_{rung}") is not None
        ]
        money = {k: given[k] for k in ("per_day", "percent", "cap") if given.get(k) is not None}
        return {
            **{name: given.get(name) for name in plain},
            "obligation": in_code(OBLIGATIONS, given["obligation"]),
            "counts_from": in_code(DATES, given["counts_from"] or ""),
            "warn_at": _split(given["warn_at"]),
            "extend_to": _split(given["extend_to"]),
            "involve_at": given["involve_at"] or 0,
            "kept_by": given["kept_by"],
            "renewed_by": given["renewed_by"],
            "pauses_for": given["pauses_for"],
            "ladder": ladder,
            "breach": {"kind": given["breach_kind"], **(money if given["breach_kind"] == "compensation" else {})},
            "conditions": conditions.given(given),
        }

    def values(self) -> dict[str, Any]:
        return {"data": self.standard(), "note": self.cleaned_data.get("note", "")}

    def refuse(self, wrong: YinuoError) -> None:
        wrong.fields = {BESIDE.get(name, name): sentence for name, sentence in wrong.fields.items()}
        super().refuse(wrong)
        self.stale = None if self.stale is None else []


def initial(data: dict[str, Any]) -> dict[str, Any]:
    """What the form shows for a standard's data."""
    breach = data.get("breach", {})
    return {
        **data,
        "obligation": obligation_label(data.get("obligation", "")),
        "counts_from": date_label(data.get("counts_from", "")),
        "pauses_for": data.get("pauses_for", list(WAITS) if data.get("pauses") else []),
        **conditions.shown(data.get("conditions", {})),
        **{name: " ".join(map(str, data.get(name, []))) for name in ("warn_at", "extend_to")},
        **{f"after_{rung['to']}": rung["after"] for rung in data.get("ladder", [])},
        "breach_kind": breach.get("kind", "none"),
        **{k: breach.get(k) for k in ("per_day", "percent", "cap")},
    }


def _split(text: str) -> list[str]:
    # a full-width comma is what a Chinese keyboard gives
    return [word for word in re.split(r"[\s,\uff0c\u3001]+", text or "") if word]
