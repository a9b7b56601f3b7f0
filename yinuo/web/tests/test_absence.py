"""不在岗 and 转交 over the test client: who decides meanwhile, what the pages say."""

from datetime import timedelta

import pytest
from django.test import Client

from yinuo.approvals.models import Approval, ApprovalStep
from yinuo.complaints.tests.conftest import Walk
from yinuo.identity.commands import create_staff
from yinuo.identity.models import Absence
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as
from yinuo.kernel.clock import CST


@pytest.fixture
def waiting(firm):
    Walk(firm).to("approving")
    return Approval.unscoped.get()


def days(*offsets):
    today = clock.now().astimezone(CST).date()
    return [str(today + timedelta(days=n)) for n in offsets]


def test_a_substitute_decides_and_the_page_says_for_whom(firm, waiting, client_of) -> None:
    sun, zhao = client_of("sun"), client_of("zhao")
    start, end = days(0, 2)
    sent = {"starts_on": start, "ends_on": end, "substitute_id": firm.staff["cang"].pk, "note": "年假"}
    answer = sun.post("/absence/", sent)
    assert answer.status_code == 422 and "没有审批权限" in answer.content.decode()
    assert sun.post("/absence/", {**sent, "substitute_id": firm.staff["zhao"].pk}).status_code == 303
    page = sun.get("/absence/").content.decode()
    assert "由 赵主管 代审批" in page and "年假" in page
    page = zhao.get("/approvals/").content.decode()
    assert f"/approvals/{waiting.pk}/" in page
    page = zhao.get(f"/approvals/{waiting.pk}/").content.decode()
    assert "您在代孙主管审批" in page and 'value="approved"' in page and "由赵主管代审批" in page
    sent = {"decision": "approved", "version": waiting.version}
    assert zhao.post(f"/approvals/{waiting.pk}/decide/", sent).status_code == 303
    page = client_of("wang").get(f"/approvals/{waiting.pk}/").content.decode()
    assert "赵主管（代孙主管审批）" in page


def test_an_absence_is_canceled_by_its_owner_only(firm, client_of) -> None:
    sun = client_of("sun")
    start, end = days(1, 2)
    sun.post("/absence/", {"starts_on": start, "ends_on": end, "substitute_id": firm.staff["zhao"].pk})
    made = Absence.objects.get()
    assert client_of("zhao").post(f"/absence/{made.pk}/cancel/").status_code == 403
    assert sun.post(f"/absence/{made.pk}/cancel/").status_code == 303
    made.refresh_from_db()
    assert made.canceled_at and "没有登记过" in sun.get("/absence/").content.decode()


def test_an_administrator_sets_an_absence_and_frees_what_is_stuck(firm, waiting, client_of) -> None:
    with acting_as(firm.system):
        firm.staff["admin"] = create_staff(
            username="gly", name="管理员", password="desk-7788-x", unit_id=firm.units["hq"].pk,
            role_codes=["administrator"],
        )  # fmt: skip
    admin, sun = client_of("admin"), firm.staff["sun"]
    start, end = days(0, 2)
    address = f"/settings/staff/{sun.pk}/absence/"
    assert client_of("zhao").get(address).status_code == 403
    sent = {"starts_on": start, "ends_on": end, "substitute_id": firm.staff["zhao"].pk}
    assert admin.post(address, sent).status_code == 303
    assert "由 赵主管 代审批" in admin.get(address).content.decode()
    with acting_as(firm.system):  # the substitute leaves while the absence lasts
        from yinuo.identity.commands import edit_staff

        zhao = firm.staff["zhao"]
        edit_staff(
            staff_id=zhao.pk, name=zhao.name, unit_id=zhao.unit_id, role_codes=["supervisor"], phone="", email="",
            active=False, manager_id=None, expected_version=zhao.version,
        )  # fmt: skip
    case, (listed, page, handing) = waiting.matter, (
        admin.get(address).content.decode()
        for address in ("/approvals/?tab=stuck", f"/approvals/{waiting.pk}/", f"/approvals/{waiting.pk}/hand-over/")
    )  # fmt: skip
    assert f"/approvals/{waiting.pk}/" in listed and f"/approvals/{waiting.pk}/hand-over/" in page
    for shown in (listed, page, handing):  # whoever only hands it over sees number and kind, not the case
        assert f"{case.number} 处理方案" in shown
        assert not [
            words for words in (case.title, waiting.title, waiting.reason, case.customer.name) if words in shown
        ]
    assert case.customer.name in client_of("qian").get(f"/approvals/{waiting.pk}/").content.decode()
    page = admin.get(f"/approvals/{waiting.pk}/hand-over/").content.decode()
    assert "钱总" in page and "王芳" not in page
    sent = {"to_id": firm.staff["qian"].pk, "reason": "", "version": waiting.version}
    assert admin.post(f"/approvals/{waiting.pk}/hand-over/", sent).status_code == 422
    sent["reason"] = "两位都不在"
    assert admin.post(f"/approvals/{waiting.pk}/hand-over/", sent).status_code == 303
    assert ApprovalStep.unscoped.get(approval=waiting).staff_id == firm.staff["qian"].pk
    page = client_of("qian").get(f"/approvals/{waiting.pk}/").content.decode()
    assert "原由孙主管审批，管理员转交：两位都不在" in page
    assert client_of("wang").get(f"/approvals/{waiting.pk}/hand-over/").status_code == 403


@pytest.mark.parametrize(("who", "path", "statements"), [("sun", "/absence/", 6), ("sun", "/approvals/?tab=stuck", 6)])
def test_these_pages_cost_a_fixed_number_of_statements(
    client_of, waiting, who, path, statements, django_assert_num_queries
):
    client = client_of(who)
    with django_assert_num_queries(statements):
        assert client.get(path).status_code == 200


def test_who_only_hands_steps_over_does_not_see_the_case(firm, waiting, client_of) -> None:
    with acting_as(firm.system):
        admin = create_staff(
            username="root", name="管理员", password="desk-7788-x", unit_id=firm.units["store"].pk,
            role_codes=["administrator"],
        )  # fmt: skip
    client = Client()
    client.force_login(admin)
    page = client.get(f"/approvals/{waiting.pk}/").content.decode()
    assert "转交" in page and "孙主管" in page
    for inside in ("批次不合格", "原路退回", "换两桶新油"):
        assert inside not in page
    assert "原路退回" in client_of("sun").get(f"/approvals/{waiting.pk}/").content.decode()
    assert client.get(f"/complaints/{waiting.matter_id}/").status_code in (403, 404)
