"""My day and the team: what is put aside, what is done to several rows at once, who has how much on hand."""

import json
import re
from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace

import pytest

from yinuo.complaints.tests.conftest import Walk
from yinuo.conversations.models import Conversation
from yinuo.identity.commands import create_staff, set_absence
from yinuo.kernel import clock, planned
from yinuo.kernel.actor import acting_as
from yinuo.kernel.command import permit_writes
from yinuo.matters.commands import assign_matter
from yinuo.matters.models import Matter, Task
from yinuo.promises.commands import make_personal_promise, snooze_promise
from yinuo.promises.models import Promise, Snooze
from yinuo.web.tests.conftest import PASSWORD, SYSTEM, make_case

ASIDE = {"wish": "latest", "reason": "customer", "note": "出差中", "once": "o1"}
SNOOZE = "/bulk/snooze/"


def personal(company, who: str, case, hours: int = 30) -> Promise:
    with acting_as(company.actor(who)):
        due = clock.now() + timedelta(hours=hours)
        return make_personal_promise(title=f"回电 {case.matter.number}", due_at=due, customer_id=case.customer.pk)


@pytest.fixture
def case(company):
    return make_case(company, 1)


def test_a_row_put_aside_is_counted_and_comes_back_on_demand(agent, company, case) -> None:
    promise = personal(company, "agent", case)
    for _n in range(2):
        assert agent.post(SNOOZE, ASIDE | {"k": f"p{promise.pk}"}).status_code == 303
    page = agent.get("/").content.decode()
    assert promise.title not in page and "搁置 1" in page
    assert "出差中" in agent.get("/?show=aside").content.decode()
    assert agent.post("/bulk/unsnooze/", {"k": f"p{promise.pk}"}).status_code == 303
    assert promise.title in agent.get("/").content.decode()


def test_what_is_about_to_be_due_gets_no_form_to_put_it_aside(agent, company, case) -> None:
    promise = personal(company, "agent", case, hours=6)
    address = f"/bulk/snooze/?k=p{promise.pk}"
    assert 'name="wish"' in agent.get(address).content.decode()
    with clock.frozen(promise.due_at - timedelta(minutes=1)):
        dialog = agent.get(address).content.decode()
    assert "不能搁置" in dialog and 'name="wish"' not in dialog


def test_what_is_mine_and_has_neither_promise_nor_task_is_not_forgotten(agent, company) -> None:
    """Without a standard nothing is due; the matter still waits for me."""
    mine = company.actor("agent")
    Walk(SimpleNamespace(wang=mine), name="钱文斌")
    page = agent.get("/").content.decode()
    matter = Matter.unscoped.get(customer__name="钱文斌")
    assert matter.title in page and "没有期限" in page and "告知客户" in page
    assert f'value="m{matter.pk}"' in page and f"{SNOOZE}?k=m{matter.pk}" not in page
    with acting_as(mine):
        make_personal_promise(title="回电", due_at=clock.now() + timedelta(hours=3), matter_id=matter.pk)
    assert f'value="m{matter.pk}"' not in agent.get("/").content.decode()


def test_who_has_very_much_in_hand_is_told_what_was_not_looked_at(agent, company, monkeypatch) -> None:
    """Looking for what nobody promised stops, and says so, at a number of matters."""
    monkeypatch.setattr(import_module("yinuo.promises.queries.board"), "LOOKED_AT", 1)
    mine = company.actor("agent")
    Walk(SimpleNamespace(wang=mine), name="钱文斌")
    assert "您在办的事项很多" not in agent.get("/").content.decode()
    planned._plans.clear()
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        Walk(SimpleNamespace(wang=mine), name="孙丽")
        page = agent.get("/").content.decode()
    first, last = (Matter.unscoped.get(customer__name=name) for name in ("钱文斌", "孙丽"))
    assert f'value="m{last.pk}"' in page and f'value="m{first.pk}"' not in page
    assert "您在办的事项很多" in page and "?whose=me" in page
    planned._plans.clear()


def test_each_row_has_its_own_answer(agent, company, case) -> None:
    good = personal(company, "agent", case)
    theirs = personal(company, "super", case)
    keys = [f"p{good.pk}", f"t{case.mine.pk}", f"p{theirs.pk}", "p999999", "x1"]
    answer = agent.post(SNOOZE, ASIDE | {"k": keys}, headers={"HX-Request": "true"})
    said = answer.content.decode()
    assert answer.status_code == 200 and "成功 2，未成功 2" in said
    assert "只能搁置自己名下的事" in said and "没有这项承诺" in said
    assert Snooze.unscoped.count() == 2
    token = re.search(r'name="token" value="([^"]+)"', said).group(1)
    assert agent.post("/bulk/undo/", {"token": token}).status_code == 303
    assert not Snooze.unscoped.exists()
    assert agent.post("/bulk/undo/", {"token": token + "x"}).status_code == 422


