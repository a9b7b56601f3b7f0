"""axe-core on a page: WCAG 2.2 A and AA, and what its authors recommend besides.

The policy of our pages forbids foreign script elements, so it is evaluated. Contrast is left to `contrast.py`, which looks at
both themes in a tenth of the time.
"""

from axe_playwright_python.base import AXE_SCRIPT

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WHOLE = {
    "runOnly": {"type": "tag", "values": TAGS}, "rules": {"color-contrast": {"enabled": False}},
    "resultTypes": ["violations"], "preload": False,
}  # fmt: skip
#: What depends on the width of the screen.
NARROW = {
    "runOnly": {"type": "rule", "values": ["target-size", "scrollable-region-focusable"]},
    "resultTypes": ["violations"],
    "preload": False,
}
RUN = """async (options) => {
  const found = (await axe.run(document, options)).violations;
  return found.flatMap((v) => v.nodes.slice(0, 3).map((n) => `${v.id}: ${n.target.join(" ")}: ${(n.any.concat(n.all, n.none)[0] || {}).message || v.help}`));
}"""


def load(page) -> None:
    if not page.evaluate("() => !!window.axe"):
        page.evaluate(AXE_SCRIPT)


def look(page, options=WHOLE) -> list[str]:
    """One line for each element that is wrong; none is good."""
    load(page)
    return page.evaluate(RUN, options)
