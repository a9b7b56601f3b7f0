"""The form of each stage of a complaint: what to do now."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yinuo.complaints.queries.guidance import decision_questions
from yinuo.complaints.queries.proposals import Taken
from yinuo.complaints.rules import choices
from yinuo.complaints.rules.agreement import MOST_VALID_DAYS, VALID_DAYS
from yinuo.web.forms import pick
from yinuo.web.forms.base import PageForm, amount, answer, choice, line, many, text
from yinuo.web.forms.complaint_register import SUBKINDS

ITEM_ROWS = 8
CELLS = ("kind", "detail", "amount", "unit_id")
VIA = [("", _("原渠道（电话、来访为登记已口头告知）")), ("email", _("发邮件"))]

CONFIRMED = [("recorded_call", _("录音电话")), ("paper", _("书面签字"))]


class AcknowledgeForm(PageForm):
    text = answer(
        _("告知内容"),
        "complaint",
        required=False,
        length=5000,
        rows=5,
        help=_("写明编号、由谁办理、下一次什么时候答复；不写办结日期。已经口头告知的可以清空。"),
    )
    via = choice(_("怎样告知"), VIA, required=False, radio=True)


class RestateForm(PageForm):
    text = answer(_("复述内容"), "", required=False, length=20000, rows=6)
    via = choice(
        _("复述方式"),
        [
            ("phone", _("电话里读给客户听")),
            ("visit", _("当面读给客户听")),
            ("email", _("发邮件，附确认链接")),
            ("link", _("只要链接，自己发给客户（不发邮件）")),
        ],
        radio=True,
    )


class RestatementAnswerForm(PageForm):
    confirmed = pick.yes_no(_("客户怎么说"), _("确认无误"), _("要更正"))
    correction = text(_("更正内容"), required=False, length=5000, rows=2, help=_("客户要更正时填写"))


class AssessForm(PageForm):
    judgement = choice(_("投诉是否成立"), choices.Judgement.choices, radio=True)
    kind = choice(_("投诉类别"), choices.Kind.choices, radio=True)
    subkind = choice(_("细类"), SUBKINDS, required=False)
    severity = choice(_("严重程度"), choices.Severity.choices, radio=True)
    risks = many(_("风险"), choices.Risk.choices, help=_("有一项即报上级"))
    complexity = choice(_("复杂程度"), choices.Complexity.choices, radio=True)
    temperament = choice(_("客户类型"), choices.Temperament.choices, required=False, empty=_("还看不出"))
    manner = choice(_("表达方式"), choices.Manner.choices, required=False, empty=_("还看不出"))
    basis = text(_("判断依据"), required=False, length=5000, rows=3, help=_("判断不成立时必填"))


class InvestigateForm(PageForm):
    note = text(_("调查安排"), required=False, length=2000, rows=2, placeholder=_("准备向谁了解、核对什么，可以不填"))


class FindingForm(PageForm):
    facts = text(_("查明的事实"), length=20000, rows=4)
    cause = text(_("原因"), required=False, length=5000, rows=2)
    evidence = text(_("依据"), required=False, length=5000, rows=2, placeholder=_("单据、记录、检测报告、照片"))
    unit_id = pick.unit(_("责任部门"))
    fault_share = pick.percent(_("我方责任（%）"))


class ProposalForm(PageForm):
    """Items, reason and the five questions of the decision aid."""

    #: What was filled in from an earlier case: its rows, and what is said about it above the form.
    taken: Taken | None = None
    taken_rows: frozenset[int] = frozenset()
    taken_reason = False
    left_out = 0

    reason = text(_("理由"), length=5000, rows=3, placeholder=_("为什么这样处理：责任、关系、类似案例"))
    loss = amount(_("客户损失（元）"), required=False, help=_("用于参考意见，可以不填"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        departments = pick.unit_options()
        for n in range(ITEM_ROWS):
            self.fields[f"items.{n}.kind"] = choice(
                _("处理方式"), choices.ItemKind.choices, required=False, empty=_("（选择）")
            )
            self.fields[f"items.{n}.detail"] = line(
                _("说明"), required=False, length=500, placeholder=_("数量、型号、方式")
            )
            self.fields[f"items.{n}.amount"] = forms.CharField(
                label=_("金额（元）"),
                required=False,
                max_length=20,
                widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            )
            self.fields[f"items.{n}.unit_id"] = pick.number(
                _("执行部门"), departments, required=False, empty=_("经办部门")
            )
        for question in decision_questions():
            name = question["name"]
            if "choices" in question:
                answers = [(str(n), words) for n, words in enumerate(question["choices"])]
                self.fields[f"answer.{name}"] = choice(question["label"], answers, required=False, empty=_("未选"))
            else:
                self.fields[f"answer.{name}"] = pick.percent(question["label"])

    def item_rows(self) -> list[dict[str, Any]]:
        found = []
        for n in range(ITEM_ROWS):
            cells = {name: self[f"items.{n}.{name}"] for name in CELLS}
            used = any(c.value() or c.errors for c in cells.values())
            found.append({"n": n, "cells": cells, "shown": used or n < 2, "taken": n in self.taken_rows})
        return found

    def take(self, taken: Taken) -> None:
        """Fill what is still empty with what was agreed in an earlier case; what was typed stays, and nothing comes
        twice. A department that is gone is left open.
        """
        offered = {str(value) for value, _label in self.fields["items.0.unit_id"].choices}  # type: ignore[attr-defined]
        rows = [
            tuple(str(self.initial.get(f"items.{n}.{name}") or "").strip() for name in CELLS) for n in range(ITEM_ROWS)
        ]
        empty, filled = [n for n, row in enumerate(rows) if not any(row)], set()
        for kind, detail, money, unit_id in taken.items:
            unit = str(unit_id) if str(unit_id) in offered else ""
            row = (kind, detail, str(money) if money else "", unit)
            if row in rows:
                continue
            if not empty:
                self.left_out += 1
                continue
            n = empty.pop(0)
            filled.add(n)
            self.initial.update({f"items.{n}.{name}": value for name, value in zip(CELLS, row, strict=True)})
        self.taken_reason = not str(self.initial.get("reason") or "").strip()
        if self.taken_reason:
            source = _("参照以往投诉 %(number)s：%(reason)s") % {"number": taken.number, "reason": taken.reason}
            self.initial["reason"] = source[:5000]
        self.taken, self.taken_rows = taken, frozenset(filled)

    def questions(self) -> list[Any]:
        return [self[f"answer.{q['name']}"] for q in decision_questions()]

    def answers(self) -> dict[str, Any]:
        given = self.cleaned_data if hasattr(self, "cleaned_data") else {}
        return {
            q["name"]: given.get(f"answer.{q['name']}")
            for q in decision_questions()
            if given.get(f"answer.{q['name']}") not in (None, "")
        }

    def items(self) -> list[dict[str, Any]]:
        """Every row down to the last one used, so that a command's complaint lands on its own row."""
        rows = [{name: self.cleaned_data.get(f"items.{n}.{name}") or "" for name in CELLS} for n in range(ITEM_ROWS)]
        while rows and not any(rows[-1].values()):
            rows.pop()
        return rows

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.items():
            self.add_error("items.0.kind", _("方案至少要有一项内容"))
        return data

    def values(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "items": self.items(),
            "reason": data["reason"],
            "answers": self.answers(),
            "loss": data.get("loss") or "",
        }


