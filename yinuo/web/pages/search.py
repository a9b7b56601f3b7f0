"""The global search: a customer, a matter or an article by any fragment."""

from django.http import HttpRequest, HttpResponse

from yinuo.customers import queries as customers
from yinuo.kernel.actor import current_actor
from yinuo.kernel.text import clean_line, query_tokens
from yinuo.knowledge import queries as knowledge
from yinuo.matters import queries as matters
from yinuo.web.render import render
from yinuo.web.routes import SIGNED_IN, page

IN_BOX, ON_PAGE = 6, 30


def search(request: HttpRequest) -> HttpResponse:
    """Results under the search box as one types, or as a page. Three statements."""
    text = clean_line(request.GET.get("q", "")[:1000], 1000)[:100]
    actor = current_actor()
    limit = IN_BOX if request.headers.get("HX-Request") else ON_PAGE
    asked = bool(query_tokens(text))
    context = {
        "search_text": text,
        "asked": asked,
        "customers": customers.find(text, limit) if asked and actor.may("customer.read") else [],
        "matters": matters.find(text, limit) if asked and actor.may("matter.read") else [],
        "articles": knowledge.best_first(text, limit) if asked and actor.may("knowledge.read") else [],
    }
    return render(request, "search/results.jinja", context, part="results")


routes = [page("search/", search, needs=SIGNED_IN, name="search")]
