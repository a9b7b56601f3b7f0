"""The boards and the wall in a browser: nothing the policy refuses, charts and tables say the same, a click opens rows."""

from datetime import timedelta

from yinuo.complaints.tests.conftest import NOW
from yinuo.insight.commands.displays import create_display, revoke_display
from yinuo.insight.queries.keeping import display_token
from yinuo.insight.tests import world
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as


def test_boards_and_wall(visit, firm, live_server, monkeypatch) -> None:
    monkeypatch.setattr(world, "NOW", clock.now() - timedelta(minutes=1))
    assert world.NOW != NOW
    world.fill(firm)
    with acting_as(firm.qian):
        shown = create_display(name="大厅", days=7)
    said: list[str] = []
    with visit("qian") as page:
        page.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
        for board, charts in (("team", 5), ("leader", 5)):
            page.goto(f"{live_server.url}/boards/{board}/?period=d30")
            page.wait_for_function(f"document.querySelectorAll('.y-chart-canvas canvas').length === {charts}")
            assert page.locator(".y-chart-table:visible").count() == 0
            page.locator(".y-chart").first.locator('[data-show="table"]').click()
            assert page.locator(".y-chart-table:visible").count() == 1
        page.locator(".y-chart").nth(2).locator("canvas").hover()  # a tooltip is drawn, no markup with styles
        page.locator(".y-why").first.focus()
        assert "期内登记" in page.locator("#tip").inner_text()
        ranking = page.locator(".y-chart").nth(3).locator("canvas")
        ranking.click(position={"x": 260, "y": 60})
        page.wait_for_url("**/boards/rows/**")
    with visit(None) as page:
        page.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
        page.add_init_script(
            "const later = setTimeout; window.setTimeout = (f, ms) => later(f, ms === 15000 ? 300 : ms);"
        )
        page.goto(f"{live_server.url}/screen/{display_token(shown)}/")
        assert page.locator(".y-big").count() == 8
        with acting_as(firm.qian):
            revoke_display(display_id=shown.pk)
        page.wait_for_selector(".y-wall-grid .y-wall-ended")
        assert page.locator(".y-big").count() == 0
    assert [text for text in said if "410" not in text and "403" not in text and "live" not in text.lower()] == []
