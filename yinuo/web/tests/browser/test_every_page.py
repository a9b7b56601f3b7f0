"""Every page there is, at both widths, with names nobody thought of: it stands, it fits, it can be read (in light and in dark) and operated,
axe finds nothing, nothing moves while it loads, the browser complains of nothing, and it asks the database little.

The pages come from the table of routes. A new page with arguments needs a line in `every_page.arguments`.
"""

from collections import Counter
from contextlib import ExitStack
from types import SimpleNamespace

import pytest
from django.db import connection
from django.template import engines
from django.test import Client
from django.test.utils import CaptureQueriesContext

from yinuo.web.tests.browser import axe, budget, every_page, states
from yinuo.web.tests.browser.conftest import DESKTOP, PHONE
from yinuo.web.tests.browser.contrast import CONTRAST

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
#: Addresses of single things that this company does not have; what they answer is tested with their nouns.
WITHOUT = {
    "attachment", "portal_file", "agreement_signature", "promise_tell", "person_absence_cancel", "complaint_aid",
    "health", "metrics", "live_ticket", "drafts", "uploads", "portal_open", "login_sign_on", "login_sign_on_back", "attachment_small", "attachment_pages", "attachment_page",
    "registration_pdf", "callbacks_pdf", "agreement_pdf", "customer_pdf", "report_pdf",
}  # fmt: skip
#: SQL statements of one page: more is slow for everybody.
STATEMENTS = 12
#: Pages made from one template are alike to axe and in their colours: these look at so many of them.
ALIKE = 1
ONLINE = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
SHIFTS = """() => { window.__moved = []; new PerformanceObserver((list) => { for (const e of list.getEntries()) if (!e.hadRecentInput) window.__moved.push(e); })
  .observe({ type: "layout-shift", buffered: true }); }"""
MOVED = """() => { const sum = (window.__moved || []).reduce((n, e) => n + e.value, 0);
  return sum > .02 ? "moves while loading: " + sum.toFixed(3) + " " + [...new Set(window.__moved.flatMap((e) => [...e.sources].map((s) => s.node?.className || s.node?.nodeName)))].slice(0, 4).join(", ") : ""; }"""
LOOK = """() => {
  const shown = (e) => e.checkVisibility({ checkOpacity: false, checkVisibilityCSS: true });
  const name = (e) => e.tagName.toLowerCase() + (e.id ? "#" + e.id : "") + (e.className.baseVal === undefined && e.className ? "." + [...e.classList].join(".") : "");
  const named = (e) => e.getAttribute("aria-label") || (e.labels && [...e.labels].some((l) => l.textContent.trim())) ||
    (e.getAttribute("aria-labelledby") || "").split(" ").some((id) => document.getElementById(id)) || e.title;
  const wrong = [];
  const h1 = [...document.querySelectorAll("h1")].filter(shown).length;
  if (h1 !== 1) wrong.push(h1 + " h1");
  for (const e of document.querySelectorAll("input:not([type=hidden]), select, textarea")) if (shown(e) && !named(e)) wrong.push("no label: " + name(e) + "[" + e.name + "]");
  for (const e of document.querySelectorAll("a[href], button")) if (shown(e) && !(e.textContent.trim() || named(e) || e.querySelector("img[alt]:not([alt='']), svg[aria-label]"))) wrong.push("no name: " + name(e));
  for (const f of document.querySelectorAll(".y-app form[method=post]:not([action*=export])")) if (!f.matches("[data-guard], [data-confirm]")) wrong.push("may be sent twice: " + f.getAttribute("action"));
  for (const e of [...document.querySelectorAll(".btn")].filter(shown)) {
    if (!e.matches(".btn-icon") && e.scrollWidth > e.clientWidth + 1) wrong.push("runs over: " + name(e));
    for (let box = e; (box = box.parentElement); ) {
      const over = getComputedStyle(box).overflowX;
      if (["auto", "scroll"].includes(over)) break;
      if (over === "visible") continue;
      const [inner, outer] = [e.getBoundingClientRect(), box.getBoundingClientRect()];
      if (inner.width && (inner.left < outer.left - 1 || inner.right > outer.right + 1)) wrong.push("cut off: " + name(e));
    }
  }
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  for (const id of new Set(ids.filter((id, n) => ids.indexOf(id) !== n))) wrong.push("id twice: " + id);
  for (const e of [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")].filter(shown).slice(0, 40)) {
    e.focus({ preventScroll: true });
    if (document.activeElement !== e) continue;
    const marked = [e, e.nextElementSibling, e.closest("label")].some((x) => { const s = x && getComputedStyle(x); return s && ((s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== "none"); });
    if (!marked) wrong.push("focus not seen: " + name(e));
  }
  document.activeElement?.blur();
  scrollTo(0, 1e6);
  for (const e of document.querySelectorAll(".y-rail, .y-top")) if (Math.abs(e.getBoundingClientRect().top) > 1) wrong.push("scrolls away: " + name(e));
  scrollTo(0, 0);
  return [...new Set(wrong)];
}"""
WIDTH = """() => {
  const far = document.documentElement.scrollWidth - innerWidth;
  if (far <= 0) return "";
  const past = [...document.querySelectorAll("body *")].filter((e) => e.checkVisibility() && e.getBoundingClientRect().right > innerWidth + 1);
  const deepest = past.filter((e) => !past.some((o) => o !== e && e.contains(o))).slice(0, 3);
  return far + " px too wide: " + deepest.map((e) => e.tagName + "." + [...e.classList].join(".") + " in " + e.parentElement.outerHTML.slice(0, 90)).join("; ");
}"""


