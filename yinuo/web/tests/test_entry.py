"""Signing in, being kept out, leaving, and what is said when something goes wrong."""

import time

import pytest
from django.test import Client

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
    response = enter(Client(), password="wrong")
    assert response.status_code == 422
    page = response.content.decode()
    assert 'value="agent"' in page and "登录名或密码不对" in page and "wrong" not in page


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
