"""Looking at a customer's personal data leaves a trace, and looking too often is told."""

from datetime import timedelta

from yinuo.customers.commands import note_viewed, reveal_field
from yinuo.customers.models import RevealAlert
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as
from yinuo.kernel.command import permit_writes
from yinuo.kernel.models import AuditEntry
from yinuo.kernel.throttle import first_in
from yinuo.web.tests.conftest import make_customer


def viewed() -> list[tuple[str, str]]:
    rows = AuditEntry.unscoped.filter(command="customer.view").order_by("pk")
    return [(row.actor_name, row.subject_id) for row in rows]


def test_each_view_of_a_card_is_written_down_once_in_ten_minutes(agent, sign_in, company) -> None:
    one, two = make_customer(), make_customer("李四", "13900000002")
    address = f"/customers/{one.pk}/"
    agent.get(address)
    agent.get(address, headers={"HX-Request": "true"})
    agent.get(f"{address}edit/")
    assert viewed() == [("林晓雯", str(one.pk))]
    agent.get(f"/customers/{two.pk}/", headers={"HX-Request": "true"})
    sign_in("super").get(address)
    assert viewed()[1:] == [("林晓雯", str(two.pk)), ("陈思远", str(one.pk))]
    with acting_as(company.actor("agent")):
        note_viewed(customer_id=one.pk, at=clock.now() + timedelta(minutes=9))
        assert len(viewed()) == 3
        note_viewed(customer_id=one.pk, at=clock.now() + timedelta(minutes=11))
    assert viewed()[3:] == [("林晓雯", str(one.pk))]


def test_what_nobody_may_see_leaves_no_view(sign_in, company) -> None:
    customer = make_customer()
    assert sign_in("stock").get(f"/customers/{customer.pk}/").status_code == 404
    assert sign_in("stock").get(f"/customers/{customer.pk}/print/").status_code == 404
    assert not AuditEntry.unscoped.filter(command__in=("customer.view", "customer.print")).exists()


def test_the_paper_is_masked_and_each_printing_is_written_down(agent, company) -> None:
    customer = make_customer(address="滨江路 18 号", profile={"birthday": "1984-03-12", "interests": "书法"})
    for _twice in range(2):
        page = agent.get(f"/customers/{customer.pk}/print/").content.decode()
    assert "138****5678" in page and "书法" in page and "林晓雯 打印于" in page
    assert not [secret for secret in ("13812345678", "滨江路 18 号", "1984-03-12") if secret in page]
    assert AuditEntry.unscoped.filter(command="customer.print", subject_id=str(customer.pk)).count() == 2


def test_who_looked_stands_on_the_card_for_who_may_read_the_audit(agent, sign_in, company) -> None:
    customer = make_customer()
    agent.get(f"/customers/{customer.pk}/")
    agent.post(f"/customers/{customer.pk}/reveal/phone/", {"reason": "回拨核实"})
    assert "谁看过" not in agent.get(f"/customers/{customer.pk}/").content.decode()
    with permit_writes("test"):
        company.staff["admin"].roles.add(company.staff["agent"].roles.get())
    reader = sign_in("admin")
    page = reader.get(f"/customers/{customer.pk}/").content.decode()
    assert "谁看过" in page and "打开卡片" in page and "查看明文：电话" in page and "回拨核实" in page
    for kind, seen, unseen in (("view", "打开卡片", "回拨核实"), ("reveal", "回拨核实", "客户 · 打开卡片")):
        rows = reader.get(f"/audit/?personal={kind}").content.decode().partition("<tbody>")[2]
        assert seen in rows and unseen not in rows


def test_unusually_many_reveals_are_told_once_to_those_who_answer(agent, sign_in, company) -> None:
    customer = make_customer()
    boss = sign_in("boss")
    told = {"most": 3, "minutes": 30, "version": 0, "reason": "先严后宽"}
    assert boss.post("/settings/customers/reveals/", told).status_code == 303
    with permit_writes("test"):
        company.staff["agent"].manager = company.staff["super"]
        company.staff["agent"].save()
    with acting_as(company.actor("agent")):
        for n in range(3):
            reveal_field(customer_id=customer.pk, field="phone", reason=f"核实 {n}")
        assert not RevealAlert.unscoped.exists()
        for _more in range(3):
            reveal_field(customer_id=customer.pk, field="phone", reason="又一次")
    alert = RevealAlert.unscoped.get()
    assert alert.count == 4 and alert.told == sorted(company.staff[who].pk for who in ("super", "admin"))
    for who in ("super", "admin"):
        assert "林晓雯 查看明文过多" in sign_in(who).get("/notifications/").content.decode()
        page = sign_in(who).get(f"/reveal-alerts/{alert.pk}/").content.decode()
        assert "30 分钟内 4 次" in page and "又一次" in page and "13812345678" not in page
    assert "查看明文过多" not in agent.get("/notifications/").content.decode()
    for outsider in (agent, boss):
        assert outsider.get(f"/reveal-alerts/{alert.pk}/").status_code == 404
    rows = sign_in("admin").get("/audit/?personal=often").content.decode().partition("<tbody>")[2]
    assert rows.count("查看明文过多") == 1


def test_the_next_window_tells_again(company) -> None:
    now, hour = clock.now(), timedelta(hours=1)
    assert [first_in("x", hour, now + timedelta(minutes=n)) for n in (0, 59, 60, 61)] == [True, False, True, False]
    assert first_in("y", hour, now)
