"""What a page looks like after something was done on it: open menus, drawers, dialogs, refused forms, toasts.

The style page has one of each, so they need no company around them.
"""

from yinuo.web.tests.browser import axe
from yinuo.web.tests.browser.conftest import DESKTOP, PHONE
from yinuo.web.tests.browser.contrast import CONTRAST

#: Name of a state, what is clicked for it, what is there then, what ends it.
STATES = (
    ("drawer", "a:has-text('打开抽屉')", "#drawer[open] .y-form", "Escape"),
    ("dialog", "a:has-text('打开对话框')", "#dialog[open] .y-form", "Escape"),
    ("question", "button:has-text('先问一句')", "body > dialog[open] footer", "Escape"),
    ("palette", "#main [data-palette]", ".y-palette[open] [role=option]", "Escape"),
    ("menu", "[popovertarget=sample-menu]", "#sample-menu:popover-open", "Escape"),
    ("who", ".y-who", "#who-menu:popover-open", "Escape"),
    ("new", "[popovertarget=new-menu]", "#new-menu:popover-open", "Escape"),
    ("toast", "#main button[hx-get*='danger']", "#toasts .y-toast", ""),
    ("filter", "#main .y-pick summary", ".y-pick[open]", ""),
)
FIT = "() => document.documentElement.scrollWidth > innerWidth ? `${document.documentElement.scrollWidth - innerWidth} px too wide at ${innerWidth}` : ''"
#: WCAG 2.2, 1.4.12: whoever spaces text out loses nothing.
SPACED = """() => { const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-bottom: 2em !important }");
  document.adoptedStyleSheets = [sheet]; }"""
LARGE = ("/", "/inbox/", "/customers/", "/complaints/register/", "/style/", "/p/new/complaint/")


def look_at(page, base) -> dict[str, list[str]]:
    """Every state, with axe and in both themes."""
    found = {}
    page.goto(base + "/style/")
    for name, click, there, leave in STATES:
        page.locator(click).first.click()
        page.wait_for_selector(there)
        if wrong := [*axe.look(page), *page.evaluate(CONTRAST)]:
            found[f"/style/ {name}"] = wrong
        if leave:
            page.keyboard.press(leave)
    return found


def large_and_spaced(page, base) -> dict[str, list[str]]:
    """At 200 % (a desktop has 683 × 384 points then) and with text spaced out, nothing runs out of the page."""
    found = {}
    for width, height in ((DESKTOP[0] // 2, DESKTOP[1] // 2), PHONE):
        page.set_viewport_size({"width": width, "height": height})
        for address in LARGE:
            page.goto(base + address)
            wrong = [page.evaluate(FIT)]
            if width == PHONE[0]:
                wrong += axe.look(page, axe.NARROW)
            page.evaluate(SPACED)
            wrong = [w for w in (*wrong, page.evaluate(FIT)) if w]
            if wrong:
                found[f"{address} large, spaced"] = wrong
    return found
