"""Every line of what a complaint still lacks leads to where it is done."""

import re
from datetime import timedelta

import pytest

from yinuo.complaints import commands as c
from yinuo.complaints.models import LeaderReception
from yinuo.complaints.rules.guards import GUARDS, Facts
from yinuo.complaints.states import Stage
from yinuo.complaints.tests.conftest import Walk
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as
from yinuo.promises.commands import load_pack, make_personal_promise
from yinuo.promises.models import Promise
from yinuo.web.pages.complaint_actions import ACTIONS
from yinuo.web.pages.complaint_leads import Where

WORST = {
    "has_content": False, "has_customer": False, "reachable": False, "open_tasks": ("送货",), "severity": 2,
    "unassigned_items": ("换货",), "pending_approvals": 1, "pending_reviews": 1, "judgement": "justified", "kind": "",
    "personal_promises": ("回电",), "amends_owed": ("回电",), "unpaid": ("回电",), "undecided": ("回电",),
    "open_receptions": 1, "paid_or_shipped": 1,
}  # fmt: skip
FACTS = (
    Facts(**WORST),
    Facts(channel="phone", judgement="", satisfaction=1, unreached_days=1, proposal_state="draft"),
    Facts(restatement="corrected", stage=Stage.CALLBACK, undecided=("回电",)),
)


@pytest.mark.parametrize("name", sorted(GUARDS))
def test_each_sentence_knows_what_ends_it(name) -> None:
    found = [lack for facts in FACTS for lack in GUARDS[name](facts)]
    assert found
    for lack in found:
        special = hasattr(Where, "_" + lack.ended_by.replace("-", "_"))
        assert special or lack.ended_by in ACTIONS or name == "customer_satisfied", lack


def leads(page: str, sentence: str) -> list[str]:
    """The addresses a sentence leads to, in the panel and in the card."""
    return re.findall(rf'<li><a href="([^"]*)"[^>]*>[^<]*{sentence}', page)


def test_what_stands_before_the_close_is_a_click_away(firm, client_of) -> None:
    case = Walk(firm, severity="serious").to("callback")
    with acting_as(firm.wang):
        make_personal_promise(matter_id=case.id, title="周五回电", due_at=clock.now() + timedelta(days=2))
        c.request_reception(complaint_id=case.id, topic="要见领导")
    promise = Promise.unscoped.get(title="周五回电")
    wang, li, address = client_of("wang"), client_of("li"), f"/complaints/{case.id}/"
    page = wang.get(address).content.decode()
    assert leads(page, "严重投诉尚未登记根因") == [address + "correction/"] * 2
    assert leads(page, "对客户的承诺未兑现") == [f"{address}promise-kept/{promise.pk}/"] * 2
    reception = LeaderReception.unscoped.get()
    assert leads(page, "领导接待尚未完成") == [f"{address}book-reception/{reception.pk}/"] * 2
    assert leads(page, "回访未完成") == [], "who handled it does not call back"
    assert leads(li.get(address).content.decode(), "回访未完成") == ["#now-record-callback"] * 2


def test_a_promise_of_ones_own_is_kept_without_a_menu(firm, client_of) -> None:
    with acting_as(firm.system):
        load_pack(name="common")
    case = Walk(firm)
    with acting_as(firm.wang):
        make_personal_promise(matter_id=case.id, title="周五回电", due_at=clock.now() + timedelta(days=2))
    mine, wang = Promise.unscoped.get(title="周五回电"), client_of("wang")
    head = wang.get(f"/complaints/{case.id}/").content.decode().partition('class="d-promises"')[2]
    in_sight = re.sub(r'<div id="promise-\d+" popover.*?</div>', "", head, flags=re.S)
    assert f"/complaints/{case.id}/promise-kept/{mine.pk}/" in in_sight
    others = Promise.unscoped.filter(matter=case.id, outstanding=True).exclude(pk=mine.pk)
    assert others and all(f"promise-kept/{p.pk}/" not in in_sight for p in others), "what we do keeps those"
    assert 'href="#say-reply"' in in_sight, "an answer renews the interim promise"
    for address in ("/promises/", f"/customers/{case.row.matter.customer_id}/"):
        page = wang.get(address).content.decode()
        assert f"/promises/{mine.pk}/keep/" in page and "data-stay" in page, address
