"""复查, 领导接待 and 内部通报: nobody has to remember them, and nobody sees more than they may."""

from datetime import timedelta

import pytest

from yinuo.complaints import commands as c
from yinuo.complaints.models import CorrectiveAction, LeaderReception
from yinuo.complaints.tests.conftest import Walk
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as
from yinuo.kernel.clock import CST


def page_of(client_of, who, path) -> str:
    answer = client_of(who).get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


def measure(firm, days, action="更换密封圈"):
    """A corrective action whose check is due in so many days (negative: was due)."""
    now = clock.now()
    with clock.frozen(now - timedelta(days=40)):
        case = Walk(firm).to("investigating")
        today = (now - timedelta(days=40)).astimezone(CST).date()
        with acting_as(firm.wang):
            made = c.plan_correction(
                complaint_id=case.id, root_cause="老化", action=action, due_on=today,
                check_on=today + timedelta(days=40 + days),
            )  # fmt: skip
    return case, made


def test_checks_show_what_is_due_and_what_comes(firm, client_of) -> None:
    case, made = measure(firm, -3)
    measure(firm, 10, "换供应商")
    measure(firm, 200, "改包装")
    page = page_of(client_of, "wang", "/complaints/checks/")
    assert "更换密封圈" in page and "已过 3 天" in page and "换供应商" in page and "改包装" not in page
    assert page.count("登记复查") == 1 and f"/complaints/{case.id}/recurrence/{made.pk}/" in page
    sent = {"recurrence": "effective", "note": "三批没有渗漏"}
    assert client_of("wang").post(f"/complaints/{case.id}/recurrence/{made.pk}/", sent).status_code == 303
    assert CorrectiveAction.unscoped.get(pk=made.pk).checked_at
    assert "更换密封圈" not in page_of(client_of, "wang", "/complaints/checks/")
    assert client_of("cang").get("/complaints/checks/").status_code == 403


def test_what_happened_again_waits_for_a_new_measure(firm, client_of) -> None:
    case, made = measure(firm, 0)
    sent = {"recurrence": "recurred", "note": "又有两桶渗漏"}
    assert client_of("wang").post(f"/complaints/{case.id}/recurrence/{made.pk}/", sent).status_code == 303
    page = page_of(client_of, "wang", "/complaints/checks/")
    assert (
        "再次发生，还没有新的措施" in page and "又有两桶渗漏" in page and f"/complaints/{case.id}/correction/" in page
    )
    today = clock.now().astimezone(CST).date()
    with acting_as(firm.wang):
        c.plan_correction(complaint_id=case.id, root_cause="供货商", action="换供应商", due_on=today, check_on=today)
    page = page_of(client_of, "wang", "/complaints/checks/")
    assert "还没有新的措施" not in page and "换供应商" in page


def test_receptions_show_who_waits_and_who_comes_when(firm, client_of) -> None:
    case, other = Walk(firm, wants_leader=True), Walk(firm, wants_leader=True)
    first, second = LeaderReception.unscoped.order_by("pk")
    day = (clock.now() + timedelta(days=2)).astimezone(CST).replace(hour=10, minute=0, second=0, microsecond=0)
    with acting_as(firm.wang):
        c.book_reception(reception_id=first.pk, leader_id=firm.qian.id, starts_at=day, place="二楼接待室")
    page = page_of(client_of, "wang", "/complaints/receptions/")
    assert "10:00–10:30" in page and "钱总" in page and "二楼接待室" in page
    assert f"/complaints/{other.id}/book-reception/{second.pk}/" in page
    assert f"/complaints/{case.id}/book-reception/" not in page
    assert "10:00–10:30" not in page_of(client_of, "wang", f"/complaints/receptions/?leader={firm.zhao.id}")
    assert "10:00–10:30" in page_of(client_of, "qian", f"/complaints/receptions/?leader={firm.qian.id}")
    later = (day + timedelta(days=30)).date()
    assert "10:00–10:30" not in page_of(client_of, "wang", f"/complaints/receptions/?from={later}")
    for odd in ("?from=2026-99-99&leader=x", "?from=0001-01-01", "?from=9999-12-31&leader=99999999999999999999"):
        page_of(client_of, "wang", f"/complaints/receptions/{odd}")
    assert client_of("cang").get("/complaints/receptions/").status_code == 403


def test_a_publication_reaches_the_company_or_the_department_it_is_for(firm, client_of) -> None:
    case = Walk(firm).to("closed")
    with acting_as(firm.sun):
        c.publish(complaint_id=case.id, title="密封圈", text="入库前逐批试压")
        c.publish(complaint_id=case.id, title="仓储须知", text="先进先出", unit_id=firm.units["store"].pk)
    page = page_of(client_of, "cang", "/publications/")
    assert "入库前逐批试压" in page and "先进先出" in page and "陈建国" not in page
    page = page_of(client_of, "cai", "/publications/")
    assert "入库前逐批试压" in page and "先进先出" not in page


@pytest.mark.parametrize("who", ["wang", "qian"])
def test_my_day_leads_there(client_of, who) -> None:
    page = page_of(client_of, who, "/")
    for path in ("/complaints/checks/", "/complaints/receptions/", "/publications/"):
        assert f'href="{path}"' in page


@pytest.mark.parametrize(
    ("path", "statements"),
    [("/complaints/checks/", 5), ("/complaints/receptions/", 6), ("/publications/", 4)],
)
def test_these_cost_a_fixed_number_of_statements(firm, path, statements, django_assert_num_queries, client_of) -> None:
    client = client_of("wang")
    for _round in range(2):
        measure(firm, -1)
        Walk(firm, wants_leader=True)
        with django_assert_num_queries(statements):
            assert client.get(path).status_code == 200
