"""What a password must be, and that one somebody else chose is good for one sign-in."""

from types import SimpleNamespace

import pytest
from django.test import Client

from yinuo.identity.commands import change_password, create_staff, reset_password
from yinuo.identity.models import Staff
from yinuo.identity.passwords import RULE, checked
from yinuo.identity.tests.conftest import PASSWORD, SYSTEM, acting
from yinuo.kernel.actor import acting_as
from yinuo.kernel.errors import Invalid

LIN = SimpleNamespace(name="林晓雯", username="lin.xiaowen", email="xw.lin@example.cn", phone="13812345678")


@pytest.mark.parametrize(
    "good",
    [
        "desk-7788-x",
        "白日依山尽黄河入海流",
        "correct horse battery staple",
        "aaaaaaaaaaaaaaab",
        "我的猫叫林晓雯因为它很安静也很能睡觉",
    ],
)
def test_long_enough_is_enough(good) -> None:
    """No rules about which signs: a sentence will do, in any script, with spaces."""
    assert checked(good, LIN) == good


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("白日依山尽", "10"), ("ab-7788-x", "10"), ("1234567890", "常见"), ("password123", "常见"), ("Qwertyuiop", "常见"),
        ("lin.xiaowen", "太像"), ("LinXiaowen8", "太像"), ("xiaowenlin1", "太像"), ("林晓雯林晓雯林晓雯1", "太像"), ("13812345678", "太像"),
        ("xw.lin@example.cn", "太像"),
    ],
)  # fmt: skip
def test_short_common_and_oneself_are_refused_with_the_reason(bad, why) -> None:
    with pytest.raises(Invalid) as refused:
        checked(bad, LIN)
    assert why in refused.value.fields["password"] and bad not in refused.value.message


def enter(password, name="agent"):
    client = Client()
    client.post("/login/", {"username": name, "password": password})
    return client


def test_what_an_administrator_chose_opens_one_page_only(company) -> None:
    with acting_as(acting(company.admin)):
        reset_password(staff_id=company.agent.pk, new="Lu-shan-pu-bu-3")
    client = enter("Lu-shan-pu-bu-3")
    for path in ("/", "/inbox/", "/notifications/", "/live-ticket/", "/preferences/", "/login/"):
        answer = client.get(path)
        assert (answer.status_code, answer["Location"]) in ((302, "/password/"), (303, "/password/")), path
    assert client.post("/preferences/", {"theme": "dark"})["Location"] == "/password/"
    assert client.get("/inbox/", headers={"HX-Request": "true"})["HX-Redirect"] == "/password/"
    page = client.get("/password/").content.decode()
    assert "设一个自己的密码" in page and str(RULE) in page and "y-rail" not in page
    same = {"old": "Lu-shan-pu-bu-3", "new": "Lu-shan-pu-bu-3", "again": "Lu-shan-pu-bu-3"}
    assert "要与原来的不同" in client.post("/password/", same).content.decode()
    own = {"old": "Lu-shan-pu-bu-3", "new": "Ba-shan-ye-yu-9", "again": "Ba-shan-ye-yu-9"}
    assert client.post("/password/", own).status_code == 303
    assert client.get("/").status_code == 200
    assert enter("Ba-shan-ye-yu-9").get("/").status_code == 200


def test_who_owes_a_password_can_leave(company) -> None:
    with acting_as(acting(company.admin)):
        reset_password(staff_id=company.agent.pk, new="Lu-shan-pu-bu-3")
    client = enter("Lu-shan-pu-bu-3")
    assert client.post("/logout/").status_code == 303
    assert client.get("/")["Location"].startswith("/login/")


def test_a_new_account_made_by_a_person_begins_with_its_own_password(company) -> None:
    given = {"name": "新人", "password": "Lu-shan-pu-bu-3", "unit_id": company.desk.pk, "role_codes": ["agent"]}
    with acting_as(acting(company.admin)):
        made = create_staff(username="novice", **given)
        robot = create_staff(username="robot", **{**given, "password": ""}, integration=True)
    assert made.password_due and not robot.password_due
    with acting_as(SYSTEM):  # the demo, an installation: who made it is at the keyboard
        assert not create_staff(username="other", **given).password_due


def test_ones_own_choice_is_owed_by_nobody(company) -> None:
    with acting_as(acting(company.agent)):
        change_password(staff_id=company.agent.pk, old=PASSWORD, new="Lu-shan-pu-bu-3")
    with acting_as(acting(company.admin)):
        reset_password(staff_id=company.admin.pk, new="Lu-shan-pu-bu-3")
    assert not Staff.objects.filter(password_due=True).exists()


def test_the_rule_is_shown_before_one_types(company) -> None:
    admin = Client()
    admin.force_login(company.admin)
    for path in ("/password/", "/settings/staff/new/", f"/settings/staff/{company.agent.pk}/password/"):
        assert str(RULE) in admin.get(path).content.decode(), path
