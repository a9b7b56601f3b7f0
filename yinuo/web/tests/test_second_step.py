"""Entering in two steps, being made to set one up, and changing it."""

import re
from datetime import timedelta

import pyotp
import pytest
from django.test import Client

from yinuo.identity.commands import add_code_app, create_api_key, require_second_step, reset_password
from yinuo.identity.models import CodeApp, StaffSession
from yinuo.identity.queries import entry_rules
from yinuo.identity.second_step import steps_of
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as
from yinuo.kernel.command import permit_writes
from yinuo.web.tests.conftest import PASSWORD, SYSTEM

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code_at(when=None, secret=SECRET) -> str:
    return pyotp.TOTP(secret).at(when or clock.now())


@pytest.fixture
def protected(company):
    """The agent has the app; the codes are those of recovery."""
    with acting_as(company.actor("agent")):
        company.codes = add_code_app(secret=SECRET, code=code_at(), at=clock.now())
    with permit_writes("test"):
        CodeApp.objects.update(last_step=0)
    return company


def first_step(name="agent", *, ip="127.0.0.1", **more) -> Client:
    client = Client(REMOTE_ADDR=ip)
    client.post("/login/", {"username": name, "password": PASSWORD, **more})
    return client


def require(company, *roles, days=0) -> None:
    with acting_as(company.actor("admin")):
        require_second_step(roles=roles, grace_days=days, expected_version=entry_rules().version)


