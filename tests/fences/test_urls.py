"""Fence 3: every URL says what it needs, and nobody gets in without."""

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from yinuo.identity.grants import GRANT_CODES

PUBLIC, SIGNED_IN = "PUBLIC", "SIGNED_IN"
# Pages for people who are not signed in; anything else that is public fails here first.
PUBLIC_URLS = (
    "login/",
    "p/",
    "api/",
    "healthz",
    "readyz",
    "metrics",  # for a machine that shows a token; without one set there is nothing
    "language/",
    "manifest",
    "offline/",
    "hooks/sms/report/",
    "screen/",  # a wall screen has no person to sign in: a signed link that ends, figures without names, nothing else
)


def walk(patterns, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        here = prefix + str(pattern.pattern).lstrip("^")
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns, here)
        else:
            yield here, pattern


ALL = list(walk(get_resolver().url_patterns))


def declared(pattern: URLPattern):
    return getattr(pattern.callback, "needs", None)


@pytest.mark.parametrize(("route", "pattern"), ALL, ids=[r for r, _p in ALL])
def test_every_url_declares_what_it_needs(route, pattern) -> None:
    needs = declared(pattern)
    if needs is None and route.startswith("api/"):
        return  # the API declares per operation: see test_every_operation_declares_its_grant
    assert needs is not None, f"{route} declares nothing"
    for one in (needs,) if isinstance(needs, str) else needs:
        assert one in GRANT_CODES | {PUBLIC, SIGNED_IN}
    if needs == PUBLIC:
        assert route.startswith(PUBLIC_URLS), f"{route} is public"


@pytest.mark.django_db
@pytest.mark.parametrize("route", [r for r, p in ALL if declared(p) not in (None, PUBLIC)])
def test_a_stranger_is_sent_to_the_login_page(route, client) -> None:
    import re

    path = "/" + re.sub(r"<(?:int:)?[^>]+>", "1", route)
    response = client.get(path)
    assert response.status_code in (302, 405), path
    if response.status_code == 302:
        assert response["Location"].startswith("/login/")
