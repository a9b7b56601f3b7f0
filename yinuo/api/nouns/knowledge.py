"""/articles and /reply-templates: what the desk knows, and the words it has ready."""

from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Schema

from yinuo.api.nouns.matters import Named
from yinuo.api.operations import Limit, Noun
from yinuo.api.paging import Paged, newest_first
from yinuo.api.verbs import verb
from yinuo.kernel.errors import Missing
from yinuo.knowledge import commands, queries

articles = Noun("/articles", "knowledge")
templates = Noun("/reply-templates", "knowledge")


class ArticleShort(Schema):
    """`version` is given back with the next write; `edition` is the one in force, 0 while there has been none."""

    id: int
    title: str
    kind: str
    category: str
    keywords: list[str]
    matters: list[str]
    visibility: str
    state: str
    unit_id: int | None
    owner: Named | None
    edition: int
    published_at: datetime | None
    review_by: date | None
    used: int
    helpful: int
    unhelpful: int
    changed_at: datetime
    version: int


class ArticleOut(ArticleShort):
    body: str


class ArticlePage(Paged):
    items: list[ArticleShort]


class ArticleFound(Schema):
    """The best first."""

    items: list[ArticleShort]


class EditionOut(Schema):
    """One version of an article, whole."""

    number: int
    state: str
    title: str
    body: str
    note: str
    written_by: Named | None
    written_at: datetime
    decided_by: Named | None
    decided_at: datetime | None
    comment: str


class EditionList(Schema):
    items: list[EditionOut]


class ReplyTemplateOut(Schema):
    """`stage` is the stage of a complaint it is meant for, empty for any."""

    id: int
    name: str
    text: str
    stage: str
    channel: str
    shared: bool
    owner: Named | None
    retired_at: datetime | None
    used: int
    changed_at: datetime
    version: int


class ReplyTemplatePage(Paged):
    items: list[ReplyTemplateOut]


def _named(person: Any) -> dict[str, Any] | None:
    return {"id": person.pk, "name": person.name} if person else None


def _short(row: Any) -> dict[str, Any]:
    same = ("title", "category", "keywords", "matters", "unit_id", "edition", "published_at", "review_by", "used",
            "helpful", "unhelpful", "changed_at", "version")  # fmt: skip
    kinds = {name: str(getattr(row, name)) for name in ("kind", "visibility", "state")}
    return {"id": row.pk, **{name: getattr(row, name) for name in same}, **kinds, "owner": _named(row.owner)}


def _article(article_id: int) -> dict[str, Any]:
    row = queries.article(article_id)
    if row is None:
        raise Missing(_("没有这篇文章，或您无权查看"))
    return {**_short(row), "body": row.body}


def _template(template_id: int) -> dict[str, Any]:
    row = queries.template(template_id)
    if row is None:
        raise Missing(_("没有这个模板，或您无权使用"))
    return _template_shown(row)


def _template_shown(row: Any) -> dict[str, Any]:
    same = ("name", "text", "stage", "channel", "shared", "retired_at", "used", "changed_at", "version")
    return {"id": row.pk, **{name: getattr(row, name) for name in same}, "owner": _named(row.owner)}


@articles.get_("", needs="knowledge.read", returns=ArticlePage, summary="List articles, lately changed first")
def listed(
    request: HttpRequest, cursor: str = "", limit: Limit = 25,
    state: Literal["", "in_use", "draft", "review", "published", "expired", "retired"] = "in_use",
    kind: Literal["", "article", "procedure", "product", "case"] = "",
) -> dict[str, Any]:  # fmt: skip
    """`in_use`: published or expired. `review`: also published ones whose next edition waits."""
    rows = queries.articles()
    rows = queries.in_life(rows, state) if state else rows
    rows = rows.filter(kind=kind) if kind else rows
    return newest_first(rows, "changed_at", cursor=cursor, limit=limit, show=_short)


