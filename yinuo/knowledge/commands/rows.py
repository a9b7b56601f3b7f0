"""What the commands of an article share: its locked row, its checked words, whom to tell."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yinuo.identity.models import Unit
from yinuo.kernel.actor import current_actor
from yinuo.kernel.errors import Invalid, Missing, Stale
from yinuo.kernel.search import weighted_tsvector
from yinuo.kernel.text import clean_line, clean_text
from yinuo.knowledge.commands.words import taken
from yinuo.knowledge.models import Article, ArticleNews, Content, Edition
from yinuo.knowledge.rules.life import split_keywords
from yinuo.knowledge.rules.weighing import weights
from yinuo.matters.models import Matter

MOST_BODY = 50_000


def locked_article(article_id: int, expected_version: int | None) -> Article:
    """Locked; one the actor does not see is not there. Stale shows what stands there now."""
    rows = Article.objects.filter(pk=article_id).values("pk")
    row = Article.unscoped.select_for_update(no_key=True).defer("search").filter(pk__in=rows).first()
    if row is None:
        raise Missing(_("没有这篇文章，或您无权查看"))
    if expected_version is not None and row.version != expected_version:
        raise Stale(_("这篇文章刚被别人改过"), current=as_form(row, open_edition(row) or row))
    return row


def open_edition(row: Article) -> Edition | None:
    return Edition.unscoped.filter(article=row, state__in=Edition.OPEN).first()


def as_form(row: Article, words: Content) -> dict[str, Any]:
    """As the form has it, to be shown beside what was typed."""
    return {**words.content(), "keywords": "、".join(words.keywords), "version": row.version}


def checked(
    *, title: str, body: str, kind: str, category: str, keywords: str, matters: Sequence[str], visibility: str,
    unit_id: int | None,
) -> dict[str, Any]:  # fmt: skip
    """The content as it is kept; all that is wrong with it is said at once."""
    wrong: dict[str, str] = {}
    found: dict[str, Any] = {"kind": kind, "visibility": visibility, "unit_id": unit_id}
    found["title"] = taken(clean_line, title, 120, "title", wrong)
    found["category"] = taken(clean_line, category, 40, "category", wrong)
    found["body"] = taken(clean_text, body, MOST_BODY, "body", wrong)
    found["keywords"] = split_keywords(taken(clean_text, keywords, 2000, "keywords", wrong))
    found["matters"] = [value for value in Matter.Kind.values if value in set(matters)]
    if not found["title"]:
        wrong.setdefault("title", _("请填写标题"))
    if not found["body"]:
        wrong.setdefault("body", _("请填写内容"))
    if kind not in Content.Kind.values:
        wrong["kind"] = _("请选择文章的种类")
    if visibility not in Content.Visibility.values:
        wrong["visibility"] = _("请选择能不能引用给客户")
    if set(matters) - set(Matter.Kind.values):
        wrong["matters"] = _("没有这种事项")
    if unit_id is not None and not Unit.objects.filter(pk=unit_id, active=True).exists():
        wrong["unit_id"] = _("没有这个部门")
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)
    return found


def show(row: Article, words: dict[str, Any]) -> None:
    """Let readers see these words from now on, and find them."""
    for name, value in words.items():
        setattr(row, name, value)
    row.search = weighted_tsvector(weights(row.title, row.keywords, row.body, (row.category,)))


def saved(row: Article, at: datetime) -> None:
    row.changed_at, row.version = at, row.version + 1
    row.save()


def tell(row: Article, people: Iterable[int | None], kind: str, text: str, at: datetime) -> list[str]:
    """Put it among these people's notifications, not the actor's own; returns the topics of their pages."""
    told = sorted({pk for pk in people if pk} - {current_actor().staff_key})
    ArticleNews.unscoped.bulk_create(
        ArticleNews(article=row, told_id=pk, kind=kind, text=text[:500], at=at) for pk in told
    )
    return [f"staff:{pk}" for pk in told]
