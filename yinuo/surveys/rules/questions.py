"""A question as data: what it asks, and which answers fit it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from yinuo.kernel.errors import Invalid
from yinuo.kernel.text import clean_line, clean_text

MOST_QUESTIONS = 60
MOST_OPTIONS = 12
MOST_TEXT = 2000
WIDEST = 11

#: The kinds of questionnaire.
KINDS: dict[str, str | Lazy] = {
    "csat": lazy("满意度 CSAT"), "nps": lazy("推荐意愿 NPS"), "ces": lazy("费力程度 CES"),
    "fairness": lazy("公平感"), "servqual": lazy("服务质量差距 SERVQUAL"), "own": lazy("自定义"),
}  # fmt: skip
TYPES: dict[str, str | Lazy] = {
    "scale": lazy("打分"), "choice": lazy("单选"), "many": lazy("多选"), "text": lazy("文字"),
}  # fmt: skip
#: Which scale makes the score of a questionnaire whose score is one question.
SCALES: dict[str, tuple[int, int]] = {"csat": (1, 5), "nps": (0, 10), "ces": (1, 7)}
#: SERVQUAL: 22 items, asked as expectation and as perception.
DIMENSIONS: dict[str, tuple[str | Lazy, int]] = {
    "tangibles": (lazy("有形性"), 4), "reliability": (lazy("可靠性"), 5), "responsiveness": (lazy("响应性"), 4),
    "assurance": (lazy("保证性"), 4), "empathy": (lazy("移情性"), 5),
}  # fmt: skip
FAIRNESS: dict[str, str | Lazy] = {
    "distributive": lazy("结果公平"), "procedural": lazy("程序公平"), "interactional": lazy("互动公平"),
}  # fmt: skip
SIDES = ("", "expectation", "perception")


@dataclass(frozen=True, slots=True)
class Question:
    """`labels` name the steps of a scale, lowest first; `ends` only its two ends. `part` is the dimension it counts
    for, `side` whether it says what was expected or what was found.
    """

    key: str
    type: str
    title: str
    low: int = 1
    high: int = 5
    labels: tuple[str, ...] = ()
    ends: tuple[str, str] = ("", "")
    options: tuple[str, ...] = ()
    required: bool = True
    part: str = ""
    side: str = ""

    @property
    def steps(self) -> range:
        return range(self.low, self.high + 1)

    def label(self, value: int) -> str:
        """A step of the scale in words; the number where it has none."""
        return self.labels[value - self.low] if self.labels else str(value)

    def as_data(self) -> dict[str, Any]:
        kept: dict[str, Any] = {
            "key": self.key, "type": self.type, "title": self.title, "low": self.low, "high": self.high,
            "labels": list(self.labels), "ends": list(self.ends), "options": list(self.options),
            "required": self.required, "part": self.part, "side": self.side,
        }  # fmt: skip
        return kept


def question(data: Mapping[str, Any]) -> Question:
    """As it is stored; no doubt about it any more."""
    ends = [str(e) for e in data.get("ends", ("", ""))] or ["", ""]
    return Question(
        key=str(data["key"]), type=str(data["type"]), title=str(data["title"]), low=int(data.get("low", 1)),
        high=int(data.get("high", 5)), labels=tuple(str(one) for one in data.get("labels", ())),
        ends=(ends[0], ends[-1]), options=tuple(str(one) for one in data.get("options", ())),
        required=bool(data.get("required", True)), part=str(data.get("part", "")), side=str(data.get("side", "")),
    )  # fmt: skip


def questions(rows: Sequence[Mapping[str, Any]]) -> tuple[Question, ...]:
    return tuple(question(row) for row in rows)


def checked(kind: str, rows: Sequence[Mapping[str, Any]], earlier: Sequence[Question] = ()) -> tuple[Question, ...]:
    """Questions somebody wrote, cleaned; raises `Invalid` with every sentence at once, by "question_N".

    One that was asked before (`earlier`, all editions) and can be counted together with what was answered then keeps
    its key; any other gets a key nothing ever had.
    """
    if kind not in KINDS:
        raise Invalid(_("请选择问卷类型"), fields={"kind": _("请选择问卷类型")})
    if not rows:
        raise Invalid(_("问卷至少要有一个问题"), fields={"questions": _("问卷至少要有一个问题")})
    if len(rows) > MOST_QUESTIONS:
        sentence = _("一份问卷最多 %(n)d 个问题") % {"n": MOST_QUESTIONS}
        raise Invalid(sentence, fields={"questions": sentence})
    made, wrong = [], {}
    for n, row in enumerate(rows):
        try:
            made.append(_one(row, n))
        except Invalid as problem:
            wrong[f"question_{n}"] = problem.message
    if not wrong and (sentence := _of_its_kind(kind, made)):
        wrong["questions"] = sentence
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)
    return keyed(made, earlier)


def _one(row: Mapping[str, Any], n: int) -> Question:
    title = clean_line(str(row.get("title", "")), 300)
    if not title:
        raise Invalid(_("第 %(n)d 题还没有写问题") % {"n": n + 1})
    kind = str(row.get("type", ""))
    if kind not in TYPES:
        raise Invalid(_("第 %(n)d 题请选择题型") % {"n": n + 1})
    low, high = _whole(row.get("low", 1)), _whole(row.get("high", 5))
    labels = _lines(row.get("labels", ()), 20)
    if kind == "scale":
        if low is None or high is None or not 0 <= low < high <= 10:
            raise Invalid(_("第 %(n)d 题的分值要在 0 到 10 之间，从小到大") % {"n": n + 1})
        if labels and len(labels) != high - low + 1:
            raise Invalid(
                _("第 %(n)d 题有 %(steps)d 档，名称也要写 %(steps)d 个") % {"n": n + 1, "steps": high - low + 1}
            )
    options = _lines(row.get("options", ()), 80)
    if kind in ("choice", "many") and not 2 <= len(options) <= MOST_OPTIONS:
        raise Invalid(_("第 %(n)d 题请写 2 到 %(most)d 个选项，每行一个") % {"n": n + 1, "most": MOST_OPTIONS})
    if len(set(options)) != len(options):
        raise Invalid(_("第 %(n)d 题有重复的选项") % {"n": n + 1})
    side = str(row.get("side", ""))
    ends = [clean_line(str(e), 40) for e in row.get("ends", ("", ""))][:2] or [""]
    return Question(
        key=str(row.get("key", ""))[:10], type=kind, title=title,
        low=low or 0, high=high or 5, labels=labels if kind == "scale" else (),
        ends=(ends[0], ends[-1] if len(ends) > 1 else ""), options=options if kind in ("choice", "many") else (),
        required=bool(row.get("required", True)), part=clean_line(str(row.get("part", "")), 40),
        side=side if side in SIDES else "",
    )  # fmt: skip


def keyed(made: Sequence[Question], earlier: Sequence[Question]) -> tuple[Question, ...]:
    """The same question keeps its key over all editions, and no other question ever takes it."""
    known = {q.key: (q.type, q.low, q.high) for q in earlier}
    number = max((int(key[1:]) for key in known if key[1:].isdecimal()), default=0)
    taken: set[str] = set()
    done = []
    for q in made:
        key = q.key
        if key in taken or known.get(key) != (q.type, q.low, q.high):
            number += 1
            key = f"q{number}"
        taken.add(key)
        done.append(replace(q, key=key))
    return tuple(done)


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _lines(rows: Any, most: int) -> tuple[str, ...]:
    given = rows if isinstance(rows, list | tuple) else ()
    return tuple(line for one in given[: MOST_OPTIONS + 8] if (line := clean_line(str(one), most)))


def _of_its_kind(kind: str, made: Sequence[Question]) -> str:
    """What a questionnaire of a known kind must have for its figure to mean what it says; empty when it has."""
    if kind in SCALES:
        low, high = SCALES[kind]
        first = made[0]
        if first.type != "scale" or (first.low, first.high) != (low, high):
            return _("%(kind)s的第一题必须是 %(low)d 到 %(high)d 分的打分题") % {
                "kind": KINDS[kind], "low": low, "high": high,
            }  # fmt: skip
    if kind == "fairness" and not {q.part for q in made if q.type == "scale"} >= set(FAIRNESS):
        return _("公平感问卷要有结果、程序、互动三方面的打分题")
    if kind == "servqual":
        pairs = {(q.part, q.side) for q in made if q.type == "scale"}
        if not pairs >= {(part, side) for part in DIMENSIONS for side in SIDES[1:]}:
            return _("服务质量差距问卷的五个维度都要有期望题和感受题")
    if kind == "own" and all(q.type == "text" for q in made):
        return _("至少要有一题能统计：打分、单选或多选")
    return ""


def read(asked: Sequence[Question], given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """What was answered, and what is wrong with it, by key. Whatever is not of a question is left out."""
    values: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for q in asked:
        raw = given.get(q.key)
        try:
            value = _READERS[q.type](q, raw)
        except Invalid as problem:
            wrong[q.key] = problem.message
            continue
        if value in (None, "", []):
            if q.required:
                wrong[q.key] = _("请选一个") if q.type != "text" else _("请写几个字")
            continue
        values[q.key] = value
    return values, wrong


def _scale(q: Question, raw: Any) -> int | None:
    if raw in (None, "", []):
        return None
    text = str(raw).strip()
    value = int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else None
    if value is None or value not in q.steps:
        raise Invalid(_("请从列出的分数中选一个"))
    return value


def _choice(q: Question, raw: Any) -> str | None:
    if raw in (None, "", []):
        return None
    if str(raw) not in q.options:
        raise Invalid(_("请从列出的选项中选"))
    return str(raw)


def _many(q: Question, raw: Any) -> list[str]:
    rows = raw if isinstance(raw, list | tuple) else [raw] if raw else []
    if any(str(one) not in q.options for one in rows):
        raise Invalid(_("请从列出的选项中选"))
    return [option for option in q.options if option in {str(one) for one in rows}]


def _text(q: Question, raw: Any) -> str:
    return clean_text(str(raw or ""), MOST_TEXT)


_READERS: dict[str, Any] = {"scale": _scale, "choice": _choice, "many": _many, "text": _text}
