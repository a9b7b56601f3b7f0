"""知识: the list, an article with its versions, writing."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yinuo.kernel import clock
from yinuo.kernel.clock import CST
from yinuo.kernel.errors import Missing
from yinuo.kernel.text import query_tokens
from yinuo.knowledge import commands, queries
from yinuo.knowledge.models import Article, Edition
from yinuo.knowledge.rules.comparing import compare
from yinuo.knowledge.rules.life import may_review
from yinuo.knowledge.rules.markup import blocks
from yinuo.matters.models import Matter
from yinuo.web.forms.base import act, submit
from yinuo.web.forms.knowledge import ArticleForm
from yinuo.web.listing import Column, Filter, Listing, Sort
from yinuo.web.render import go, render
from yinuo.web.routes import page

TONES = {"draft": "plain", "review": "soon", "published": "ok", "expired": "late", "retired": "kept"}
STATES = [
    ("in_use", gettext_lazy("在用")),
    ("review", Article.State.REVIEW.label),
    ("draft", Article.State.DRAFT.label),
    ("expired", Article.State.EXPIRED.label),
    ("retired", Article.State.RETIRED.label),
]
SORTS = (
    Sort("new", gettext_lazy("最近改动"), "-changed_at"),
    Sort("new-", gettext_lazy("最早改动"), "changed_at"),
    Sort("used", gettext_lazy("用得多"), "-used"),
)
BEST = Sort("best", gettext_lazy("最相关"), "-rank")


def _by_state(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    return queries.in_life(rows, value)


def _by_kind(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    return rows.filter(kind=value)


def _due(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    return queries.due_soon(rows, clock.now().astimezone(CST).date())


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Two statements."""
    searched = bool(query_tokens(request.GET.get("q", "")[:200]))
    listing = Listing(
        request,
        queries.listed(),
        placeholder=_("标题、关键词、内容的任意两个字"),
        search=queries.matching_articles,
        sorts=(BEST, *SORTS) if searched else SORTS,
        filters=(
            Filter("state", gettext_lazy("状态"), STATES, _by_state, default="in_use"),
            Filter("kind", gettext_lazy("种类"), Article.Kind.choices, _by_kind),
            Filter("due", gettext_lazy("复查"), [("soon", gettext_lazy("两周内要复查"))], _due),
        ),
        columns=(
            Column(gettext_lazy("文章")),
            Column(gettext_lazy("种类"), wide=True),
            Column(gettext_lazy("状态")),
            Column(gettext_lazy("用过"), "used", "num", wide=True),
            Column(gettext_lazy("复查"), wide=True),
            Column(gettext_lazy("改动"), "new", "nowrap"),
        ),
        empty=_("还没有文章。把常被问到的、常要查的写下来，大家都能用。"),
    )
    return render(request, "knowledge/list.jinja", {"section": "knowledge", "listing": listing, "tones": TONES})


def article_or_missing(pk: int) -> Any:
    row = queries.article(pk)
    if row is None:
        raise Missing(_("没有这篇文章，或您无权查看"))
    return row