def test_a_wrong_form_keeps_the_rows(agent, company, case) -> None:
    form = {"wish": "at", "reason": "other", "k": f"t{case.mine.pk}"}
    answer = agent.post(SNOOZE, form)
    assert answer.status_code == 422 and f'value="t{case.mine.pk}:1"' in answer.content.decode()
    assert agent.get("/bulk/snooze/").status_code == 303 and agent.post(SNOOZE, ASIDE).status_code == 422
    assert agent.get("/bulk/snooze/?k=p1%00&k=p99999999999999999999&k=" + "9" * 300).status_code == 303


def test_tasks_are_done_together_where_words_will_do(agent, company, case) -> None:
    with acting_as(SYSTEM):
        from yinuo.matters.commands import create_task

        paid = create_task(matter_id=case.matter.pk, title="退款", kind="refund", assignee_id=company.staff["agent"].pk)
    keys = [f"t{case.mine.pk}", f"t{paid.pk}", f"m{case.matter.pk}"]
    said = agent.post(
        "/bulk/complete/", {"k": keys, "result": "都办了", "once": "d1"}, headers={"HX-Request": "true"}
    ).content.decode()
    assert "成功 1，未成功 2" in said and "凭证" in said and "不是任务" in said
    assert Task.unscoped.get(pk=case.mine.pk).state == "done" and Task.unscoped.get(pk=paid.pk).state == "open"


def test_a_supervisor_hands_over_and_takes_back(sign_in, company, case) -> None:
    chief, promise = sign_in("super"), Promise.unscoped.get()
    stock = company.staff["stock"].pk
    dialog = chief.get(f"/bulk/assign/?k=p{promise.pk}&to={stock}").content.decode()
    assert "一并转" in dialog and "1 项承诺" in dialog and f'value="{stock}" selected' in dialog
    form = {"k": f"p{promise.pk}:1", "to": company.staff["super"].pk, "once": "h1"}
    answer = chief.post("/bulk/assign/", form, headers={"HX-Request": "true"})
    assert answer.status_code == 204 and Matter.unscoped.get().owner_id == company.staff["super"].pk
    late = chief.post("/bulk/assign/", form | {"to": stock, "once": "h2"}, headers={"HX-Request": "true"})
    assert "刚被别人改过" in late.content.decode() and Matter.unscoped.get().owner_id == company.staff["super"].pk
    token = handed(answer)
    assert sign_in("agent").post("/bulk/undo/", {"token": token}).status_code == 409
    assert chief.post("/bulk/undo/", {"token": token}).status_code == 303
    assert Matter.unscoped.get().owner_id == company.staff["agent"].pk
    assert sign_in("agent").get(f"/bulk/assign/?k=p{promise.pk}").status_code == 403


def handed(answer) -> str:
    return json.loads(answer["HX-Trigger"])["undo"]["token"]


def test_taking_back_gives_each_what_was_theirs(sign_in, company, case) -> None:
    """Of a matter of the agent's one promise was the warehouse's, its thread nobody's; one goes on to the leader."""
    chief, mine, staff = sign_in("super"), Promise.unscoped.get(), company.staff
    with acting_as(company.actor("agent")):
        theirs, onward = (
            make_personal_promise(title=title, due_at=clock.now() + timedelta(hours=5), matter_id=case.matter.pk)
            for title in ("查批号", "报价")
        )
    with permit_writes("test"):
        Promise.unscoped.filter(pk__in=[theirs.pk, onward.pk]).update(owner=staff["stock"])
        Conversation.unscoped.update(owner=None)
    answer = chief.post(
        "/bulk/assign/",
        {"k": f"m{case.matter.pk}", "to": staff["super"].pk, "once": "a"},
        headers={"HX-Request": "true"},
    )
    assert set(Promise.unscoped.values_list("owner_id", flat=True)) == {staff["super"].pk}
    with acting_as(company.actor("boss")), permit_writes("test"):
        Promise.unscoped.filter(pk=onward.pk).update(owner=staff["boss"])
    assert chief.post("/bulk/undo/", {"token": handed(answer)}).status_code == 303
    owners = dict(Promise.unscoped.values_list("pk", "owner_id"))
    assert owners == {mine.pk: staff["agent"].pk, theirs.pk: staff["stock"].pk, onward.pk: staff["boss"].pk}
    assert Matter.unscoped.get().owner_id == staff["agent"].pk and Conversation.unscoped.get().owner_id is None


