"""Writing questionnaires. What somebody was asked with is kept as it was: changing it makes the next edition."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Refused, Stale
from yinuo.kernel.text import clean_line, clean_text
from yinuo.surveys.models import Edition, Questionnaire
from yinuo.surveys.packs import NAMES, pack
from yinuo.surveys.rules.asking import ANONYMITY, OPENS
from yinuo.surveys.rules.questions import Question, checked

Rows = Sequence[Mapping[str, Any]]


@command("survey.seed", needs="survey.edit")
def seed_questionnaires(*, by: Actor, at: datetime) -> int:
    """An editable copy of each shipped questionnaire that is not there yet."""
    have = set(Questionnaire.unscoped.exclude(shipped="").values_list("shipped", flat=True))
    for name in NAMES:
        if name not in have:
            _from_pack(name, by, at)
    record("surveys.questionnaire", {"made": len(set(NAMES) - have)})
    return len(set(NAMES) - have)


def _from_pack(name: str, by: Actor, at: datetime) -> None:
    data = pack(name)
    row = Questionnaire.unscoped.create(
        kind=data["kind"], name=data["name"], shipped=name, anonymity=data["anonymity"], opens=data["opens"],
        low_at_most=data.get("low_at_most"), low_with_comment=data.get("low_with_comment"), created_at=at,
    )  # fmt: skip
    content = [q.as_data() for q in checked(data["kind"], data["questions"])]
    Edition.unscoped.create(
        questionnaire=row, number=1, title=data["title"], intro=data["intro"], thanks=data["thanks"], content=content,
        created_by_id=by.staff_id, created_at=at,
    )  # fmt: skip


@command("survey.save_questionnaire", needs="survey.edit")
def save_questionnaire(
    *, questionnaire_id: int | None = None, kind: str, name: str, title: str, questions: Rows, intro: str = "",
    thanks: str = "", anonymity: str = "named", low_at_most: float | None = None,
    low_with_comment: float | None = None, opens: str = "suggestion", active: bool = True,
    expected_version: int | None = None, by: Actor, at: datetime,
) -> Questionnaire:  # fmt: skip
    """A new questionnaire, or the next wording of one. The kind of one that was already sent stays."""
    row = Questionnaire(created_at=at, version=0)
    if questionnaire_id is not None:
        row = _own(questionnaire_id, kind, expected_version)
    wrong: dict[str, str] = {}
    heading, called = clean_line(title, 120), clean_line(name, 80)
    if not called:
        wrong["name"] = _("请给问卷起个名字")
    if not heading:
        wrong["title"] = _("请写一句话，客户第一眼看到的")
    if anonymity not in ANONYMITY:
        wrong["anonymity"] = _("请选择实名还是匿名")
    if opens not in OPENS:
        wrong["opens"] = _("请选择低分怎么办")
    if wrong:
        raise Invalid(_("问卷还没有填完整"), fields=wrong)
    before = Edition.unscoped.filter(questionnaire_id=questionnaire_id or 0)
    asked = checked(kind, questions, [q for edition in before for q in edition.questions])
    row.kind, row.name, row.anonymity, row.opens, row.active = kind, called, anonymity, opens, active
    row.low_at_most, row.low_with_comment = low_at_most, low_with_comment
    row.version += 1
    row.save()
    words = {"title": heading, "intro": clean_text(intro, 500), "thanks": clean_text(thanks, 500)}
    edition = _next_edition(row, asked, words, by, at)
    record(row, {"edition": edition.number, "questions": len(asked)})
    return row


def _own(questionnaire_id: int, kind: str, expected_version: int | None) -> Questionnaire:
    row: Questionnaire | None = (
        Questionnaire.objects.select_for_update(no_key=True, of=("self",)).filter(pk=questionnaire_id).first()
    )
    if row is None:
        raise Missing(_("没有这份问卷"))
    if expected_version is not None and row.version != expected_version:
        raise Stale(_("这份问卷刚被别人改过"), current=row)
    if row.kind != kind and Edition.unscoped.filter(questionnaire=row, sent=True).exists():
        raise Refused(_("这份问卷已经发出过，类型不能再改；可以复制一份"), fields={"kind": _("已发出，不能再改")})
    return row


def _next_edition(
    row: Questionnaire, asked: tuple[Question, ...], words: dict[str, str], by: Actor, at: datetime
) -> Edition:
    """The newest edition in place while nobody was asked with it; another one after that."""
    newest: Edition | None = Edition.unscoped.filter(questionnaire=row).order_by("-number").first()
    content = [q.as_data() for q in asked]
    now = {"title": newest.title, "intro": newest.intro, "thanks": newest.thanks} if newest else {}
    if newest and newest.sent and (newest.content, now) == (content, words):
        return newest
    number = newest.number if newest else 0
    if newest is None or newest.sent:
        newest, number = Edition(questionnaire=row, created_at=at), number + 1
    newest.number, newest.content, newest.created_by_id = number, content, by.staff_id
    newest.title, newest.intro, newest.thanks = words["title"], words["intro"], words["thanks"]
    newest.save()
    return newest


@command("survey.copy_questionnaire", needs="survey.edit")
def copy_questionnaire(*, questionnaire_id: int, by: Actor, at: datetime) -> Questionnaire:
    """Another one that starts as this one stands."""
    row: Questionnaire | None = Questionnaire.objects.filter(pk=questionnaire_id).first()
    if row is None:
        raise Missing(_("没有这份问卷"))
    newest = Edition.unscoped.filter(questionnaire=row).order_by("-number")[0]
    name = _("%(name)s（副本）") % {"name": row.name[:70]}
    made: Questionnaire = save_questionnaire(
        kind=row.kind, name=name, title=newest.title, questions=newest.content, intro=newest.intro,
        thanks=newest.thanks, anonymity=row.anonymity, low_at_most=row.low_at_most,
        low_with_comment=row.low_with_comment, opens=row.opens, by=by, at=at,
    )  # fmt: skip
    return made


def newest_edition(questionnaire_id: int) -> tuple[Questionnaire, Edition]:
    """What a customer is asked now; raises `Missing`, or `Refused` when it is out of use."""
    row: Questionnaire | None = Questionnaire.objects.filter(pk=questionnaire_id).first()
    edition = Edition.unscoped.filter(questionnaire_id=questionnaire_id).order_by("-number").first()
    if row is None or edition is None:
        raise Missing(_("没有这份问卷"))
    if not row.active:
        raise Refused(_("这份问卷已停用"))
    return row, edition