@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Words in force, what is waiting, the editions, where it was used. Six statements with what one said of it."""
    row = article_or_missing(pk)
    actor = request.actor  # type: ignore[attr-defined]
    editions = queries.editions(pk)
    waiting = next((e for e in editions if e.state in Edition.OPEN), None)
    context = {
        "section": "knowledge",
        "article": row,
        "blocks": blocks(row.body),
        "tones": TONES,
        "editions": editions,
        "open": waiting,
        "mine": queries.rating_of(pk),
        "uses": queries.uses(pk),
        "useful_for": _kinds(row),
        "verbs": _verbs(row, waiting, actor),
        "own": bool(waiting and waiting.state == Edition.State.REVIEW) and not _passes(waiting, actor),
    }
    return render(request, "knowledge/article.jinja", context)


def _passes(edition: Any, actor: Any) -> bool:
    reviewers = queries.publishers().values_list("pk", flat=True)
    return actor.staff_id is None or may_review(actor.staff_id, edition.writers, reviewers)


def _verbs(row: Any, edition: Any, actor: Any) -> set[str]:
    """What may be done to it now, by this person."""
    writes, passes = actor.may("knowledge.write"), actor.may("knowledge.publish")
    state = edition.state if edition else ""
    if row.state == Article.State.RETIRED:
        return {"restore"} if passes else set()
    found = {"edit"} if writes else set()
    found |= {"submit"} if writes and state == Edition.State.WRITING else set()
    found |= {"publish", "return"} if passes and state == Edition.State.REVIEW else set()
    found |= {"renew"} if passes and row.state in Article.SHOWN else set()
    found |= {"expire"} if passes and row.state == Article.State.PUBLISHED else set()
    return found | ({"retire"} if passes or (writes and not row.edition) else set())


def _initial(words: Any, note: str = "") -> dict[str, Any]:
    return {**words.content(), "keywords": "、".join(words.keywords), "note": note}


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    start = {"kind": "article", "visibility": "internal", "matters": []}
    form = ArticleForm.of(request, start)
    sent = submit(request, form, commands.create_article)
    if sent:
        return go(request, "article", getattr(sent.result, "pk", sent.result), toast=_("草稿已保存，写好了请送审"))
    return render(request, "knowledge/edit.jinja", {"section": "knowledge", "form": form, "article": None})


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    row = article_or_missing(pk)
    working = queries.open_edition(pk)
    form = ArticleForm.of(request, _initial(working or row, working.note if working else ""), version=row.version)
    if submit(request, form, commands.edit_article, stale=True, article_id=pk):
        return go(request, "article", pk, toast=_("已保存为草稿，写好了请送审"))
    return render(request, "knowledge/edit.jinja", {"section": "knowledge", "form": form, "article": row})


@require_POST
def rate(request: HttpRequest, pk: int) -> HttpResponse:
    act(request, commands.rate_article, article_id=pk, useful=request.POST.get("useful") == "1")
    return go(request, "article", pk, toast=_("谢谢，已记下"))


@require_GET
def version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One edition, whole, and what is different from the one before it or another one."""
    row = article_or_missing(pk)
    found = {e.number: e for e in queries.editions(pk)}
    this = found.get(number)
    if this is None:
        raise Missing(_("没有这一版"))
    given = request.GET.get("with", "")
    earlier = max((n for n in found if n < number), default=0)
    other = found.get(int(given) if given.isdecimal() and len(given) < 9 else earlier)
    context = {
        "section": "knowledge",
        "article": row,
        "this": this,
        "other": other,
        "editions": list(found.values()),
        "lines": compare(other.body, this.body) if other else [],
        "facts": _facts(other, this) if other else [],
        "blocks": blocks(this.body),
    }
    return render(request, "knowledge/version.jinja", context)


def _kinds(words: Any) -> str:
    labels = dict(Matter.Kind.choices)
    return "、".join(str(labels[kind]) for kind in words.matters)


def _facts(old: Any, new: Any) -> list[tuple[str, str, str]]:
    """What differs beside the body: (label, before, now)."""

    def said(words: Any) -> list[tuple[str, str]]:
        return [
            (_("标题"), words.title),
            (_("种类"), words.get_kind_display()),
            (_("分类"), words.category),
            (_("关键词"), "、".join(words.keywords)),
            (_("办哪些事项时用得上"), _kinds(words)),
            (_("给谁看"), words.get_visibility_display()),
            (_("只给哪个部门看"), words.unit.name if words.unit else ""),
        ]

    return [(label, a, b) for (label, a), (_label, b) in zip(said(old), said(new), strict=True) if a != b]


routes = [
    page("knowledge/", index, needs="knowledge.read", name="knowledge"),
    page("knowledge/new/", new, needs="knowledge.write", name="article_new"),
    page("knowledge/<int:pk>/", show, needs="knowledge.read", name="article"),
    page("knowledge/<int:pk>/edit/", edit, needs="knowledge.write", name="article_edit"),
    page("knowledge/<int:pk>/rate/", rate, needs="knowledge.read", name="article_rate"),
    page("knowledge/<int:pk>/versions/<int:number>/", version, needs="knowledge.read", name="article_version"),
]
