"""审批 over the test client: who decides what, stale pages, the rules page."""

import re
from decimal import Decimal

import pytest
from django.test import Client

from yinuo.approvals.models import Approval, ApprovalRule
from yinuo.complaints.tests.conftest import Walk


def text_of(response) -> str:
    return response.content.decode()


@pytest.fixture
def waiting(firm):
    walk = Walk(firm).to("approving")
    return walk, Approval.unscoped.get()


def test_the_request_is_shown_whole_to_the_one_who_decides(client_of, waiting) -> None:
    walk, approval = waiting
    sun = client_of("sun")
    page = text_of(sun.get("/approvals/"))
    assert page.count("data-href") == 1 and "¥300.00" in page
    page = text_of(sun.get(f"/approvals/{approval.pk}/"))
    for words in (
        "¥300.00",
        "批次不合格",
        "退款",
        "原路退回",
        "财务部",
        "仓储部",
        "轮到您",
        "同意",
        "驳回",
        walk.row.matter.number,
    ):
        assert words in page, words
    mine = text_of(client_of("wang").get(f"/approvals/{approval.pk}/"))
    assert "现在轮到" in mine and "撤回申请" in mine and 'value="approved"' not in mine
    assert client_of("cang").get(f"/approvals/{approval.pk}/").status_code == 404


def test_agreeing_moves_the_case(client_of, waiting) -> None:
    walk, approval = waiting
    sun = client_of("sun")
    sent = {"decision": "approved", "comment": "", "version": approval.version, "once": "k"}
    answer = sun.post(f"/approvals/{approval.pk}/decide/", sent)
    assert answer.status_code == 303 and answer.headers["Location"] == "/approvals/"
    assert walk.row.stage == "offered"
    assert sun.post(f"/approvals/{approval.pk}/decide/", sent).status_code == 303, "twice does nothing twice"
    assert "同意" in text_of(sun.get("/approvals/?tab=decided"))


def test_rejecting_needs_a_reason_and_keeps_the_words(client_of, waiting) -> None:
    walk, approval = waiting
    sun = client_of("sun")
    answer = sun.post(f"/approvals/{approval.pk}/decide/", {"decision": "rejected", "version": approval.version})
    assert answer.status_code == 422 and "驳回时请说明理由" in text_of(answer)
    answer = sun.post(
        f"/approvals/{approval.pk}/decide/", {"decision": "", "comment": "先放着", "version": approval.version}
    )
    assert answer.status_code == 422 and "请选择决定" in text_of(answer) and "先放着" in text_of(answer)
    sent = {"decision": "rejected", "comment": "金额依据不足", "version": approval.version}
    assert sun.post(f"/approvals/{approval.pk}/decide/", sent).status_code == 303
    assert walk.row.stage == "proposing"
    assert "金额依据不足" in text_of(client_of("wang").get(f"/complaints/{walk.id}/"))


def test_a_stale_page_shows_how_it_stands_now(client_of, waiting) -> None:
    walk, approval = waiting
    wang, sun = client_of("wang"), client_of("sun")
    assert wang.post(f"/approvals/{approval.pk}/withdraw/").status_code == 303
    answer = sun.post(f"/approvals/{approval.pk}/decide/", {"decision": "approved", "comment": "可以", "version": 1})
    page = text_of(answer)
    assert answer.status_code == 409 and "已经被处理过" in page and "撤回" in page
    assert Approval.unscoped.get().state == "withdrawn"
    assert walk.row.stage in ("approving", "proposing")


def test_a_decision_out_of_turn_is_refused(client_of, waiting) -> None:
    _walk, approval = waiting
    answer = client_of("qian").post(
        f"/approvals/{approval.pk}/decide/", {"decision": "approved", "version": approval.version}
    )
    assert answer.status_code == 403 and "现在轮到" in text_of(answer)
    assert client_of("wang").post(f"/approvals/{approval.pk}/decide/", {"decision": "approved"}).status_code == 403


def test_rules_are_edited_as_a_whole(firm, client_of) -> None:
    from yinuo.identity.commands import create_staff
    from yinuo.kernel.actor import acting_as

    with acting_as(firm.system):
        admin = create_staff(
            username="gly",
            name="管理员",
            password="desk-7788-x",
            unit_id=firm.units["hq"].pk,
            role_codes=["administrator"],
        )
    client = Client()
    client.force_login(admin)
    assert "5,000.00" in text_of(client.get("/settings/approvals/")), "the shipped bands are in force"
    address = "/settings/approvals/proposal/"
    good = {"up_to_0": "1000", "step_0_0": "manager", "up_to_1": "", "step_1_0": "manager", "step_1_1": "leader"}
    wrong = (
        ({**good, "up_to_1": "2000"}, "不限"), ({**good, "up_to_0": ""}, "只能有一档"), ({**good, "up_to_0": "-1"}, ""),
        ({**good, "step_1_1": "manager"}, "重复"), ({"up_to_0": "5"}, "审批人"), ({**good, "step_0_0": "king"}, ""),
    )  # fmt: skip
    for sent, words in wrong:
        answer = client.post(address, sent)
        assert answer.status_code == 422 and words in text_of(answer), sent
        assert not ApprovalRule.objects.exists()
    assert client.post(address, good).status_code == 303
    assert list(ApprovalRule.objects.order_by("up_to").values_list("up_to", "steps")) == [
        (Decimal("1000.00"), ["manager"]),
        (None, ["manager", "leader"]),
    ]
    assert client.get("/settings/approvals/nonsense/").status_code == 404
    assert client_of("wang").get("/settings/approvals/").status_code == 403
    assert re.search("1,000.00", text_of(client.get("/settings/approvals/")))
