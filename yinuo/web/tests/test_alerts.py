"""Being told what happens to one's account, and saying that it was somebody else."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client

from yinuo.channels.email.commands.mailboxes import save_mailbox
from yinuo.identity.alerts import link_token
from yinuo.identity.commands import add_code_app, create_api_key, disown_by_link, edit_staff, reset_password
from yinuo.identity.models import SecurityEvent, Staff, StaffSession
from yinuo.identity.queries import actor_for_key
from yinuo.jobs import security_mail
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as
from yinuo.kernel.command import permit_writes
from yinuo.kernel.models import AuditEntry
from yinuo.web.tests.conftest import PASSWORD, SYSTEM
from yinuo.web.tests.test_second_step import SECRET, code_at
from yinuo.web.tests.test_sessions import PHONE, WINDOWS, inside

Kind = SecurityEvent.Kind


def enter(name="agent", password=PASSWORD, agent=WINDOWS, ip="203.0.113.7", client=None) -> Client:
    client = client or Client(headers={"User-Agent": agent}, REMOTE_ADDR=ip)
    client.post("/login/", {"username": name, "password": password})
    return client


def kinds(name="agent") -> list[str]:
    return list(SecurityEvent.unscoped.filter(staff__username=name).order_by("pk").values_list("kind", flat=True))


@pytest.fixture
def event(company):
    """The agent has signed in from home, and then somebody from elsewhere."""
    company.home = enter()
    company.elsewhere = enter(agent=PHONE, ip="198.51.100.9")
    return SecurityEvent.unscoped.get()


def test_the_first_time_is_nothing_to_tell_and_the_same_place_never(company) -> None:
    home = enter()
    home.post("/logout/")
    enter(client=home)
    assert kinds() == []


def test_a_new_device_and_a_new_address_are_told(company) -> None:
    home = enter()
    enter(agent=PHONE)  # another device at the same address
    home.post("/logout/")
    moving = Client(headers={"User-Agent": WINDOWS}, REMOTE_ADDR="198.51.100.9")
    moving.cookies["yinuo_device"] = home.cookies["yinuo_device"].value
    enter(client=moving)  # the same device elsewhere
    told = list(SecurityEvent.unscoped.order_by("pk").values_list("kind", "ip", "device"))
    assert told == [
        ("new_place", "203.0.113.7", "微信 · iPhone"), ("new_place", "198.51.100.9", "Chrome · Windows"),
    ]  # fmt: skip
    enter("super")
    assert kinds("super") == []  # the first time of somebody else on a known address


def test_it_stands_among_the_notices_with_its_own_page(event, company) -> None:
    page = company.home.get("/notifications/").content.decode()
    assert "在新的设备或地方登录" in page and f"/security/events/{event.pk}/" in page
    own = company.home.get(f"/security/events/{event.pk}/").content.decode()
    assert "微信 · iPhone" in own and "198.51.100.9" in own and "这不是我" in own
    assert enter("super").get(f"/security/events/{event.pk}/").status_code == 404


def test_what_changes_an_account_is_told_to_its_owner(company) -> None:
    agent = company.staff["agent"]
    with permit_writes("test"):
        Staff.objects.filter(pk=agent.pk).update(email="old@example.cn")
    home = enter()
    new = {"old": PASSWORD, "new": "Ba-shan-ye-yu-9", "again": "Ba-shan-ye-yu-9"}
    home.post("/password/", new)
    with acting_as(company.actor("agent")):
        add_code_app(secret=SECRET, code=code_at())
    with acting_as(company.actor("admin")):
        reset_password(staff_id=agent.pk, new="Lu-shan-pu-bu-3")
        now = Staff.objects.get(pk=agent.pk)
        edit_staff(
            staff_id=agent.pk, name=now.name, unit_id=now.unit_id, role_codes=["agent"], phone="", active=True,
            email="new@example.cn", manager_id=None, expected_version=now.version,
        )  # fmt: skip
    assert kinds() == ["password", "step_added", "reset", "email"]
    assert SecurityEvent.unscoped.get(kind="reset").by_name == "管理员"
    assert SecurityEvent.unscoped.get(kind="email").addresses == ["new@example.cn", "old@example.cn"]  # the old one too


def test_wrong_second_steps_after_the_right_password_are_told_once_a_day(company) -> None:
    with acting_as(company.actor("agent")):
        add_code_app(secret=SECRET, code=code_at())
    thief = enter(ip="198.51.100.9")
    for _n in range(12):
        thief.post("/login/step/", {"code": "000000"})
    assert kinds() == ["step_added", "guessed"]


def test_this_was_not_me_ends_everything_and_locks(event, company) -> None:
    with acting_as(SYSTEM):
        key = create_api_key(name="x", staff_id=company.staff["agent"].pk, grants=["matter.read"])["secret"]
    answer = company.home.post(f"/security/events/{event.pk}/not-me/")
    assert (answer.status_code, answer["Location"]) == (303, "/login/")
    assert not inside(company.home) and not inside(company.elsewhere)
    assert actor_for_key(key, at=clock.now()) is None
    locked = Client().post("/login/", {"username": "agent", "password": PASSWORD})
    assert locked.status_code == 403 and "已锁定" in locked.content.decode()
    stranger = Client().post("/login/", {"username": "agent", "password": "wrong"})
    assert "已锁定" not in stranger.content.decode()  # told only to who knows the password
    admin = enter("admin")
    assert "林晓雯 · 账号已锁定" in admin.get("/notifications/").content.decode()
    assert "核实后解锁" in admin.get(f"/settings/staff/{company.staff['agent'].pk}/").content.decode()


def test_an_administrator_unlocks_with_another_password(event, company) -> None:
    company.home.post(f"/security/events/{event.pk}/not-me/")
    path, admin = f"/settings/staff/{company.staff['agent'].pk}/unlock/", enter("admin")
    assert enter("super").get(path).status_code == 403
    assert admin.post(path, {"reason": "当面核实", "new": "short"}).status_code == 422
    assert admin.post(path, {"reason": "", "new": "Lu-shan-pu-bu-3"}).status_code == 422
    assert admin.post(path, {"reason": "当面核实", "new": "Lu-shan-pu-bu-3"}).status_code == 303
    assert Client().post("/login/", {"username": "agent", "password": PASSWORD}).status_code == 422
    assert enter(password="Lu-shan-pu-bu-3").get("/")["Location"] == "/password/"
    assert AuditEntry.unscoped.get(command="staff.unlock").data["reason"] == "当面核实"
    assert admin.get(path).status_code == 404


def test_what_was_handled_locks_nobody_again(event, company) -> None:
    path = f"/login/not-me/{link_token(event)}/"
    Client().post(path)
    unlock = {"reason": "当面核实", "new": "Lu-shan-pu-bu-3"}
    assert enter("admin").post(f"/settings/staff/{company.staff['agent'].pk}/unlock/", unlock).status_code == 303
    again = Client().post(path)
    assert again.status_code == 409 and "处理过" in again.content.decode()
    assert not Staff.objects.filter(locked_at__isnull=False).exists()


def test_one_disowns_only_ones_own_and_only_what_one_could_have_done(event, company) -> None:
    assert enter("super").post(f"/security/events/{event.pk}/not-me/").status_code == 404
    with acting_as(company.actor("admin")):
        reset_password(staff_id=company.staff["super"].pk, new="Lu-shan-pu-bu-3")
    reset = SecurityEvent.unscoped.get(kind="reset")
    assert enter("super", "Lu-shan-pu-bu-3").post(f"/security/events/{reset.pk}/not-me/").status_code in (302, 404)
    assert not Staff.objects.filter(locked_at__isnull=False).exists()


def test_the_link_of_the_mail_does_nothing_by_itself_and_locks_by_its_button(event, company) -> None:
    path = f"/login/not-me/{link_token(event)}/"
    stranger = Client()
    page = stranger.get(path)
    assert page.status_code == 200 and "这不是我，锁定账号" in page.content.decode()
    assert inside(company.home)  # mail programs look at links
    assert "已锁定" in stranger.post(path).content.decode()
    assert not inside(company.home) and not inside(stranger)
    stranger.post(path)
    assert kinds().count("locked") == 1
    assert Client().get(path[:-4] + "aaa/").status_code == 422
    with clock.frozen(clock.now() + timedelta(days=8)):
        assert Client().get(path).status_code == 422


def test_who_is_half_way_in_or_has_a_passkey_does_not_get_past_a_lock(company) -> None:
    with acting_as(company.actor("agent")):
        add_code_app(secret=SECRET, code=code_at())
    with permit_writes("test"):
        company.staff["agent"].code_app.last_step = 0
        company.staff["agent"].code_app.save()
    half = enter()
    disown_by_link(event_id=SecurityEvent.unscoped.get(kind="step_added").pk, by=SYSTEM)
    answer = half.post("/login/step/", {"code": code_at()})
    assert answer.status_code in (303, 403) and not inside(half)
    assert not StaffSession.objects.filter(staff__isnull=False).exists()


def test_the_mail_says_what_happened_and_holds_the_link(event, company, monkeypatch, settings) -> None:
    settings.PUBLIC_URL = "https://yinuo.example"
    sent = []
    monkeypatch.setattr(security_mail, "deliver", lambda box, to, message: sent.append((to, message)))
    with acting_as(SYSTEM):
        assert security_mail.send(event.pk) == "no mailbox"
        save_mailbox(
            name="客服", address="kf@example.cn", unit_id=company.desk.pk, smtp_host="mail.example.cn", smtp_port=465,
            smtp_security="tls",
        )  # fmt: skip
        with permit_writes("test"):
            SecurityEvent.unscoped.update(addresses=["lin@example.cn"])
        security_mail.send(event.pk)
        security_mail.send(event.pk)
    ((to, message),) = sent  # never twice
    text = message.get_content()
    assert to == "lin@example.cn" and "在新的设备或地方登录" in str(message["Subject"])
    assert "微信 · iPhone" in text and "198.51.100.9" in text
    link = re.search(r"https://yinuo\.example/\S+", text)[0]
    assert Client().get(urlsplit(link).path).status_code == 200
    assert SecurityEvent.unscoped.get().mailed == ["lin@example.cn"]


def test_statements(event, company, django_assert_num_queries) -> None:
    with django_assert_num_queries(4):
        company.home.get(f"/security/events/{event.pk}/")
