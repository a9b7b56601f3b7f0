"""Forms of surveys: a questionnaire with its questions in rows, a plan, asking by hand, answers heard on the phone."""

import contextlib
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yinuo.customers.models import Customer
from yinuo.customers.queries.segments import read_segment
from yinuo.kernel.errors import Invalid, YinuoError
from yinuo.surveys.models import Invitation
from yinuo.surveys.rules.asking import ANONYMITY, OPENS, TRIGGERS
from yinuo.surveys.rules.questions import DIMENSIONS, FAIRNESS, KINDS, MOST_QUESTIONS, TYPES, Question
from yinuo.web.forms import pick
from yinuo.web.forms.base import PageForm, choice, date, line, text

SCALES = [("1-5", "1–5"), ("0-10", "0–10"), ("1-7", "1–7"), ("1-3", "1–3"), ("1-4", "1–4"), ("1-10", "1–10")]
BLANK = 3


def parts_of(kind: str) -> list[tuple[str, Any]]:
    """Which dimension a question may count for."""
    if kind == "fairness":
        return list(FAIRNESS.items())
    if kind == "servqual":
        sides = (("expectation", _("期望")), ("perception", _("感受")))
        return [
            (f"{part}|{side}", f"{label} · {word}") for side, word in sides for part, (label, _n) in DIMENSIONS.items()
        ]
    return []


class QuestionnaireForm(PageForm):
    """The head of a questionnaire, then one row of fields per question."""

    kind = choice(gettext_lazy("类型"), list(KINDS.items()))
    name = line(gettext_lazy("名称"), length=80, help=gettext_lazy("同事在列表里看到的名字"))
    title = line(gettext_lazy("标题"), length=120, help=gettext_lazy("客户第一眼看到的一句话"))
    intro = text(gettext_lazy("开场白"), required=False, length=500, rows=2)
    thanks = text(gettext_lazy("答完后的话"), required=False, length=500, rows=2)
    anonymity = choice(gettext_lazy("实名还是匿名"), list(ANONYMITY.items()))
    low_at_most = forms.FloatField(
        label=gettext_lazy("不高于这个分就算低分"), required=False, min_value=-10, max_value=10,
        help_text=gettext_lazy("留空：不看分数"),
    )  # fmt: skip
    low_with_comment = forms.FloatField(
        label=gettext_lazy("写了意见时，不高于这个分也算"), required=False, min_value=-10, max_value=10,
        help_text=gettext_lazy("留空：不另算"),
    )  # fmt: skip
    opens = choice(gettext_lazy("低分怎么办"), list(OPENS.items()))
    active = forms.BooleanField(label=gettext_lazy("在用"), required=False, initial=True)

    def __init__(self, *args: Any, rows: int, **options: Any) -> None:
        super().__init__(*args, **options)
        self.rows = min(rows, MOST_QUESTIONS)
        kind = (self.data.get("kind") if self.is_bound else self.initial.get("kind")) or "own"
        self.parts = parts_of(str(kind))
        for n in range(self.rows):
            self._row(n)

    def _row(self, n: int) -> None:
        made: dict[str, forms.Field] = {
            "key": forms.CharField(widget=forms.HiddenInput, required=False, max_length=10),
            "order": forms.IntegerField(label=_("顺序"), required=False, min_value=1, max_value=99),
            "ask": forms.CharField(label=_("第 %d 题") % (n + 1), required=False, max_length=300),
            "type": forms.ChoiceField(label=_("题型"), required=False, choices=list(TYPES.items())),
            "scale": forms.ChoiceField(label=_("分值"), required=False, choices=SCALES),
            "words": forms.CharField(
                label=_("选项或两端的话，每行一个"), required=False, max_length=2000,
                widget=forms.Textarea(attrs={"rows": 2}),
            ),
            "required": forms.BooleanField(label=_("必答"), required=False),
            "part": forms.ChoiceField(label=_("维度"), required=False, choices=[("", "—"), *self.parts]),
        }  # fmt: skip
        for name, field in made.items():
            self.fields[f"{name}_{n}"] = field

    def lines(self) -> list[dict[str, Any]]:
        names = ("key", "order", "ask", "type", "scale", "words", "required", "part")
        return [{name: self[f"{name}_{n}"] for name in names} for n in range(self.rows)]

    def _filled(self) -> list[int]:
        """Rows with a question, in the order that was asked for."""
        data = self.cleaned_data
        rows = [n for n in range(self.rows) if data.get(f"ask_{n}", "").strip()]
        return sorted(rows, key=lambda n: (data.get(f"order_{n}") or n + 1, n))

    def values(self) -> dict[str, Any]:
        head = (
            "kind",
            "name",
            "title",
            "intro",
            "thanks",
            "anonymity",
            "low_at_most",
            "low_with_comment",
            "opens",
            "active",
        )
        kept = {name: self.cleaned_data[name] for name in head}
        return {**kept, "questions": [self._question(n) for n in self._filled()]}

    def _question(self, n: int) -> dict[str, Any]:
        data = {
            name: self.cleaned_data.get(f"{name}_{n}") for name in ("key", "type", "scale", "words", "required", "part")
        }
        kind = data["type"] or "scale"
        low, _dash, high = (data["scale"] or "1-5").partition("-")
        words = [one.strip() for one in str(data["words"] or "").splitlines() if one.strip()]
        part, _bar, side = str(data["part"] or "").partition("|")
        made: dict[str, Any] = {
            "key": data["key"] or "", "type": kind, "title": self.cleaned_data[f"ask_{n}"],
            "required": bool(data["required"]),
            "part": part, "side": side,
        }  # fmt: skip
        if kind != "scale":
            return {**made, "options": words}
        steps = {"low": int(low), "high": int(high)}
        ends = len(words) == 2 != int(high) - int(low) + 1
        return {**made, **steps, **({"ends": words} if ends else {"labels": words})}

    def refuse(self, wrong: YinuoError) -> None:
        """A sentence about the third question stands at the third question."""
        filled = self._filled()
        moved = {}
        for name, sentence in wrong.fields.items():
            number = name.removeprefix("question_")
            if name != number and number.isdecimal() and int(number) < len(filled):
                name = f"ask_{filled[int(number)]}"
            moved[name] = sentence
        wrong.fields = moved
        super().refuse(wrong)


