"""A proposal filled in from a similar past case: filled, marked, nothing saved, nobody named, and only what one may see."""

import re
from types import SimpleNamespace

import pytest
from django.test import Client

from tests.worlds import world
from yinuo.complaints import commands as c
from yinuo.complaints.models import Proposal, ProposalItem
from yinuo.complaints.tests.conftest import Walk, build
from yinuo.kernel.actor import acting_as
from yinuo.kernel.command import permit_writes
from yinuo.matters.models import Draft, Matter

PERSONAL = "陈先生付的款，电话13812345678，退给陈建国"


@world
def told():
    """A closed case with an agreed proposal, one that is being investigated, one rejected proposal and one closed unseen."""
    firm = build()
    past = Walk(firm, content="发动机加注机油后异响").to("investigating")
    with acting_as(firm.wang):
        c.draft_proposal(
            complaint_id=past.id,
            items=[
                {"kind": "refund", "amount": "300", "detail": f"原路退回，{PERSONAL}", "unit_id": firm.units["money"].pk},
                {"kind": "replace", "detail": "换两桶新油", "unit_id": firm.units["store"].pk},
            ],
            reason="批次不合格，陈建国一直用我们的油",
        )  # fmt: skip
    past.to("closed")
    case = Walk(firm, content="加注机油后发动机异响", name="刘洋", phone="13900001111").to("investigating")
    return SimpleNamespace(firm=firm, past=past, case=case, number=past.row.matter.number)


@pytest.fixture
def client(told) -> Client:
    client = Client()
    client.force_login(told.firm.staff["wang"])
    return client


def address(told, source=None) -> str:
    return f"/complaints/{told.case.id}/draft-proposal/like/{source or told.past.id}/"


def fields(page: str) -> dict[str, str]:
    """What stands in the form."""
    found = dict(re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', page))
    for name, inner in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        found[name] = "".join(re.findall(r'value="([^"]*)" selected', inner))
    return found | {
        n: t.strip() for n, t in re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>(.*?)</textarea>', page, re.S)
    }


def ask(client, told, sent=None, source=None):
    """As the button of the page does it."""
    return client.post(
        address(told, source), sent or {}, headers={"HX-Request": "true", "HX-Target": "now-draft-proposal"}
    )


def test_the_button_stands_where_a_proposal_is_written(told, client) -> None:
    page = client.get(f"/complaints/{told.case.id}/similar/").content.decode()
    assert f'hx-post="{address(told)}"' in page and f'href="{address(told)}"' in page and "照此方案填写" in page
    assert 'hx-include="#now-draft-proposal form"' in page
    assert 'id="now-draft-proposal"' in client.get(f"/complaints/{told.case.id}/").content.decode()
    assert "照此方案填写" not in client.get("/complaints/register/similar/?content=加注机油异响").content.decode()
    assessed = Walk(told.firm, content="机油异响").to("assessed")
    assert "照此方案填写" not in client.get(f"/complaints/{assessed.id}/similar/").content.decode(), "no form there yet"


def test_it_fills_the_form_marks_it_and_saves_nothing(told, client) -> None:
    before = Proposal.unscoped.count(), ProposalItem.unscoped.count(), Draft.unscoped.count(), told.case.row.version
    page = ask(client, told).content.decode()
    form, units = fields(page), told.firm.units
    assert (form["items.0.kind"], form["items.0.amount"], form["items.0.unit_id"]) == (
        "refund",
        "300.00",
        str(units["money"].pk),
    )
    assert (form["items.1.kind"], form["items.1.detail"], form["items.1.unit_id"]) == (
        "replace", "换两桶新油", str(units["store"].pk),
    )  # fmt: skip
    assert told.number in form["reason"] and "批次不合格" in form["reason"]
    assert "原路退回" in form["items.0.detail"] and "<!doctype" not in page.lower()
    for word in ("陈建国", "陈先生", "13812345678", "建国"):
        assert word not in page, word
    assert page.count(f"取自 {told.number}，请核对") == 3 and "还没有保存" in page
    after = Proposal.unscoped.count(), ProposalItem.unscoped.count(), Draft.unscoped.count(), told.case.row.version
    assert after == before and told.case.row.stage == "investigating"
    sent = {name: value for name, value in form.items() if name.startswith(("items", "reason", "version"))}
    assert client.post(f"/complaints/{told.case.id}/draft-proposal/", sent).status_code == 303
    assert Proposal.unscoped.get(complaint=told.case.id).total == 300


def test_what_was_typed_stays_and_a_second_click_adds_nothing(told, client) -> None:
    typed = {
        "items.0.kind": "repair", "items.0.detail": "上门检修", "reason": "我写的理由", "answer.fault": "80", "loss": "55",
        "version": "1",
    }  # fmt: skip
    page = ask(client, told, typed).content.decode()
    form = fields(page)
    assert {name: form[name] for name in typed} == typed and "is-wrong" not in page
    assert (form["items.1.kind"], form["items.2.kind"], form["items.3.kind"]) == ("refund", "replace", "")
    assert "您已写的理由保留不动" in page
    page = ask(client, told, form).content.decode()
    again = fields(page)
    assert "都已经有了" in page and "已取自" not in page
    assert [again[f"items.{n}.kind"] for n in range(4)] == ["repair", "refund", "replace", ""]
    full = {f"items.{n}.kind": "repair" for n in range(7)}
    assert "还有 1 项没有填入" in ask(client, told, full).content.decode()


def test_a_plain_link_keeps_the_draft(told, client) -> None:
    kept = {"items.0.kind": "repair", "items.0.detail": "先写下的", "reason": ""}
    client.post(
        "/drafts/", {"key": f"complaint:{told.case.id}:proposal", "data": kept}, content_type="application/json"
    )
    page = client.get(address(told)).content.decode()
    form = fields(page)
    assert "<!doctype" in page.lower() and form["items.0.detail"] == "先写下的" and form["items.1.kind"] == "refund"


def test_a_department_that_is_gone_is_left_open(told, client) -> None:
    with permit_writes("test"):
        type(told.firm.units["money"]).objects.filter(pk=told.firm.units["money"].pk).update(active=False)
    form = fields(ask(client, told).content.decode())
    assert (form["items.0.kind"], form["items.0.unit_id"]) == ("refund", "")
    assert form["items.1.unit_id"] == str(told.firm.units["store"].pk)
    assert fields(ask(client, told, form).content.decode())["items.2.kind"] == "", "known again without it"


def test_only_closed_cases_one_may_see(told, client) -> None:
    other = Walk(told.firm, content="机油异响").to("offered")
    for source in (told.case.id, other.id, 999999, 2**63, 10**30):
        assert ask(client, told, source=source).status_code == 404, source
    assert client.get(f"/complaints/{2**63}/draft-proposal/like/{told.past.id}/").status_code == 404
    assert client.get(f"/complaints/{told.case.id}/draft-proposal/like/x/").status_code == 404
    with permit_writes("test"):
        Matter.unscoped.filter(pk=told.past.id).update(
            owner=told.firm.staff["qian"], unit=told.firm.units["hq"], conversation=None
        )
    assert ask(client, told).status_code == 404, "not this person's to see any more"
    cang = Client()
    cang.force_login(told.firm.staff["cang"])
    assert ask(cang, told).status_code in (403, 404), "who handles no complaints gets nothing"