def test_the_password_alone_opens_nothing(protected) -> None:
    client = Client()
    answer = client.post("/login/?next=/inbox/", {"username": "agent", "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (303, "/login/step/")
    for path in ("/", "/inbox/", "/security/", "/live-ticket/"):
        assert client.get(path)["Location"].startswith("/login/"), path
    assert not StaffSession.objects.filter(staff__isnull=False).exists()


def test_with_the_code_one_is_in_under_a_new_key_where_one_wanted_to_go(protected) -> None:
    client = first_step(next="/inbox/")
    half = client.cookies["sessionid"].value
    page = client.get("/login/step/").content.decode()
    assert "林晓雯" in page and "六位验证码" in page and 'autocomplete="one-time-code"' in page
    answer = client.post("/login/step/", {"code": code_at()})
    assert (answer.status_code, answer["Location"]) == (303, "/inbox/")
    assert client.cookies["sessionid"].value != half and client.get("/").status_code == 200
    assert "密码和验证码" in client.get("/security/").content.decode()
    half_way = Client()
    half_way.cookies["sessionid"] = half
    assert half_way.get("/login/step/")["Location"] == "/login/"


def test_a_session_planted_before_the_first_step_is_nobody_after_it(protected) -> None:
    planted = Client()
    planted.post("/login/passkey/options/")
    victim = Client()
    victim.cookies["sessionid"] = planted.cookies["sessionid"].value
    victim.post("/login/", {"username": "agent", "password": PASSWORD})
    assert planted.get("/login/step/")["Location"] == "/login/"
    victim.post("/login/step/", {"code": code_at()})
    assert victim.get("/").status_code == 200 and planted.get("/").status_code == 302


def test_a_code_is_good_once(protected) -> None:
    code = code_at()
    assert first_step().post("/login/step/", {"code": code}).status_code == 303
    again = first_step().post("/login/step/", {"code": code})
    assert again.status_code == 422 and "已经用过" in again.content.decode()


def test_a_recovery_code_stands_in_and_is_used_up(protected) -> None:
    client = first_step()
    assert "恢复码" in client.get("/login/step/?recovery=1").content.decode()
    assert client.post("/login/step/?recovery=1", {"code": "AAAA-BBBB-CCCC-DDDD"}).status_code == 422
    assert client.post("/login/step/?recovery=1", {"code": protected.codes[0]}).status_code == 303
    assert "恢复码还有 9 个" in client.get("/security/").content.decode()
    assert first_step().post("/login/step/?recovery=1", {"code": protected.codes[0]}).status_code == 422


def test_guessing_the_second_step_is_held_up_as_guessing_passwords_is(protected) -> None:
    client = first_step()
    answers = [client.post("/login/step/", {"code": f"{n:06d}"}).status_code for n in range(9)]
    assert answers == [422] * 8 + [429]
    assert client.post("/login/step/", {"code": code_at()}).status_code == 429
    assert first_step("super").get("/").status_code == 200  # nobody else waits


@pytest.mark.parametrize(
    "reply", ["[" * 20_000, '{"id": "a\\u0000", "response": {}}', '{"id": "\\ud800", "response": {}}', '{"id": 5, "response": {}}',
              '{"id": "eA", "response": {"userHandle": "é"}}', "null", "{", '{"id": "", "response": []}'],
)  # fmt: skip
def test_an_answer_no_browser_gives_is_refused_in_a_sentence(company, reply) -> None:
    client = Client(raise_request_exception=False)
    client.post("/login/passkey/options/")
    answer = client.post("/login/passkey/", {"reply": reply})
    assert (answer.status_code, answer["Location"]) == (303, "/login/")


def test_a_password_somebody_else_chose_is_changed_first_also_after_two_steps(protected) -> None:
    with acting_as(protected.actor("admin")):
        reset_password(staff_id=protected.staff["agent"].pk, new="Lu-shan-pu-bu-3")
    client = Client()
    client.post("/login/", {"username": "agent", "password": "Lu-shan-pu-bu-3"})
    client.post("/login/step/", {"code": code_at()})
    assert client.get("/")["Location"] == "/password/"


def test_guessing_it_from_everywhere_ends_for_the_day(protected) -> None:
    now, answers = clock.now(), []
    for n in range(8):
        with clock.frozen(now + timedelta(minutes=16 * n)):
            client = first_step(ip=f"198.51.100.{n}")
            answers += [client.post("/login/step/", {"code": f"{k:06d}"}).status_code for k in range(8)]
    assert answers == [422] * 60 + [429] * 4
    with clock.frozen(now + timedelta(days=1, minutes=1)):
        client = first_step(ip="198.51.100.99")
        assert client.post("/login/step/", {"code": code_at()}).status_code == 303


def test_who_is_half_way_in_does_not_stay_so(protected) -> None:
    client = first_step()
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        answer = client.post("/login/step/", {"code": code_at()})
        assert (answer.status_code, answer["Location"]) == (303, "/login/")
    other = first_step()
    with permit_writes("test"):
        staff = protected.staff["agent"]
        staff.set_password("Ba-shan-ye-yu-9")
        staff.save()
    assert other.post("/login/step/", {"code": code_at()})["Location"] == "/login/"


def test_one_sets_it_up_by_oneself(company) -> None:
    client, other = first_step(), first_step()
    page = client.get("/security/second-step/app/").content.decode()
    secret = re.search(r'class="y-revealed y-mono">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
    assert "data:image/svg+xml" in page and "<script>" not in page
    wrong = client.post("/security/second-step/app/", {"code": "000000"})
    assert wrong.status_code == 422 and secret[:4] in wrong.content.decode()  # the same one is still shown
    before = client.cookies["sessionid"].value
    shown = client.post("/security/second-step/app/", {"code": code_at(secret=secret)}).content.decode()
    codes = re.findall(r"<li>([A-Z0-9-]{19})</li>", shown)
    assert len(codes) == 10 and "no-store" in client.get("/security/second-step/")["Cache-Control"]
    assert client.cookies["sessionid"].value != before and client.get("/").status_code == 200
    assert other.get("/").status_code == 302  # who came by the password alone is out
    assert first_step().get("/")["Location"].startswith("/login/")
    assert client.post("/security/second-step/codes/").status_code == 200
    assert first_step().post("/login/step/?recovery=1", {"code": codes[0]}).status_code == 422  # the old ones are void
    assert client.post("/security/second-step/app/remove/").status_code == 303
    assert first_step().get("/").status_code == 200 and steps_of(company.staff["agent"].pk).codes == 0


def test_who_must_have_one_sets_it_up_first_and_sees_nothing_else(company) -> None:
    require(company, "agent")
    client = first_step(next="/inbox/")
    for path in ("/", "/inbox/", "/security/", "/password/", "/notifications/", "/login/"):
        assert client.get(path)["Location"] == "/security/second-step/", path
    page = client.get("/security/second-step/").content.decode()
    assert "先设好两步登录" in page and "y-rail" not in page and "退出登录" in page
    secret = re.search(r"y-mono\">([A-Z2-7 ]+)<", client.get("/security/second-step/app/").content.decode())[1]
    code = code_at(secret=secret.replace(" ", ""))
    assert client.post("/security/second-step/app/", {"code": code}).status_code == 200
    assert client.get("/").status_code == 200
    assert first_step("super").get("/").status_code == 200  # another role need not
    refused = client.post("/security/second-step/app/remove/")
    assert refused.status_code == 409 and "必须有两步登录" in refused.content.decode()


def test_there_are_days_to_do_it_in(company) -> None:
    require(company, "agent", days=7)
    client = first_step()
    assert client.get("/").status_code == 200
    assert "请在" in client.get("/security/second-step/").content.decode()
    with clock.frozen(clock.now() + timedelta(days=7, minutes=1)):
        assert first_step().get("/")["Location"] == "/security/second-step/"


def test_more_roles_begin_their_days_anew_and_fewer_free_at_once(company) -> None:
    require(company, "agent")
    since = entry_rules().step_since
    require(company, "agent", "supervisor", days=5)
    assert entry_rules().step_since > since and first_step().get("/").status_code == 200
    require(company)
    assert first_step().get("/").status_code == 200


def test_the_rules_are_an_administrators(company, sign_in) -> None:
    admin = sign_in("admin")
    assert sign_in("agent").get("/settings/entry/second-step/").status_code == 403
    version = entry_rules().version
    form = {"roles": ["agent", "leader"], "grace_days": "3", "version": version}
    assert admin.post("/settings/entry/second-step/", {**form, "grace_days": "99"}).status_code == 422
    assert admin.post("/settings/entry/second-step/", form).status_code == 303
    rules = entry_rules()
    assert (rules.step_roles, rules.grace_days) == (["agent", "leader"], 3)


def test_changing_it_asks_for_the_password_once_more(protected) -> None:
    client = first_step()
    client.post("/login/step/", {"code": code_at()})
    with clock.frozen(clock.now() + timedelta(minutes=16)):
        asked = client.get("/security/second-step/app/")
        assert asked["Location"] == "/security/prove/?next=%2Fsecurity%2Fsecond-step%2Fapp%2F"
        assert client.post("/security/second-step/app/remove/")["Location"].startswith("/security/prove/")
        assert CodeApp.objects.exists()
        assert client.post(asked["Location"], {"password": "wrong"}).status_code == 422
        assert client.post(asked["Location"], {"password": PASSWORD})["Location"] == "/security/second-step/app/"
        assert client.get("/security/second-step/app/").status_code == 200


def test_the_password_is_not_guessed_where_it_is_asked_again(company) -> None:
    client = first_step()
    answers = [client.post("/security/prove/", {"password": "wrong"}).status_code for _n in range(9)]
    assert answers == [422] * 8 + [429]


def test_a_reset_by_an_administrator_opens_the_way_to_a_new_one(protected, sign_in) -> None:
    client = first_step()
    client.post("/login/step/", {"code": code_at()})
    path = f"/settings/staff/{protected.staff['agent'].pk}/second-step/"
    assert sign_in("super").post(path, {"reason": "手机丢了"}).status_code == 403
    admin = sign_in("admin")
    assert admin.post(path, {"reason": ""}).status_code == 422
    assert admin.post(path, {"reason": "手机丢了，当面核实"}).status_code == 303
    assert client.get("/").status_code == 302 and first_step().get("/").status_code == 200


def test_an_api_key_is_not_asked(company) -> None:
    require(company, "leader")
    with acting_as(SYSTEM):
        made = create_api_key(name="x", staff_id=company.staff["boss"].pk, grants=["matter.read"])
    answer = Client().get("/api/v1/matters", headers={"Authorization": f"Bearer {made['secret']}"})
    assert answer.status_code == 200
