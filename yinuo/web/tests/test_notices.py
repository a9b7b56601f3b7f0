"""What the bell counts, when it may ring, and one's own wishes."""

from datetime import timedelta

import pytest

from yinuo.identity.models import Staff
from yinuo.kernel import clock
from yinuo.web.tests.conftest import SYSTEM, make_case

HEARD = "/notifications/heard/"
FORM = {
    "shown": ["assigned", "customer"], "desktop": ["customer"], "sound": [], "volume": "30", "quiet_from": "22:00",
    "quiet_to": "07:00", "quiet_days": ["0", "4"], "through": "on", "once": "w1",
}  # fmt: skip


@pytest.fixture
def noon(company):
    """A working Monday at eleven: something just came for the agent."""
    with clock.frozen(clock.now().replace(year=2026, month=11, day=30, hour=3, minute=0)):
        make_case(company, 1)
        yield clock.now()


def ask(client, **given):
    return client.post(HEARD, given).json()


def test_one_ring_a_minute_and_nothing_is_lost_or_rung_twice(agent, sign_in, noon, company) -> None:
    first = ask(agent)
    assert first["count"] >= 2 and first["ring"]["shown"] and first["ring"]["desktop"]
    assert "ring" not in ask(sign_in("agent"), since=first["since"]), "another browser has heard as much"
    with clock.frozen(noon + timedelta(seconds=20)):
        make_case(company, 2)
        wait = ask(agent, since=first["since"])
        assert "ring" not in wait and wait["wait"] == 40 and wait["since"] == first["since"]
    with clock.frozen(noon + timedelta(seconds=61)):
        later = ask(agent, since=wait["since"])
        assert "条新通知" in later["ring"]["title"] and "ring" not in ask(agent, since=later["since"])
    with clock.frozen(noon + timedelta(hours=1)):
        assert "ring" not in ask(agent, since=first["since"]), "what is old is counted, not rung"


def test_wishes_are_kept_per_person_and_decide(agent, sign_in, noon, company) -> None:
    assert agent.post("/notifications/settings/", FORM).status_code == 303
    me = Staff.objects.get(username="agent")
    assert (me.wishes["desktop"], me.wishes["quiet_from"], me.wishes["quiet_days"]) == (["customer"], 22 * 60, [0, 4])
    assert Staff.objects.get(username="super").wishes == {}
    ring = ask(agent)["ring"]
    assert ring["volume"] == 0 and ring["desktop"]
    hidden = {**FORM, "hide": "on", "quiet": "on", "quiet_from": "10:00", "quiet_to": "12:00", "once": "w2"}
    assert agent.post("/notifications/settings/", hidden).status_code == 303
    with clock.frozen(noon + timedelta(minutes=2)):
        quiet = ask(agent)["ring"]
    assert (quiet["title"], quiet["text"], quiet["url"]) == ("有新通知", "打开一诺查看", "/notifications/")
    assert quiet["shown"] and not quiet["desktop"]


def test_wrong_wishes_are_said_beside_the_field(agent, company) -> None:
    wrong = {**FORM, "quiet": "on", "quiet_days": [], "quiet_to": "25:99", "volume": "300", "shown": ["<b>"]}
    page = agent.post("/notifications/settings/", wrong)
    text = page.content.decode()
    assert (
        page.status_code == 422 and "请填写时间" in text and "<b>" not in text.partition("<main")[2].replace("<b>{", "")
    )
    assert agent.post("/notifications/settings/", {**FORM, "quiet": "on", "quiet_days": []}).status_code == 422
    assert Staff.objects.get(username="agent").wishes == {}


def test_what_was_read_is_counted_no_more(agent, noon) -> None:
    before = ask(agent)["count"]
    assert before and ask(agent, read="1")["count"] == 0 and ask(agent)["count"] == 0


@pytest.mark.parametrize(
    "since", ["", "yesterday", "2026-11-30", "9999-99-99T99:99:99Z", "\x00", "2999-01-01T00:00:00Z"]
)
def test_any_since_is_taken(agent, noon, since) -> None:
    assert agent.post(HEARD, {"since": since}).status_code == 200


def test_outside_working_time_of_my_unit(agent, noon, company) -> None:
    agent.post("/notifications/settings/", {**FORM, "quiet_off_work": "on"})
    assert ask(agent)["ring"]["desktop"]
    with clock.frozen(noon + timedelta(hours=12)):
        make_case(company, 2)
        assert not ask(agent)["ring"]["desktop"]


def test_statements(agent, company, django_assert_num_queries) -> None:
    assert SYSTEM
    for rows in (1, 3):
        for n in range(rows):
            make_case(company, 10 * rows + n)
        with django_assert_num_queries(10):
            agent.post(HEARD, {"since": ""})
    with django_assert_num_queries(5):
        agent.get("/notifications/settings/")


def test_parts_of_the_product_are_not_named_by_their_codes(agent, noon, company) -> None:
    page = agent.get("/notifications/").content.decode()
    assert "<p>系统 登记</p>" in page and f"<p>{SYSTEM.name}" not in page
