"""Articles: in lists, by their words, for a matter; and what hangs on one of them."""

from datetime import date, datetime
from typing import Any

from django.db.models import Case, IntegerField, OuterRef, QuerySet, Subquery, Value, When

from yinuo.identity.models import Staff
from yinuo.kernel.actor import current_actor
from yinuo.kernel.search import RawQuery, matching, rank
from yinuo.kernel.text import grams, query_tokens
from yinuo.knowledge.models import Article, ArticleNews, Edition, Rating, Use
from yinuo.knowledge.rules.life import warn_day

#: So many words of a matter are looked for; a long title has said what it is about by then.
MOST_WORDS = 40
#: Below this an article has only a word or two of its body in common with the matter: no suggestion.
FAINT = 150
#: What an article made for this kind of matter is worth more.
FOR_THIS_KIND = 300


def articles() -> QuerySet[Any]:
    return Article.objects.select_related("owner", "unit").defer("search", "body")


def listed() -> QuerySet[Any]:
    """With `open_state`: what is going on with a new edition, if there is one."""
    working = Edition.unscoped.filter(article=OuterRef("pk"), state__in=Edition.OPEN)
    rows: QuerySet[Any] = articles().annotate(open_state=Subquery(working.values("state")[:1]))
    return rows


def in_life(rows: QuerySet[Any], state: str) -> QuerySet[Any]:
    """Those in a state; "in_use" are those readers see, "review" also the published ones whose next edition waits."""
    if state == "in_use":
        return rows.filter(state__in=Article.SHOWN)
    if state == "review":
        waiting = Edition.unscoped.filter(state=Edition.State.REVIEW).values("article_id")
        return rows.filter(pk__in=waiting).exclude(state=Article.State.RETIRED)
    return rows.filter(state=state)


def due_soon(rows: QuerySet[Any], today: date) -> QuerySet[Any]:
    """Published, and to be looked at within two weeks."""
    return rows.filter(state=Article.State.PUBLISHED, review_by__lte=warn_day(today))


def article(article_id: int) -> Any:
    return Article.objects.select_related("owner", "unit").defer("search").filter(pk=article_id).first()


def matching_articles(rows: QuerySet[Any], query: str) -> QuerySet[Any]:
    """Those holding every fragment of `query`, each with its `rank`."""
    tokens = query_tokens(query)
    return matching(rows, query).annotate(rank=rank(tokens)) if tokens else rows.none()


def best_first(query: str, limit: int) -> list[Any]:
    """What is in force and found, titles before keywords before bodies. One statement."""
    rows = matching_articles(articles().filter(state__in=Article.SHOWN), query)
    return list(rows.order_by("-rank", "-used", "-pk")[:limit]) if query_tokens(query) else []


def suggestions(words: str, kind: str = "", limit: int = 5) -> list[Any]:
    """Published articles that share words with a matter, those made for its kind first. One statement, none without
    words.
    """
    tokens = grams(words[:400])[:MOST_WORDS]
    if not tokens:
        return []
    fits = Case(
        When(matters__contains=[kind], then=Value(FOR_THIS_KIND)), default=Value(0), output_field=IntegerField()
    )
    rows = articles().filter(state=Article.State.PUBLISHED, search=RawQuery(tokens, whole=True, any_of=True))
    found = rows.annotate(alike=rank(tokens)).filter(alike__gte=FAINT).annotate(rank=rank(tokens) + fits)
    return list(found.order_by("-rank", "-used", "-pk")[:limit])


def editions(article_id: int) -> list[Any]:
    """The newest first. One statement."""
    rows = Edition.objects.filter(article_id=article_id).select_related("written_by", "decided_by", "unit")
    return list(rows.order_by("-number")[:100])


def open_edition(article_id: int) -> Any:
    """What is being written or waits to be let pass, for who may see that."""
    rows = Edition.objects.filter(article_id=article_id, state__in=Edition.OPEN)
    return rows.select_related("written_by", "unit").first()


def rating_of(article_id: int) -> bool | None:
    """What the actor said of it. One statement."""
    mine = Rating.objects.filter(article_id=article_id, staff_id=current_actor().staff_key)
    return mine.values_list("useful", flat=True).first()


def uses(article_id: int, limit: int = 10) -> list[Any]:
    """Where it was put into an answer lately, as far as the actor sees the matters. One statement."""
    rows = Use.objects.filter(article_id=article_id, matter__isnull=False).select_related("matter", "staff")
    return list(rows.defer("matter__search").order_by("-at", "-pk")[:limit])


def news_for(staff_id: int, since: datetime) -> QuerySet[ArticleNews]:
    """What this person is told about articles, the newest first."""
    return ArticleNews.objects.filter(told_id=staff_id, at__gte=since).order_by("-at", "-pk")


def publishers() -> QuerySet[Staff]:
    """Active staff who may let articles pass."""
    rows = Staff.objects.filter(is_active=True, roles__grants__contains=["knowledge.publish"])
    return rows.order_by("name", "pk").distinct()