def test_a_promise_that_went_alone_comes_back_alone(sign_in, company, case) -> None:
    """It was given to the very person who has the matter; that one keeps the matter and what was theirs in it."""
    chief, mine, staff = sign_in("super"), Promise.unscoped.get(), company.staff
    with acting_as(company.actor("agent")):
        theirs = make_personal_promise(
            title="查批号", due_at=clock.now() + timedelta(hours=5), matter_id=case.matter.pk
        )
    with permit_writes("test"):
        Promise.unscoped.filter(pk=theirs.pk).update(owner=staff["stock"])
    form = {"k": f"p{theirs.pk}", "to": staff["agent"].pk, "once": "b"}
    answer = chief.post("/bulk/assign/", form, headers={"HX-Request": "true"})
    assert Promise.unscoped.get(pk=theirs.pk).owner_id == staff["agent"].pk
    assert chief.post("/bulk/undo/", {"token": handed(answer)}).status_code == 303
    assert dict(Promise.unscoped.values_list("pk", "owner_id")) == {
        mine.pk: staff["agent"].pk,
        theirs.pk: staff["stock"].pk,
    }
    assert Matter.unscoped.get().owner_id == staff["agent"].pk


def test_what_somebody_changed_since_stays_and_says_so(sign_in, company, case) -> None:
    chief, staff, other = sign_in("super"), company.staff, make_case(company, 2)
    keys = [f"m{case.matter.pk}", f"m{other.matter.pk}", f"t{case.mine.pk}"]
    form = {"k": keys, "to": staff["super"].pk, "once": "c"}
    answer = chief.post("/bulk/assign/", form, headers={"HX-Request": "true"})
    with acting_as(company.actor("boss")):
        version = Matter.objects.get(pk=other.matter.pk).version
        assign_matter(matter_id=other.matter.pk, owner_id=staff["boss"].pk, expected_version=version)
    back = chief.post("/bulk/undo/", {"token": handed(answer)}, headers={"HX-Request": "true"})
    said = json.dumps(json.loads(back["HX-Trigger"]), ensure_ascii=False)
    assert "已撤销 2 件" in said and "1 件未成功" in said and "刚被别人改过" in said
    assert Matter.unscoped.get(pk=case.matter.pk).owner_id == staff["agent"].pk
    assert Matter.unscoped.get(pk=other.matter.pk).owner_id == staff["boss"].pk
    assert Task.unscoped.get(pk=case.mine.pk).assignee_id == staff["agent"].pk


def test_the_team_costs_the_same_for_one_and_for_three(sign_in, company, django_assert_num_queries) -> None:
    chief = sign_in("super")
    make_case(company, 1)
    with django_assert_num_queries(11):
        assert "没人负责" in chief.get("/day/team/").content.decode()
    with acting_as(SYSTEM):
        made = [
            create_staff(
                username=f"n{n}", name=f"新人{n}", password=PASSWORD, unit_id=company.desk.pk, role_codes=["agent"]
            )
            for n in range(3)
        ]
    for n, one in enumerate(made):
        case = make_case(company, n + 2)
        with acting_as(SYSTEM):
            assign_matter(matter_id=case.matter.pk, owner_id=one.pk, expected_version=1)
    today = clock.now().astimezone(clock.CST).date()
    with acting_as(company.actor("agent")):
        set_absence(
            staff_id=company.staff["agent"].pk, substitute_id=company.staff["super"].pk, starts_on=today, ends_on=today
        )
        row = personal(company, "agent", case)
        snooze_promise(promise_id=row.pk, reason="goods")
    with django_assert_num_queries(11):
        page = chief.get("/day/team/").content.decode()
    assert "新人2" in page and "不在岗" in page and "等货、等材料" in page and "黄海" not in page
    with django_assert_num_queries(12):
        chief.get(f"/day/team/?person={company.staff['agent'].pk}&rows=40")
    assert chief.get("/day/team/?person=%00&rows=-1&from=x").status_code == 200
    assert sign_in("agent").get("/day/team/").status_code == 403


def test_the_next_step_opens_beside_the_list(client_of, firm) -> None:
    case = Walk(firm).to("acknowledged")
    for asked, shown in (("", "now-assess"), ("?say=reply", "step-say"), ("?say=x", "now-assess")):
        drawer = client_of("wang").get(f"/complaints/{case.id}/now/{asked}", headers={"HX-Request": "true"})
        assert drawer.status_code == 200 and shown in drawer.content.decode()
    assert "now-assess" in client_of("wang").get(f"/complaints/{case.id}/now/").content.decode()
    stays = {"HX-Request": "true", "X-Stay": "1"}
    done = client_of("wang").post(f"/complaints/{case.id}/note/", {"text": "已联系", "once": "n1"}, headers=stays)
    assert done.status_code == 204 and "done" in done["HX-Trigger"] and "HX-Redirect" not in done