class RecallForm(PageForm):
    reason = text(_("收回的原因"), length=500, rows=2)


class OfferForm(PageForm):
    text = answer(_("协议内容"), "", required=False, length=20000, rows=12, help=_("客户将看到并确认的就是这些字"))
    valid_days = pick.count(_("有效期（天）"), 1, MOST_VALID_DAYS, initial=VALID_DAYS)
    via = choice(
        _("怎样给客户"),
        [("email", _("发邮件，附协议链接")), ("link", _("只要链接，自己发给客户（短信、微信、当面；不发邮件）"))],
        radio=True,
    )


class AgreementAnswerForm(PageForm):
    accepted = pick.yes_no(_("客户的决定"), _("同意"), _("不同意"))
    how = choice(_("确认方式"), CONFIRMED, radio=True)
    signer = line(_("确认人"), required=False, length=80)
    note = text(_("经过"), length=2000, rows=2, placeholder=_("例如录音编号、签字时间；不同意时写明原因"))
    takes_files = True


class NothingForm(PageForm):
    """A button: nothing to fill in."""


def proposal_initial(proposal: Any, items: list[Any]) -> dict[str, Any]:
    """A draft as the form shows it."""
    found: dict[str, Any] = {"reason": proposal.reason, "loss": proposal.aid.get("loss", "")}
    for n, item in enumerate(items[:ITEM_ROWS]):
        found[f"items.{n}.kind"], found[f"items.{n}.detail"] = item.kind, item.detail
        found[f"items.{n}.amount"], found[f"items.{n}.unit_id"] = (item.amount or ""), item.unit_id
    for name, value in (proposal.aid.get("answers") or {}).items():
        found[f"answer.{name}"] = value
    return found
