"""/api/v1 and its documentation. Every operation declares its grant; see `operations.OPERATIONS`."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path, re_path
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from yinuo.api import problems
from yinuo.api.describing import DescribedAPI
from yinuo.api.docs import docs
from yinuo.api.keys import KeyAuth
from yinuo.api.nouns import (
    accepted,
    approvals,
    complaint_verbs,
    complaints,
    conversations,
    customer_merges,
    holds,
    knowledge,
    matters,
    notices,
    promises,
    surveys,
    tasks,
    webhooks,
    wording,
)
from yinuo.api.reading import CleanParser

DESCRIPTION = (
    "Authorization: Bearer KEY. Lists page by cursor. Send Idempotency-Key with every write you may repeat. "
    "Errors are application/problem+json."
)
api = DescribedAPI(
    title="Yinuo", version="1", description=DESCRIPTION, auth=KeyAuth(), parser=CleanParser(), docs_url=None,
    openapi_url="/openapi.json", urls_namespace="api-1",
)  # fmt: skip
problems.install(api)
for noun in (
    customer_merges.router, accepted.router, complaints.router, matters.router, tasks.router, promises.router,
    approvals.router, conversations.router, conversations.interactions, conversations.attachments, webhooks.router,
    knowledge.articles, knowledge.templates,
    surveys.router,
    wording.router,
    holds.router,
    notices.router,
):  # fmt: skip
    api.add_router(noun.prefix, noun)
for prefix, verbs in complaint_verbs.routers().items():
    api.add_router(prefix, verbs)


@csrf_exempt
def nowhere(request: HttpRequest, **_given: Any) -> HttpResponse:
    return problems.problem(request, 404, _("没有这个地址"), "missing")


def _refusing_in_kind(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A wrong method is a problem like any other."""

    @wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if response.status_code != 405:
            return response
        allowed = response.headers.get("Allow", "")
        return problems.problem(
            request, 405, _("这个地址只支持 %(methods)s") % {"methods": allowed}, "method_not_allowed", Allow=allowed
        )

    return run


def _wrapped(patterns: list[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            pattern.callback = _refusing_in_kind(pattern.callback)
    return patterns


_v1, _app, _namespace = api.urls
urlpatterns = [
    path("docs", docs, name="api_docs"),
    path("v1/docs", docs),
    path("v1/", (_wrapped(_v1), _app, _namespace)),
    re_path(r"^[\s\S]*$", nowhere),  # also an address with a line end in it
]
