"""Writing: the words of an article, until somebody is asked to let them pass."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Refused
from yinuo.kernel.events import emit
from yinuo.kernel.text import clean_line
from yinuo.knowledge.commands.rows import checked, locked_article, open_edition, saved, show, tell
from yinuo.knowledge.commands.words import taken
from yinuo.knowledge.models import Article, Edition
from yinuo.knowledge.queries import publishers


@command("article.create", needs="knowledge.write")
def create_article(
    *, title: str, body: str, kind: str = "article", category: str = "", keywords: str = "",
    matters: Sequence[str] = (), visibility: str = "internal", unit_id: int | None = None, note: str = "",
    by: Actor, at: datetime,
) -> Article:  # fmt: skip
    """A draft, which nobody but its writer and those who let articles pass can see."""
    words = checked(
        title=title, body=body, kind=kind, category=category, keywords=keywords, matters=matters,
        visibility=visibility, unit_id=unit_id,
    )  # fmt: skip
    row = Article(owner_id=by.staff_id, created_at=at, changed_at=at)
    show(row, words)
    row.save()
    _write(row, words, note, by, at)
    record(row, {"title": row.title})
    return row


@command("article.edit", needs="knowledge.write")
def edit_article(
    *, article_id: int, title: str, body: str, kind: str = "article", category: str = "", keywords: str = "",
    matters: Sequence[str] = (), visibility: str = "internal", unit_id: int | None = None, note: str = "",
    expected_version: int | None, by: Actor, at: datetime,
) -> Article:  # fmt: skip
    """New words. Of a published article readers go on seeing the edition in force until these are let pass; what was
    waiting to be let pass is a draft again.
    """
    row = locked_article(article_id, expected_version)
    if row.state == Article.State.RETIRED:
        raise Refused(_("这篇文章已停用，恢复之后才能修改"))
    words = checked(
        title=title, body=body, kind=kind, category=category, keywords=keywords, matters=matters,
        visibility=visibility, unit_id=unit_id,
    )  # fmt: skip
    edition = _write(row, words, note, by, at)
    if not row.edition:
        show(row, words)
        row.state = Article.State.DRAFT
    saved(row, at)
    record(row, {"edition": edition.number})
    return row


def _write(row: Article, words: dict[str, Any], note: str, by: Actor, at: datetime) -> Edition:
    edition = open_edition(row)
    if edition is None:
        last = Edition.unscoped.filter(article=row).aggregate(last=Max("number"))["last"] or 0
        edition = Edition(article=row, number=last + 1)
    for name, value in words.items():
        setattr(edition, name, value)
    wrong: dict[str, str] = {}
    edition.state, edition.note = Edition.State.WRITING, taken(clean_line, note, 300, "note", wrong)
    if wrong:
        raise Invalid(wrong["note"], fields=wrong)
    edition.written_by_id, edition.written_at = by.staff_id, at
    edition.writers = sorted({*edition.writers, *([by.staff_id] if by.staff_id else [])})
    edition.save()
    return edition


@command("article.submit", needs="knowledge.write")
def submit_article(*, article_id: int, expected_version: int | None = None, by: Actor, at: datetime) -> Article:
    """Ask somebody else to let it pass."""
    row = locked_article(article_id, expected_version)
    edition = open_edition(row)
    if edition is None or edition.state != Edition.State.WRITING or row.state == Article.State.RETIRED:
        raise Refused(_("没有可以送审的草稿"))
    edition.state, edition.comment = Edition.State.REVIEW, ""
    edition.save()
    if not row.edition:
        row.state = Article.State.REVIEW
    saved(row, at)
    others = [pk for pk in publishers().values_list("pk", flat=True) if pk not in edition.writers]
    topics = tell(row, others, "submitted", _("%(name)s 写好了，等您审核") % {"name": by.name}, at)
    emit("article.submitted", topics=topics, article_id=row.pk)
    record(row, {"edition": edition.number})
    return row
