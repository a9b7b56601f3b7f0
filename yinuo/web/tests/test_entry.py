"""Signing in, being kept out, leaving, and what is said when something goes wrong."""

import re
import time
from datetime import timedelta

import pytest
from django.test import Client

from yinuo.kernel import clock
from yinuo.kernel.command import permit_writes
from yinuo.kernel.models import AuditEntry
from yinuo.web.tests.conftest import PASSWORD


def enter(client, name="agent", password=PASSWORD, **more):
    return client.post("/login/", {"username": name, "password": password, **more})


def test_a_stranger_goes_to_the_login_page_and_back(company) -> None:
    client = Client()
    first = client.get("/customers/?grade=A")
    assert first.status_code == 302
    assert first["Location"] == "/login/?next=%2Fcustomers%2F%3Fgrade%3DA"
    assert enter(client, next="/customers/?grade=A")["Location"] == "/customers/?grade=A"
    assert AuditEntry.unscoped.filter(command="staff.signed_in").count() == 1


@pytest.mark.parametrize(
    "there", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_next_never_leads_away(company, there) -> None:
    assert enter(Client(), next=there)["Location"] == "/"


def test_a_wrong_password_keeps_the_name_and_says_so(company) -> None:
    response = enter(Client(), password="geheim-77")
    assert response.status_code == 422
    page = response.content.decode()
    assert 'value="agent"' in page and "登录名或密码不对" in page and "geheim-77" not in page


def test_an_unknown_name_gets_the_same_answer_and_takes_as_long(company, settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    staff = company.staff["agent"]
    with permit_writes("test"):
        staff.set_password(PASSWORD)
        staff.save()

    def timed(name):
        start = time.perf_counter()
        text = enter(Client(), name=name, password="x").content.decode()
        return time.perf_counter() - start, "登录名或密码不对" in text

    timed("agent")
    known, unknown = timed("agent"), timed("nobody-here")
    assert known[1] and unknown[1]
    assert 0.2 < unknown[0] / known[0] < 5


def test_too_many_tries_wait_even_with_the_right_password(company) -> None:
    for _ in range(8):
        enter(Client(), password="wrong")
    response = enter(Client())
    assert response.status_code == 429
    assert "太频繁" in response.content.decode()
    assert enter(Client(), name="super").status_code == 303  # another name is not held


def from_there(number: int) -> dict[str, str]:
    return {"REMOTE_ADDR": f"203.0.113.{number}"}


def test_nobody_is_locked_out_by_a_stranger(company) -> None:
    """Eight wrong tries from an address hold up that address and nobody else."""
    for _ in range(9):
        Client().post("/login/", {"username": "agent", "password": "wrong"}, **from_there(7))
    assert Client().post("/login/", {"username": "agent", "password": PASSWORD}, **from_there(7)).status_code == 429
    assert Client().post("/login/", {"username": "agent", "password": PASSWORD}, **from_there(8)).status_code == 303


def test_nor_by_a_colleague_behind_the_same_address_on_a_device_that_is_known(company) -> None:
    mine = Client()
    assert enter(mine).status_code == 303
    mine.post("/logout/")
    for number in range(70):
        enter(Client(), name=("agent", f"name{number}")[number % 2], password="wrong")
    assert enter(Client()).status_code == 429  # anybody new from here waits
    assert enter(mine).status_code == 303


def test_guessing_from_many_addresses_ends_but_not_for_a_known_device(company) -> None:
    mine = Client()
    enter(mine)
    mine.post("/logout/")
    for number in range(1, 14):
        for _ in range(9):
            Client().post("/login/", {"username": "agent", "password": "wrong"}, **from_there(number))
    assert Client().post("/login/", {"username": "agent", "password": PASSWORD}, **from_there(99)).status_code == 429
    assert enter(mine).status_code == 303


def test_a_link_makes_a_new_device_known_while_strangers_guess(company, sign_in) -> None:
    """Made by oneself or by who manages staff; it signs nobody in and gives no more tries than others have."""
    for number in range(20):
        for _try in range(8):
            Client().post("/login/", {"username": "agent", "password": "wrong"}, **from_there(number))
    page = sign_in("agent").post("/device/").content.decode()
    path = re.search(r"/login/device/[^<\s]+", page)[0]
    fresh = Client()
    opened = fresh.get(path)
    assert (opened.status_code, opened["Location"]) == (303, "/login/") and fresh.get("/").status_code == 302
    assert fresh.post("/login/", {"username": "agent", "password": PASSWORD}, **from_there(99)).status_code == 303
    assert sign_in("admin").post(f"/settings/staff/{company.staff['agent'].pk}/device/").status_code == 200
    assert sign_in("agent").post(f"/settings/staff/{company.staff['admin'].pk}/device/").status_code == 403
    for _again in range(3):  # the same link on other devices: all their tries count together
        other = Client()
        other.get(path)
        answers = [other.post("/login/", {"username": "agent", "password": "wrong"}).status_code for _n in range(4)]
    assert answers == [429] * 4
    assert Client().get(path[:-3] + "aaa/").status_code in (404, 422)
    with clock.frozen(clock.now() + timedelta(minutes=31)):
        assert Client().get(path).status_code == 422
    assert AuditEntry.unscoped.filter(command="staff.pass_device").count() == 2


def test_a_known_device_may_guess_no_more_than_others(company) -> None:
    mine = Client()
    enter(mine)
    mine.post("/logout/")
    for _ in range(8):
        assert enter(mine, password="wrong").status_code == 422
    assert enter(mine).status_code == 429


def test_a_device_is_known_for_whom_it_served_and_cannot_be_made_up(company) -> None:
    mine = Client()
    enter(mine)
    cookie = mine.cookies["yinuo_device"]
    assert cookie["httponly"] and cookie["path"] == "/login/" and "agent" not in cookie.value
    for _ in range(9):
        enter(Client(), name="super", password="wrong")
        enter(Client(), password="wrong")
    mine.post("/logout/")
    assert enter(mine, name="super").status_code == 429  # not known for this name
    forged = Client()
    forged.cookies["yinuo_device"] = cookie.value[:-2] + "AA"
    assert enter(forged).status_code == 429


def test_an_ipv6_household_is_one_address() -> None:
    from yinuo.kernel.address import network_of

    assert network_of("2001:db8:1:2::7") == network_of("2001:db8:1:2:ffff::1") != network_of("2001:db8:1:3::7")
    assert network_of("::ffff:203.0.113.9") == network_of("203.0.113.9")
    assert network_of("") == ""


def test_one_address_cannot_try_all_names(company) -> None:
    for number in range(60):
        enter(Client(), name=f"name{number}", password="x")
    assert enter(Client()).status_code == 429


def test_who_left_cannot_enter(company) -> None:
    from yinuo.kernel.command import permit_writes

    with permit_writes("test"):
        type(company.staff["agent"]).objects.filter(username="agent").update(is_active=False)
    assert enter(Client()).status_code == 422


def test_changing_the_password_ends_other_sessions(company) -> None:
    here, there = Client(), Client()
    assert enter(here).status_code == enter(there).status_code == 303
    assert (
        here.post("/password/", {"old": "no", "new": "Ba-shan-ye-yu-9", "again": "Ba-shan-ye-yu-9"}).status_code == 422
    )
    assert here.post("/password/", {"old": PASSWORD, "new": "Ba-shan-ye-yu-9", "again": "other"}).status_code == 422
    assert here.post("/password/", {"old": PASSWORD, "new": "12345678", "again": "12345678"}).status_code == 422
    assert (
        here.post("/password/", {"old": PASSWORD, "new": "Ba-shan-ye-yu-9", "again": "Ba-shan-ye-yu-9"}).status_code
        == 303
    )
    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 302


def test_the_old_password_is_not_guessed_on_an_open_page(agent) -> None:
    sent = {"old": "wrong", "new": "Lu-shan-pu-bu-3", "again": "Lu-shan-pu-bu-3"}
    answers = [agent.post("/password/", sent).status_code for _try in range(9)]
    assert answers == [422] * 8 + [429]
    assert agent.post("/password/", {**sent, "old": PASSWORD}).status_code == 429


def test_leaving(agent) -> None:
    assert agent.get("/logout/").status_code == 405
    assert agent.post("/logout/").status_code == 303
    assert agent.get("/").status_code == 302


def test_forms_without_the_token_are_refused_with_a_sentence(company, sign_in) -> None:
    client = sign_in("agent", enforce_csrf_checks=True)
    response = client.post("/customers/new/", {"name": "张三", "kind": "person"})
    assert response.status_code == 403
    page = response.content.decode()
    assert "安全校验已过期" in page and "张三" in page  # what was typed is shown back


def test_no_grant_no_page(sign_in) -> None:
    response = sign_in("stock").get("/audit/")
    assert response.status_code == 403
    assert "您的岗位不能使用这一页" in response.content.decode()


def test_missing_page_and_missing_record_are_not_told_apart_by_status(agent) -> None:
    for path in ("/nothing-here/", "/customers/999999/", "/matters/999999/", "/inbox/999999/", "/tasks/999999/"):
        response = agent.get(path)
        assert response.status_code == 404
        assert "没有" in response.content.decode()


def test_a_fragment_request_gets_a_toast_instead_of_a_page(agent) -> None:
    response = agent.get("/customers/999999/", headers={"HX-Request": "true"})
    assert response.status_code == 404
    assert response["HX-Reswap"] == "none" and "toast" in response["HX-Trigger"]


def test_an_expired_session_in_a_fragment_leads_to_the_login_page(company) -> None:
    response = Client().get("/inbox/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/inbox/?q=a"})
    assert response["HX-Redirect"] == "/login/?next=%2Finbox%2F%3Fq%3Da"


def test_dark_and_back(agent, company) -> None:
    assert 'data-bs-theme="light"' in agent.get("/").content.decode()
    agent.post("/preferences/", {"theme": "dark"}, headers={"Referer": "http://testserver/inbox/"})
    assert 'data-bs-theme="dark"' in agent.get("/").content.decode()