@articles.get_("/search", needs="knowledge.read", returns=ArticleFound, summary="Find articles in use by their words")
def found(request: HttpRequest, q: str, limit: Limit = 10) -> dict[str, Any]:
    """Every fragment of `q` has to be there; titles before keywords before bodies."""
    return {"items": [_short(row) for row in queries.best_first(q[:200], limit)]}


@articles.get_("/{int:article_id}", needs="knowledge.read", returns=ArticleOut, summary="One article")
def one(request: HttpRequest, article_id: int) -> dict[str, Any]:
    return _article(article_id)


@articles.get_("/{int:article_id}/editions", needs="knowledge.read", returns=EditionList, summary="All its editions")
def editions(request: HttpRequest, article_id: int) -> dict[str, Any]:
    _article(article_id)
    same = ("number", "title", "body", "note", "written_at", "decided_at", "comment")
    return {
        "items": [
            {**{name: getattr(e, name) for name in same}, "state": str(e.state),
             "written_by": _named(e.written_by), "decided_by": _named(e.decided_by)}
            for e in queries.editions(article_id)
        ]
    }  # fmt: skip


def _after(row: Any, _row_id: int) -> dict[str, Any]:
    return _article(row.pk)


def _after_template(row: Any, _row_id: int) -> dict[str, Any]:
    return _template(row.pk)


_ARTICLE: dict[str, Any] = {"show": _after, "returns": ArticleOut}
_BY_ID: dict[str, Any] = {"own": "article_id", **_ARTICLE}
verb(articles, "", commands.create_article, summary="Write a new article", status=201, **_ARTICLE)
verb(articles, "/{int:row_id}/edit", commands.edit_article, summary="Write a new edition", **_BY_ID)
verb(articles, "/{int:row_id}/submit", commands.submit_article, summary="Ask for a review", **_BY_ID)
verb(articles, "/{int:row_id}/publish", commands.publish_article, summary="Let the waiting edition pass", **_BY_ID)
verb(articles, "/{int:row_id}/return", commands.return_article, summary="Send the waiting edition back", **_BY_ID)
verb(articles, "/{int:row_id}/renew", commands.renew_article, summary="Looked at again, still right", **_BY_ID)
verb(articles, "/{int:row_id}/expire", commands.expire_article, summary="Mark as right no longer", **_BY_ID)
verb(articles, "/{int:row_id}/retire", commands.retire_article, summary="Take out of use", **_BY_ID)
verb(articles, "/{int:row_id}/restore", commands.restore_article, summary="Take back into use", **_BY_ID)
verb(articles, "/{int:row_id}/rate", commands.rate_article, summary="Say whether it helped", **_BY_ID)
verb(articles, "/uses", commands.use_knowledge, summary="Note that it was put into an answer", status=201)


@templates.get_("", needs="knowledge.read", returns=ReplyTemplatePage, summary="List reply templates")
def ready(
    request: HttpRequest, cursor: str = "", limit: Limit = 25, state: Literal["in_use", "retired", ""] = "in_use"
) -> dict[str, Any]:
    """One's own and everybody's, lately changed first."""
    rows = queries.templates()
    rows = rows.filter(retired_at__isnull=state == "in_use") if state else rows
    return newest_first(rows, "changed_at", cursor=cursor, limit=limit, show=_template_shown)


@templates.get_("/{int:template_id}", needs="knowledge.read", returns=ReplyTemplateOut, summary="One reply template")
def one_template(request: HttpRequest, template_id: int) -> dict[str, Any]:
    return _template(template_id)


_TEMPLATE: dict[str, Any] = {"show": _after_template, "returns": ReplyTemplateOut}
_TEMPLATE_ID: dict[str, Any] = {"own": "template_id", **_TEMPLATE}
verb(templates, "", commands.create_template, summary="Keep ready words", status=201, **_TEMPLATE)
verb(templates, "/{int:row_id}/edit", commands.edit_template, summary="Change ready words", **_TEMPLATE_ID)
verb(templates, "/{int:row_id}/retire", commands.retire_template, summary="Offer it no longer", **_TEMPLATE_ID)
verb(templates, "/{int:row_id}/restore", commands.restore_template, summary="Offer it again", **_TEMPLATE_ID)
