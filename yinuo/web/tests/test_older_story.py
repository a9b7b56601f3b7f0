"""A long story: the newest hundred first, the rest page by page, and nothing missing while the page stays open."""

import re

import pytest

from yinuo.complaints.tests.conftest import Walk
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.command import permit_writes
from yinuo.kernel.work import working
from yinuo.matters.commands import add_entries
from yinuo.matters.models import Matter, TimelineEntry
from yinuo.web.tests.conftest import SYSTEM, make_case

pytestmark = pytest.mark.django_db


def told(matter_id: int, count: int, word: str) -> None:
    """Many lines of the same moment: their order is that of their numbers."""
    matter = Matter.unscoped.get(pk=matter_id)
    with acting_as(SYSTEM), permit_writes("test"), working() as work, work.frame("test"):
        add_entries(
            rows=[{"matter": matter, "kind": "note", "text": f"{word}{n}号"} for n in range(count)],
            by=Actor.system("test"), at=matter.opened_at,
        )  # fmt: skip


def ids(page: str) -> list[int]:
    return [int(pk) for pk in re.findall(r'id="entry-(\d+)"', page)]


def next_address(page: str) -> str:
    found = re.search(r'<a class="btn btn-sm" href="([^"]+before=[^"]+)"', page)
    return found[1] if found else ""


@pytest.mark.parametrize("trade", ["matter", "complaint"])
def test_every_entry_of_a_long_story_can_be_reached_once(trade, request) -> None:
    if trade == "matter":
        company = request.getfixturevalue("company")
        client, pk = request.getfixturevalue("agent"), make_case(company, 1).matter.pk
        address = f"/matters/{pk}/"
    else:
        client, pk = request.getfixturevalue("wang"), Walk(request.getfixturevalue("firm")).id
        address = f"/complaints/{pk}/"
    told(pk, 230, "旧")
    page = client.get(address).content.decode()
    seen, begin = ids(page), re.search(r'name="from" value="([^"]+)"', page)[1]
    assert len(seen) == 100
    while link := next_address(page):
        page = client.get(link, headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in page
        seen += ids(page)
    every = list(TimelineEntry.unscoped.filter(matter_id=pk).order_by("-at", "-pk").values_list("pk", flat=True))
    assert seen == every
    told(pk, 5, "新")
    newest = ids(client.get(f"{address}live/?from={begin}").content.decode())
    assert len(newest) == 105, "what fell out of the newest hundred still stands above the older ones"
    assert "<html" in client.get(f"{address}story/?before={begin}").content.decode(), "a page without scripts"
    for odd in ("%00", "W10", "x" * 600):
        assert client.get(f"{address}story/?before={odd}").status_code == 200


def test_a_short_story_offers_no_older_one(agent, company) -> None:
    case = make_case(company, 1)
    assert "更早的" not in agent.get(f"/matters/{case.matter.pk}/").content.decode()