@pytest.fixture
def pages(firm, settings, monkeypatch):
    """What shows a page of its own: its name, address, who sees it, the template it is made from."""
    settings.ALLOWED_HOSTS = ["*"]
    world = every_page.build(firm)
    given = every_page.arguments(world)
    clients = {"chief": Client(), "": Client()}
    clients["chief"].force_login(world.staff)
    env, made_from = engines["jinja2"].env, []
    load = env.get_template
    monkeypatch.setattr(env, "get_template", lambda name, *rest: made_from.append(name) or load(name, *rest))
    found, trouble = [], []
    for name, wanted, needs in every_page.routes():
        if name in WITHOUT:
            continue
        address = every_page.address_of(name, wanted, given)
        if address is None:
            trouble.append(f"{name}: say in every_page.arguments what stands for {wanted}")
            continue
        who = "" if needs == "PUBLIC" else "chief"
        made_from.clear()
        with CaptureQueriesContext(connection) as asked:
            answer = clients[who].get(address)
        html = "text/html" in answer.get("Content-Type", "")
        if answer.status_code not in (200, 302, 303, 405):
            trouble.append(f"{name} {address}: {answer.status_code}")
        elif (
            answer.status_code == 200 and html and not answer.streaming and b"<!doctype" in answer.content[:200].lower()
        ):
            template = made_from[0] if made_from else name
            statements = sum(
                not str(q["sql"]).startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))
                for q in asked.captured_queries
            )
            found.append(SimpleNamespace(name=name, address=address, who=who, template=template, statements=statements))
    monkeypatch.undo()
    assert trouble == []
    assert len(found) > 100
    return found


class Inspector:
    """Looks at one page after another, turning the screen as seldom as possible."""

    def __init__(self, page, base):
        self.page, self.base, self.size, self.noise = page, base, DESKTOP, []
        page.add_init_script(f"({SHIFTS})()")
        page.on("console", lambda said: self.noise.append(said.text) if said.type in ("error", "warning") else None)

    def turn(self, size) -> None:
        if size is not self.size:
            self.page.set_viewport_size({"width": size[0], "height": size[1]})
            self.size = size

    def at_width(self, closely: bool) -> list[str]:
        page, wide = self.page, self.page.evaluate(WIDTH)
        wrong = [f"{self.size[0]}: {wide}"] if wide else []
        if self.size is DESKTOP:
            page.keyboard.press("Tab")
            wrong += page.evaluate(LOOK)
            wrong += [*page.evaluate(CONTRAST), *axe.look(page)] if closely else []
        return wrong

    def inspect(self, address: str, closely: bool = True) -> list[str]:
        self.noise.clear()
        answer = self.page.goto(self.base + address, wait_until="load")
        wrong = [] if answer.status == 200 else [f"answered {answer.status}"]
        moved = self.page.evaluate(MOVED)
        wrong += [moved] if moved else []
        for size in (self.size, PHONE if self.size is DESKTOP else DESKTOP):
            self.turn(size)
            wrong += self.at_width(closely)
        return wrong + self.noise

    def slowly(self, address: str) -> str:
        """What moves while a page comes in bit by bit, as from far away."""
        wire = self.page.context.new_cdp_session(self.page)
        wire.send("Network.enable")
        wire.send("Network.emulateNetworkConditions", {**ONLINE, "downloadThroughput": 25_000})
        self.page.goto(self.base + address, wait_until="load")
        wire.send("Network.emulateNetworkConditions", ONLINE)
        wire.detach()
        return self.page.evaluate(MOVED)


def test_every_page_at_both_widths(pages, visit, firm, live_server) -> None:
    found, alike = {}, Counter()
    with ExitStack() as stack:
        looking = {who: Inspector(stack.enter_context(visit(who)), live_server.url) for who in ("chief", "")}
        for one in pages:
            alike[one.template] += 1
            wrong = looking[one.who].inspect(one.address, closely=alike[one.template] <= ALIKE)
            if one.statements > STATEMENTS:
                wrong.append(f"{one.statements} SQL statements")
            if wrong:
                found[f"{one.name} {one.address}"] = wrong
        for who in ("cang",):  # who may do little sees pages in a way nobody else does
            page = stack.enter_context(visit(who))
            page.goto(live_server.url)
            rail = page.eval_on_selector_all(".y-rail ul a", "links => links.map((a) => a.getAttribute('href'))")
            seen = Inspector(page, live_server.url)
            for address in rail:
                wrong = seen.inspect(address, closely=False)
                if wrong:
                    found[f"{who} {address}"] = wrong
        looking["chief"].turn(DESKTOP)
        for who, name in (("", "login"), ("chief", "day"), ("chief", "complaint"), ("", "portal_home")):
            address = next(one.address for one in pages if one.name == name)
            if wrong := budget.first_load(looking[who].page, live_server.url, address):
                found[f"{address} first load"] = wrong
        looking["chief"].turn(PHONE)
        if wrong := looking["chief"].slowly(next(one.address for one in pages if one.name == "complaint")):
            found["a complaint that comes in slowly"] = [wrong]
        looking["chief"].turn(DESKTOP)
        found.update(states.look_at(looking["chief"].page, live_server.url))
        found.update(states.large_and_spaced(looking["chief"].page, live_server.url))
    assert not found, "\n".join(f"{where}: {'; '.join(wrong)}" for where, wrong in found.items())
