"""Nothing inline, nothing from another host: the policy the browser enforces, and the sources that must obey it."""

import re
from pathlib import Path

import pytest
from django.test import Client

from yinuo.web.tests.conftest import make_case

WEB = Path(__file__).resolve().parents[1]
TEMPLATES = sorted(WEB.rglob("*.jinja"))
SOURCES = [
    *TEMPLATES,
    *(p for p in (WEB / "static").rglob("*") if p.suffix in (".js", ".css") and "vendor" not in p.parts),
]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(WEB)))
def test_templates_hold_nothing_inline(path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"\sstyle\s*=|\son(?!ce=)[a-z]+\s*=\s*[\"']|<style|javascript:|hx-on|hx-vals=.js:", text, re.I)
    for script in re.findall(r"<script[^>]*>", text):
        assert " src=" in script
    assert "|safe" not in text


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(WEB)))
def test_no_address_of_another_host(path) -> None:
    found = re.findall(r"https?://[^\s\"')]+", path.read_text("utf-8"))
    assert [url for url in found if not url.startswith("http://www.w3.org/")] == []


def test_every_icon_is_in_the_sprite() -> None:
    known = set(re.findall(r'<symbol id="([a-z0-9-]+)"', (WEB / "static/vendor/icons/sprite.svg").read_text("utf-8")))
    used = {name for path in TEMPLATES for name in re.findall(r'icon\("([a-z0-9-]+)"', path.read_text("utf-8"))}
    used |= {name for path in TEMPLATES for name in re.findall(r'ico="([a-z0-9-]+)"', path.read_text("utf-8"))}
    assert used - known == set()


def test_headers_of_every_answer(agent, company) -> None:
    response = agent.get("/")
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src 'self'" in policy and "unsafe" not in policy
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert "no-store" in response["Cache-Control"]
    assert len(response["X-Request-ID"]) >= 8


def test_a_given_request_id_is_kept_and_a_bad_one_is_not(agent) -> None:
    assert agent.get("/", headers={"X-Request-ID": "proxy-12345678"})["X-Request-ID"] == "proxy-12345678"
    assert agent.get("/", headers={"X-Request-ID": "a b<c>"})["X-Request-ID"] != "a b<c>"


def test_the_rail_shows_only_what_the_role_may_use(sign_in) -> None:
    agent, stock, admin = (sign_in(name).get("/").content.decode() for name in ("agent", "stock", "admin"))
    assert 'href="/inbox/"' in agent and 'href="/audit/"' not in agent and 'href="/settings/"' not in agent
    assert 'href="/inbox/"' not in stock and 'href="/tasks/"' in stock
    assert 'href="/settings/"' in admin and 'href="/audit/"' in admin


HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}"


def test_what_people_type_is_text_everywhere(agent, company) -> None:
    case = make_case(company, 1)
    agent.post(
        f"/customers/{case.customer.pk}/note/", {"with_whom": "us", "happened_on": "2026-01-05", "text": HOSTILE}
    )
    agent.post(f"/matters/{case.matter.pk}/note/", {"text": HOSTILE})
    for path in (f"/customers/{case.customer.pk}/?tab=2", f"/matters/{case.matter.pk}/", f"/search/?q={HOSTILE}"):
        page = agent.get(path).content.decode()
        assert "<script>alert" not in page and "<img src=x" not in page
        assert "{{7*7}}" in page


def test_the_dark_colours_are_the_same_whoever_asks_for_them() -> None:
    """By one's own choice, or by the device where nobody has chosen; and none of the light ones is left over."""
    text = (WEB / "static/css/tokens.css").read_text("utf-8")
    light, dark, device = (
        dict(re.findall(r"(--y-[\w-]+|color-scheme): ([^;]+);", re.search(head + r" \{([^}]*)\}", text)[1]))
        for head in (r'\[data-bs-theme="light"\]', r'\n\[data-bs-theme="dark"\]', r":root:not\(\[data-bs-theme\]\)")
    )
    assert dark == device and set(light) == set(dark)


def test_who_has_not_chosen_gets_the_theme_of_the_device(agent, company) -> None:
    stranger, mine = Client().get("/login/").content.decode(), agent.get("/").content.decode()
    assert "data-bs-theme" not in stranger and '<meta name="color-scheme" content="light dark">' in stranger
    assert 'data-bs-theme="light"' in mine and '<meta name="color-scheme" content="light">' in mine
