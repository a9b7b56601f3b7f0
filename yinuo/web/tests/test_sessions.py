"""Where one is signed in, ending that, and how long it lasts."""

import re
from datetime import timedelta

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.test import Client
from django.utils import timezone

from yinuo.identity import sessions
from yinuo.identity.agents import device_of
from yinuo.identity.models import EntryRules, StaffSession
from yinuo.kernel.command import permit_writes
from yinuo.kernel.models import AuditEntry
from yinuo.web.tests.conftest import PASSWORD

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605 Mobile/15E148 MicroMessenger/8.0"


def enter(name="agent", agent=WINDOWS, ip="203.0.113.7", password=PASSWORD) -> Client:
    client = Client(headers={"User-Agent": agent}, REMOTE_ADDR=ip)
    assert client.post("/login/", {"username": name, "password": password}).status_code == 303
    return client


def inside(client) -> bool:
    return client.get("/").status_code == 200


def row_of(client) -> StaffSession:
    return StaffSession.objects.get(pk=client.cookies["sessionid"].value)


def moved(client, **ago) -> None:
    """As if the session had been opened, or used, so long ago."""
    session = client.session
    for name, length in ago.items():
        session[name] = (timezone.now() - length).isoformat()
    session.save()


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (WINDOWS, "Chrome · Windows"), (PHONE, "微信 · iPhone"), ("curl/8.5", "curl"), ("", ""),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox · Linux"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit/605.1 Version/17 Safari/605.1", "Safari · macOS"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0", "Edge · Windows"),
    ],
)  # fmt: skip
def test_a_device_is_named_so_that_its_owner_knows_it(agent, device) -> None:
    assert device_of(agent) == device


def test_one_sees_where_one_is_signed_in_and_nobody_elses(company) -> None:
    here, there, _other = enter(), enter(agent=PHONE, ip="198.51.100.9"), enter("super", ip="192.0.2.77")
    page = here.get("/security/").content.decode()
    assert "Chrome · Windows" in page and "203.0.113.7" in page and "微信 · iPhone" in page and "198.51.100.9" in page
    assert "192.0.2.77" not in page
    for client in (here, there):
        assert client.cookies["sessionid"].value not in page  # a page is no place for a key
    assert page.count(">这一台<") == 1 and page.index(">这一台<") < page.index("微信")


def test_ending_one_session_ends_that_one(company) -> None:
    here, there, third = enter(), enter(agent=PHONE), enter(agent="curl/8")
    mark = sessions.mark(there.cookies["sessionid"].value)
    assert here.post(f"/security/sessions/{mark}/end/").status_code == 303
    assert inside(here) and not inside(there) and inside(third)
    assert here.post(f"/security/sessions/{mark}/end/").status_code == 404


def test_nobody_ends_a_colleagues_session_by_its_mark(company) -> None:
    here, other = enter(), enter("super")
    mark = sessions.mark(other.cookies["sessionid"].value)
    assert here.post(f"/security/sessions/{mark}/end/").status_code == 404
    assert inside(other)


def test_ending_all_others(company) -> None:
    here, there, other = enter(), enter(agent=PHONE), enter("super")
    assert here.post("/security/sessions/end/").status_code == 303
    assert inside(here) and not inside(there) and inside(other)


def test_an_administrator_ends_all_of_a_person(company) -> None:
    first, second, admin = enter(), enter(agent=PHONE), enter("admin")
    path = f"/settings/staff/{company.staff['agent'].pk}/sessions/end/"
    assert second.post(path).status_code == 403
    assert admin.post(path).status_code == 303
    assert not inside(first) and not inside(second) and inside(admin)
    assert AuditEntry.unscoped.get(command="staff.end_sessions").data == {"sessions": 2}
    assert inside(enter())


def test_the_key_changes_at_sign_in_and_at_a_new_password(company) -> None:
    client = Client()
    planted = client.session
    planted["x"] = 1
    planted.save()
    before = planted.session_key
    client.cookies["sessionid"] = before
    client.post("/login/", {"username": "agent", "password": PASSWORD})
    first = client.cookies["sessionid"].value
    assert first != before and not StaffSession.objects.filter(pk=before).exists()
    new = {"old": PASSWORD, "new": "Ba-shan-ye-yu-9", "again": "Ba-shan-ye-yu-9"}
    other = enter(agent=PHONE)
    assert client.post("/password/", new).status_code == 303
    assert client.cookies["sessionid"].value != first and inside(client) and not inside(other)
    assert StaffSession.objects.filter(staff=company.staff["agent"]).count() == 1  # the others are gone, not only void


def test_a_session_unused_too_long_has_ended(company) -> None:
    client = enter()
    end = row_of(client).expire_date
    assert abs(end - timezone.now() - timedelta(minutes=EntryRules.IDLE)) < timedelta(minutes=1)
    with permit_writes("test"):
        StaffSession.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert not inside(client)


def test_being_used_moves_the_end_but_not_beyond_the_longest(company) -> None:
    client = enter()
    first = row_of(client)
    assert inside(client) and row_of(client).seen_at == first.seen_at  # seconds later nothing is written
    moved(client, seen=timedelta(minutes=6))
    assert inside(client)
    later = row_of(client)
    assert later.seen_at >= first.seen_at and later.expire_date > first.expire_date
    moved(client, seen=timedelta(minutes=6), began=timedelta(hours=11, minutes=50))
    assert inside(client)
    assert row_of(client).expire_date < timezone.now() + timedelta(minutes=11)


def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(company) -> None:
    client = enter()
    moved(client, seen=timedelta(minutes=30))
    before = row_of(client).expire_date
    client.get("/live-ticket/")
    client.post("/notifications/heard/")
    client.get("/matters/", headers={"HX-Request": "true", "X-Part": "rows"})
    assert row_of(client).expire_date == before
    assert inside(client) and row_of(client).expire_date > before


def test_the_lifetimes_are_set_by_an_administrator_and_hold_at_once(company) -> None:
    client, admin = enter(), enter("admin")
    assert client.get("/settings/entry/").status_code == 403
    version = re.search(r'name="version" value="(\d+)"', admin.get("/settings/entry/").content.decode())[1]
    wrong = admin.post("/settings/entry/", {"idle_minutes": "1", "absolute_hours": "999", "version": version})
    assert wrong.status_code == 422 and "5 到 1440" in wrong.content.decode() and "1 到 168" in wrong.content.decode()
    moved(client, seen=timedelta(minutes=20))
    given = {"idle_minutes": "15", "absolute_hours": "8", "version": version}
    assert admin.post("/settings/entry/", given).status_code == 303
    assert not inside(client) and inside(admin)
    assert admin.post("/settings/entry/", given).status_code == 409  # from before the change
    assert row_of(enter()).expire_date < timezone.now() + timedelta(minutes=16)


def test_a_session_that_was_ended_does_not_come_back_with_a_late_answer(company) -> None:
    client = enter()
    late = client.session
    assert late["way"] == "password"
    with permit_writes("test"):
        StaffSession.objects.filter(pk=late.session_key).delete()
    late["x"] = 1
    with pytest.raises(UpdateError):
        late.save()
    assert not inside(client)


def test_statements(sign_in, django_assert_num_queries, company) -> None:
    client = enter()
    for _n in range(3):
        with django_assert_num_queries(6):
            client.get("/security/")
        enter(agent=PHONE)
