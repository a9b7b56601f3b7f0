"""知识与模板: the drawer beside an answer: templates for this step, articles for this matter, putting them in."""

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yinuo.kernel.errors import Missing
from yinuo.kernel.text import clean_line, pinyin_full, pinyin_initials
from yinuo.knowledge import commands, queries
from yinuo.knowledge.models import Article
from yinuo.knowledge.rules.gaps import fill, pieces
from yinuo.knowledge.rules.markup import blocks, plain
from yinuo.web.forms.base import act
from yinuo.web.forms.knowledge import STAGES
from yinuo.web.pages.knowledge import article_or_missing
from yinuo.web.reads.answering import About, about, values
from yinuo.web.render import render, say
from yinuo.web.routes import page

_PLACE = re.compile(r"#[A-Za-z][\w-]{0,60}")
FOUND, SUGGESTED = 12, 5


def _place(request: HttpRequest) -> str:
    """The id of the field the words go into; anything else is no place."""
    given = request.GET.get("into", "")
    return given if _PLACE.fullmatch(given) else ""


def _asked(request: HttpRequest, told: About) -> dict[str, Any]:
    into = _place(request)
    return {"told": told, "into": into, "again": {**told.query, **({"into": into} if into else {})}}


@require_GET
def drawer(request: HttpRequest) -> HttpResponse:
    """Three statements: what the answer is about, the templates, the articles."""
    told = about(request)
    query = clean_line(request.GET.get("q", "")[:200], 200)[:100]
    channel = told.matter.channel if told.matter else told.conversation.channel if told.conversation else ""
    context = {
        "section": "knowledge",
        **_asked(request, told),
        "q": query,
        "articles": queries.best_first(query, FOUND) if query else _suggested(told),
        "templates": [_line(row) for row in queries.templates_for(told.stage, channel)],
        "stages": dict(STAGES),
    }
    part = "articles" if request.GET.get("part") == "articles" else "drawer"
    return render(request, "knowledge/insert.jinja", context, part=part)


def _suggested(told: About) -> list[Any]:
    return queries.suggestions(told.words, told.kind, SUGGESTED) if told.words else []


def _line(row: Any) -> dict[str, Any]:
    return {"row": row, "letters": f"{pinyin_initials(row.name)} {pinyin_full(row.name)}"}


@require_GET
def template(request: HttpRequest, pk: int) -> HttpResponse:
    """A template filled in for this matter, with the gaps that are left."""
    row = queries.template(pk)
    if row is None or row.retired_at:
        raise Missing(_("没有这个模板，或您无权使用"))
    told = about(request)
    filled = fill(row.text, values(told, request.actor))  # type: ignore[attr-defined]
    context = {
        **_asked(request, told),
        "section": "knowledge",
        "title": row.name,
        "text": filled.text,
        "pieces": pieces(filled.text),
        "missing": filled.missing,
        "use": {"template": row.pk, **told.query},
        "article": None,
    }
    return render(request, "knowledge/preview.jinja", context, part="preview")


@require_GET
def article(request: HttpRequest, pk: int) -> HttpResponse:
    """An article to be read, and put in where customers may read it."""
    row = article_or_missing(pk)
    told = about(request)
    context = {
        **_asked(request, told),
        "section": "knowledge",
        "title": row.title,
        "text": plain(row.body) if row.quotable and row.state in Article.SHOWN else "",
        "blocks": blocks(row.body),
        "missing": (),
        "use": {"article": row.pk, **told.query},
        "article": row,
    }
    return render(request, "knowledge/preview.jinja", context, part="preview")


def _given(request: HttpRequest, name: str) -> int | None:
    given = request.POST.get(name, "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 18 else None


@require_POST
def use(request: HttpRequest) -> HttpResponse:
    """It was put in."""
    names = ("article", "template", "matter", "conversation")
    act(request, commands.use_knowledge, **{f"{name}_id": _given(request, name) for name in names})
    return say(_("已插入，发送前请核对"))


routes = [
    page("knowledge/insert/", drawer, needs="knowledge.read", name="knowledge_insert"),
    page("knowledge/insert/template/<int:pk>/", template, needs="knowledge.read", name="reply_template_preview"),
    page("knowledge/insert/article/<int:pk>/", article, needs="knowledge.read", name="article_preview"),
    page("knowledge/insert/used/", use, needs="knowledge.read", name="knowledge_used"),
]
