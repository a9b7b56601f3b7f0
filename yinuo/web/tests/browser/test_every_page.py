"""Every page there is, at both widths, with names nobody thought of: it stands, it fits, it can be read (in light and in dark) and operated.

The pages come from the table of routes. A new page with arguments needs a line in `every_page.arguments`.
"""

from contextlib import ExitStack

import pytest
from django.test import Client

from yinuo.web.tests.browser import every_page
from yinuo.web.tests.browser.conftest import DESKTOP, PHONE
from yinuo.web.tests.browser.contrast import CONTRAST

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
#: Addresses of single things that this company does not have; what they answer is tested with their nouns.
WITHOUT = {
    "attachment", "portal_file", "agreement_signature", "promise_tell", "person_absence_cancel", "complaint_aid",
    "health", "live_ticket", "drafts", "uploads", "portal_open", "attachment_small", "attachment_pages", "attachment_page",
    "registration_pdf", "callbacks_pdf", "agreement_pdf", "customer_pdf", "report_pdf",
}  # fmt: skip
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
def pages(firm, settings):
    """(name, address, who) of everything that shows a page of its own."""
    settings.ALLOWED_HOSTS = ["*"]
    world = every_page.build(firm)
    given = every_page.arguments(world)
    clients = {"chief": Client(), "": Client()}
    clients["chief"].force_login(world.staff)
    found, trouble = [], []
    for name, wanted, needs in every_page.routes():
        if name in WITHOUT:
            continue
        address = every_page.address_of(name, wanted, given)
        if address is None:
            trouble.append(f"{name}: say in every_page.arguments what stands for {wanted}")
            continue
        who = "" if needs == "PUBLIC" else "chief"
        answer = clients[who].get(address)
        html = "text/html" in answer.get("Content-Type", "")
        if answer.status_code not in (200, 302, 303, 405):
            trouble.append(f"{name} {address}: {answer.status_code}")
        elif (
            answer.status_code == 200 and html and not answer.streaming and b"<!doctype" in answer.content[:200].lower()
        ):
            found.append((name, address, who))
    assert trouble == []
    assert len(found) > 100
    return found


def inspect(page, base, address) -> list[str]:
    noise: list[str] = []
    hear = lambda said: noise.append(said.text) if said.type == "error" else None  # noqa: E731
    page.on("console", hear)
    answer = page.goto(base + address, wait_until="load")
    wrong = [] if answer.status == 200 else [f"answered {answer.status}"]
    page.keyboard.press("Tab")
    wrong += page.evaluate(LOOK) + page.evaluate(CONTRAST)
    for size in (DESKTOP, PHONE):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        wide = page.evaluate(WIDTH)
        wrong += [f"{size[0]}: {wide}"] if wide else []
    page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
    page.remove_listener("console", hear)
    return wrong + noise


def test_every_page_at_both_widths(pages, visit, firm, live_server) -> None:
    found = {}
    with ExitStack() as stack:
        open_pages = {who: stack.enter_context(visit(who)) for who in ("chief", "")}
        for name, address, who in pages:
            wrong = inspect(open_pages[who], live_server.url, address)
            if wrong:
                found[f"{name} {address}"] = wrong
        for who in ("wang", "cang"):
            page = stack.enter_context(visit(who))
            page.goto(live_server.url)
            for address in page.eval_on_selector_all(
                ".y-rail ul a", "links => links.map((a) => a.getAttribute('href'))"
            ):
                wrong = inspect(page, live_server.url, address)
                if wrong:
                    found[f"{who} {address}"] = wrong
    assert not found, "\n".join(f"{where}: {'; '.join(wrong)}" for where, wrong in found.items())
