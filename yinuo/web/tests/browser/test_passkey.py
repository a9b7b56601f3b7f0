"""Passkeys with Chromium's virtual authenticator: made, used as the second step, and as the only one."""

from contextlib import contextmanager
from urllib.parse import parse_qs

import pytest
from django.test import Client

from yinuo.identity.models import Passkey, RecoveryCode, StaffSession
from yinuo.kernel.command import permit_writes
from yinuo.kernel.models import AuditEntry
from yinuo.web.tests.browser.conftest import DESKTOP, PASSWORD, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
FINGER = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@contextmanager
def authenticator(page, **changes):
    """A device with a finger that is always there."""
    line = page.context.new_cdp_session(page)
    line.send("WebAuthn.enable")
    made = line.send("WebAuthn.addVirtualAuthenticator", {"options": {**FINGER, **changes}})["authenticatorId"]
    yield line, made
    line.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": made})


@pytest.fixture
def house(live_server, settings):
    """Passkeys are for a name, not for a number: the product is reached as localhost."""
    settings.PUBLIC_URL = live_server.url.replace("127.0.0.1", "localhost")
    assert "localhost" in settings.PUBLIC_URL
    return settings.PUBLIC_URL


def enter(page, house, name="wang") -> None:
    page.goto(f"{house}/login/")
    page.get_by_label("登录名").fill(name)
    page.get_by_label("密码", exact=False).first.fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url(lambda url: "/login/" not in url or "step" in url)


def leave(page, house) -> None:
    page.context.clear_cookies()
    page.goto(f"{house}/login/")


def make(page, house, name="办公室电脑") -> None:
    page.goto(f"{house}/security/second-step/")
    page.get_by_label("给它起个名字").fill(name)
    page.get_by_role("button", name="添加通行密钥").click()
    page.get_by_text("十个恢复码").wait_for()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_made_then_used_as_second_step_and_alone(firm, visit, house, size) -> None:
    with visit("", size) as page, authenticator(page) as (line, device):
        enter(page, house)
        make(page, house)
        assert page.locator(".y-codes li").count() == 10
        page.get_by_role("link", name="已记好").click()
        page.get_by_text("办公室电脑").wait_for()
        key = Passkey.objects.get()
        assert key.name == "办公室电脑" and RecoveryCode.objects.filter(staff=key.staff).count() == 10
        assert len(line.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]) == 1

        leave(page, house)
        enter(page, house)
        assert page.url == f"{house}/login/step/"
        page.get_by_role("button", name="用通行密钥").click()
        page.wait_for_url(f"{house}/")
        assert StaffSession.objects.get(way="password+passkey").staff == key.staff

        leave(page, house)
        page.goto(f"{house}/login/?next=/inbox/")
        page.get_by_role("button", name="用通行密钥登录").click()
        page.wait_for_url(f"{house}/inbox/")
        assert StaffSession.objects.get(way="passkey").staff == key.staff
        assert Passkey.objects.get().sign_count > key.sign_count


def test_without_a_finger_it_is_a_second_step_but_not_the_only_one(firm, visit, house) -> None:
    """A key that cannot tell whose finger it is proves that it is there, and no more."""
    with visit("") as page, authenticator(page, hasUserVerification=False, isUserVerified=False):
        enter(page, house)
        make(page, house)
        leave(page, house)
        page.get_by_role("button", name="用通行密钥登录").click()
        page.locator("[data-passkey-wrong]:not([hidden]), .y-toast").first.wait_for()
        assert not StaffSession.objects.filter(way="passkey").exists()
        enter(page, house)
        page.get_by_role("button", name="用通行密钥").click()
        page.wait_for_url(f"{house}/")


def test_a_copied_key_a_kept_answer_and_a_foreign_challenge_are_refused(firm, visit, house) -> None:
    with visit("") as page, authenticator(page):
        enter(page, house)
        make(page, house)
        leave(page, house)
        sent = []
        page.on(
            "request", lambda asked: sent.append(asked.post_data) if asked.url.endswith("/login/passkey/") else None
        )
        page.get_by_role("button", name="用通行密钥登录").click()
        page.wait_for_url(f"{house}/")
        reply = parse_qs(sent[0])["reply"][0]
        thief = Client(SERVER_NAME="localhost")
        assert thief.post("/login/passkey/", {"reply": reply})["Location"] == "/login/"  # no challenge of its own
        thief.post("/login/passkey/options/")
        assert thief.post("/login/passkey/", {"reply": reply})["Location"] == "/login/"  # nor of this one
        for junk in ("", "{}", "[]", "null", '{"id": 1, "response": {}}', reply[:-9], "x" * 20001):
            thief.post("/login/passkey/options/")
            assert thief.post("/login/passkey/", {"reply": junk})["Location"] == "/login/", junk[:20]
        assert thief.get("/").status_code == 302
        leave(page, house)
        with permit_writes("test"):
            Passkey.objects.update(sign_count=1000)  # another copy of the key has gone on counting
        page.get_by_role("button", name="用通行密钥登录").click()
        page.get_by_text("没有通过").wait_for()
        assert AuditEntry.unscoped.filter(command="staff.step_by_passkey").count() == 1


def test_a_browser_that_cancels_is_told_so_and_may_try_again(firm, visit, house) -> None:
    with visit("") as page, authenticator(page):
        page.goto(f"{house}/login/")
        page.get_by_role("button", name="用通行密钥登录").click()  # none is known on this device
        said = page.locator("[data-passkey-wrong]:not([hidden])")
        said.wait_for()
        assert "没有完成" in said.inner_text() and said.get_attribute("role") == "alert"
        assert page.get_by_role("button", name="用通行密钥登录").is_enabled()
