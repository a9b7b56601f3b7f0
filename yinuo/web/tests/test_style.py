"""The style page lives: whatever component there is, it is shown there; and every colour can be read."""

import re

import pytest
from django.template import engines
from django.test import Client
from jinja2 import nodes

from yinuo.web.jinja import Components
from yinuo.web.pages import style
from yinuo.web.reads import tokens


def calls(tree: nodes.Node, known: set[str]) -> set[str]:
    return {n.node.name for n in tree.find_all(nodes.Call) if isinstance(n.node, nodes.Name)} & known


def components() -> dict[str, set[str]]:
    """Every macro, and the macros it calls."""
    env = engines["jinja2"].env
    trees = [env.parse(env.loader.get_source(env, f"components/{file}.jinja")[0]) for file in Components.FILES]
    macros = {m.name: m for tree in trees for m in tree.find_all(nodes.Macro)}
    return {name: calls(macro, set(macros)) for name, macro in macros.items()}


class Watched:
    """`ui`, noting what a page asks it for."""

    def __init__(self, real):
        self.real, self.seen = real, set()

    def __getattr__(self, name):
        self.seen.add(name)
        return getattr(self.real, name)


def test_every_component_is_shown_on_the_style_page(agent, monkeypatch) -> None:
    env = engines["jinja2"].env
    watched = Watched(env.globals["ui"])
    for name in ("style/style.jinja", *(f"style/parts/{part}.jinja" for part, _title in style.sections())):
        monkeypatch.setitem(env.get_template(name).globals, "ui", watched)
    page = agent.get("/style/")
    assert page.status_code == 200
    inside, shown = components(), set(watched.seen)
    while more := {deeper for name in shown for deeper in inside.get(name, ())} - shown:
        shown |= more
    missing = sorted(set(inside) - shown)
    assert not missing, (
        f"not on the style page: {', '.join('ui.' + name for name in missing)}. Show each with sample data in every state: "
        "{% call show('ui.name', _('名称')) %}…{% endcall %} in a file of yinuo/web/templates/style/parts "
        "(a new file is a new section), its data in `samples` of yinuo/web/pages/style.py. Look at /style/ afterwards."
    )


@pytest.mark.parametrize("view", ["both", "phone", "nonsense"])
def test_the_frames_are_ours_and_nobody_elses(agent, view) -> None:
    page = agent.get(f"/style/?view={view}&theme=dark")
    assert page.status_code == 200 and 'data-bs-theme="dark"' in page.content.decode()
    assert (
        "frame-src 'self'" in page["Content-Security-Policy"]
        and "frame-ancestors 'none'" in page["Content-Security-Policy"]
    )
    framed = agent.get("/style/plain/dark/")
    assert framed["X-Frame-Options"] == "SAMEORIGIN" and "frame-ancestors 'self'" in framed["Content-Security-Policy"]
    assert agent.get("/style/plain/pink/").status_code == 404


def test_samples_keep_nothing(agent) -> None:
    assert agent.post("/style/pretend/", {"name": "x"}).status_code == 303
    assert agent.get("/style/piece/danger/", headers={"HX-Request": "true"}).status_code == 204
    assert "<html" not in agent.get("/style/piece/drawer/", headers={"HX-Request": "true"}).content.decode()


def test_every_pair_of_colours_can_be_told_apart() -> None:
    bad = [
        f"{p.front} on {p.back}: {p.light:.2f} light, {p.dark:.2f} dark, wanted {p.needed}"
        for p in tokens.pairs()
        if not p.good
    ]
    assert bad == []
    assert tokens.ratio("#000", "#ffffff") == pytest.approx(21) and tokens.ratio("#777", "#fff") == pytest.approx(
        4.48, abs=0.01
    )


def test_a_page_says_which_language_it_is_in_and_the_choice_is_kept(agent, company) -> None:
    stranger = Client(headers={"accept-language": "en-GB,en;q=0.9"})
    for address in ("/login/", "/p/", "/nowhere/", "/p/nowhere/"):
        assert '<html lang="en"' in stranger.get(address).content.decode(), address
    back = stranger.post(
        "/language/", {"language": "zh-hans"}, headers={"referer": "http://testserver/p/new/complaint/?a=1"}
    )
    assert back["Location"] == "/p/new/complaint/?a=1"
    assert '<html lang="zh-CN"' in stranger.get("/p/").content.decode()
    assert stranger.post("/language/", {"language": "xx"}).status_code == 422
    assert (
        stranger.post("/language/", {"language": "en"}, headers={"referer": "https://evil.example/x"})["Location"]
        == "/"
    )

    assert '<html lang="zh-CN"' in agent.get("/").content.decode()
    agent.post("/preferences/", {"language": "en"})
    page = agent.get("/").content.decode()
    assert '<html lang="en"' in page and "Desk" in page and 'lang="zh-CN">中文' in page
    agent.post("/logout/")
    assert '<html lang="en"' in agent.get("/login/").content.decode(), "the browser remembers it"


def test_marks_between_words_follow_the_language(agent) -> None:
    env = engines["jinja2"].env
    made = env.from_string("{{ 1 }}：{{ 2 }}（{{ 3 }}）、{{ [4, 5]|join('、') }}").render
    from django.utils import translation

    with translation.override("zh-hans"):
        assert made() == "1：2（3）、4、5"
    with translation.override("en"):
        assert re.sub(r"\s+", " ", made()) == "1: 2 (3), 4, 5"
