"""Photos and PDF files of a case, looked at without leaving its page."""

import pytest

from yinuo.complaints.tests.conftest import Walk
from yinuo.conversations.commands import upload_attachment
from yinuo.kernel.actor import acting_as
from yinuo.matters.commands import add_note
from yinuo.web.tests.test_previews import paged, photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: How wide a picture is, once it is there.
WIDTH = "async (picture) => { await picture.decode(); return picture.naturalWidth; }"


def test_looking_at_files_by_keys(visit, live_server, firm) -> None:
    case = Walk(firm)
    with acting_as(firm.wang):
        for name, data in (
            ("照片.jpg", photo(6)),
            ("送货单.pdf", paged((595, 842), (595, 842))),
            ("坏的.pdf", b"%PDF-1.7 x"),
        ):
            upload_attachment(file=data, name=name, upload_key="key-12345678")
        add_note(matter_id=case.id, text="客户发来照片", upload_key="key-12345678")
    with visit("wang") as page:
        page.goto(f"{live_server.url}/complaints/{case.id}/")
        stage = "#preview [data-preview-stage]"
        page.focus(".y-thumb")
        page.keyboard.press("Enter")
        assert page.locator(f"{stage} img").evaluate(WIDTH) == 300
        assert page.get_attribute(f"{stage} img", "alt") == "照片.jpg"
        assert page.inner_text("[data-preview-count]") == "1 / 3"
        fits = page.locator(f"{stage} img").bounding_box()["width"]
        page.keyboard.press("+")
        assert page.locator(f"{stage} img").bounding_box()["width"] > fits
        page.keyboard.press("0")
        page.keyboard.press("ArrowRight")
        page.wait_for_selector(f"{stage} img >> nth=1")
        assert page.locator(f"{stage} img").first.evaluate(WIDTH) > 1000
        assert page.get_attribute(f"{stage} img >> nth=1", "alt") == "送货单.pdf，第 2 页"
        page.keyboard.press("ArrowRight")
        page.wait_for_selector(f"{stage}:has-text('已损坏')")
        page.keyboard.press("ArrowRight")
        page.wait_for_selector("#preview[data-kind=image]")
        page.keyboard.press("Escape")
        page.wait_for_selector("#preview", state="hidden")
        assert page.evaluate("document.activeElement.dataset.preview") == "照片.jpg", "back where one was"
        page.click(".y-whose span:has-text('客户说的')")
        assert page.locator(".y-entry:visible").count() == page.locator(".y-entry[data-said=customer]").count() == 1