def row_initial(asked: Sequence[Question]) -> dict[str, Any]:
    """What the rows start with."""
    found: dict[str, Any] = {}
    for n, q in enumerate(asked):
        words = q.options or q.labels or tuple(end for end in q.ends if end)
        row = {
            "key": q.key, "order": n + 1, "ask": q.title, "type": q.type, "scale": f"{q.low}-{q.high}",
            "words": "\n".join(words), "required": q.required, "part": f"{q.part}|{q.side}" if q.side else q.part,
        }  # fmt: skip
        found.update({f"{name}_{n}": value for name, value in row.items()})
    return found


class PlanForm(PageForm):
    name = line(gettext_lazy("名称"), length=80)
    questionnaire_id = pick.number(gettext_lazy("用哪份问卷"), [])
    trigger = choice(gettext_lazy("什么时候问"), list(TRIGGERS.items()))
    delay_days = forms.IntegerField(
        label=gettext_lazy("过几天再问"), min_value=0, max_value=90, initial=0,
        help_text=gettext_lazy("0：马上。定期的不用填"),
    )  # fmt: skip
    sample = forms.IntegerField(
        label=gettext_lazy("抽样（%）"), min_value=1, max_value=100, initial=100,
        help_text=gettext_lazy("100：人人都问"),
    )  # fmt: skip
    every_months = forms.IntegerField(
        label=gettext_lazy("每隔几个月"), required=False, min_value=1, max_value=24,
        help_text=gettext_lazy("只有定期的要填"),
    )  # fmt: skip
    next_on = date(gettext_lazy("下一次"), required=False, help=gettext_lazy("只有定期的要填；留空就从今天开始"))
    grade = choice(gettext_lazy("客户级别"), Customer.Grade.choices, required=False, empty=gettext_lazy("不限"))
    status = choice(gettext_lazy("客户状态"), Customer.Status.choices, required=False, empty=gettext_lazy("不限"))
    customer_kind = choice(gettext_lazy("客户类型"), Customer.Kind.choices, required=False, empty=gettext_lazy("不限"))
    segment = choice(
        gettext_lazy("客群"), [], required=False, empty=gettext_lazy("不限"),
        help=gettext_lazy("客户列表里存下的筛选；这里记下的是现在的条件，那边以后改了不影响这个计划"),
    )  # fmt: skip
    active = forms.BooleanField(label=gettext_lazy("在用"), required=False, initial=True)

    def offer_segments(self, row: Any, views: Iterable[Any]) -> None:
        """What the plan has now, and the saved lists that say who is meant."""
        self.segments: dict[str, str] = (
            {row.segment: row.segment_name or _("（未命名）")} if row and row.segment else {}
        )
        for view in views:
            with contextlib.suppress(Invalid):
                self.segments.setdefault(urlencode(read_segment(view.query)), view.name)
        self.offer("segment", [("", _("不限")), *self.segments.items()])

    def values(self) -> dict[str, Any]:
        given = super().values()
        return {**given, "segment_name": self.segments.get(given["segment"], "")}


class RestForm(PageForm):
    rest_days = forms.IntegerField(
        label=gettext_lazy("同一位客户至少隔多少天再问"), min_value=1, max_value=365,
        help_text=gettext_lazy("所有计划和手工发出的都算在内"),
    )  # fmt: skip
    valid_days = forms.IntegerField(label=gettext_lazy("链接多少天内有效"), min_value=1, max_value=90)


class AskForm(PageForm):
    questionnaire_id = pick.number(gettext_lazy("用哪份问卷"), [])
    way = choice(
        gettext_lazy("怎么问"), Invitation.Way.choices, required=False, empty=gettext_lazy("哪样能联系上就用哪样")
    )


def heard_form(asked: Sequence[Question]) -> type[PageForm]:
    """A form with the questions of one questionnaire, for whoever writes down what the customer says."""
    fields: dict[str, Any] = {}
    for q in asked:
        common: dict[str, Any] = {"label": q.title, "required": False}
        if q.type == "scale":
            steps = [(n, q.label(n)) for n in (reversed(q.steps) if q.labels else q.steps)]
            fields[q.key] = forms.ChoiceField(choices=steps, widget=forms.RadioSelect, **common)
        elif q.type == "choice":
            fields[q.key] = forms.ChoiceField(choices=[(o, o) for o in q.options], widget=forms.RadioSelect, **common)
        elif q.type == "many":
            kind = forms.CheckboxSelectMultiple
            fields[q.key] = forms.MultipleChoiceField(choices=[(o, o) for o in q.options], widget=kind, **common)
        else:
            area = forms.Textarea(attrs={"rows": 3})
            fields[q.key] = forms.CharField(max_length=2000, widget=area, **common)
    fields["wants_call"] = forms.BooleanField(label=_("客户希望有人再联系"), required=False)
    return type("HeardForm", (HeardBase,), fields)


class HeardBase(PageForm):
    def values(self) -> dict[str, Any]:
        given = {k: v for k, v in self.cleaned_data.items() if k not in self.PLUMBING}
        return {"wants_call": given.pop("wants_call"), "given": given}
