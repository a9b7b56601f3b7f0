"""The doors tried from outside: forged posts, foreign hosts, bodies without end, scripts in every field, odd files."""

import io
import logging
import re
import zipfile
from types import SimpleNamespace
from urllib.parse import unquote

import pytest
from django.test import Client
from django.urls import get_resolver

from tests.fences.test_strangers import NOUNS, OF_THE_HOUSE, addresses, filled, ids
from tests.worlds import world
from yinuo.channels.portal import proof
from yinuo.complaints import commands as c
from yinuo.complaints.tests.conftest import Walk, build
from yinuo.conversations.commands import add_interaction, open_conversation, upload_attachment
from yinuo.conversations.models import Attachment
from yinuo.customers.commands import add_note, create_customer, propose_grade
from yinuo.identity.commands import create_staff
from yinuo.identity.grants import GRANT_CODES
from yinuo.identity.models import Role
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as
from yinuo.kernel.command import permit_writes
from yinuo.kernel.models import AuditEntry, Once
from yinuo.matters.commands import create_task

EVIL = "\"'><xss-mark onfocus=1>=1+1{{7*7}}"
MARK = "<xss-mark"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


@world
def almighty():
    """Somebody who may do and see everything, and a browser of theirs."""
    firm = build()
    with permit_writes("test"):
        Role(code="all", name="全权", grants=sorted(GRANT_CODES), matter_scope="all", customer_scope="all").save()
    with acting_as(firm.system):
        firm.almighty = create_staff(
            username="almighty", name="全", password="desk-7788-x", unit_id=firm.units["hq"].pk, role_codes=["all"]
        )
    return firm


def browser(firm, **options) -> Client:
    client = Client(**options)
    client.force_login(firm.almighty)
    return client


def routes() -> list[tuple[str, object]]:
    found = []

    def walk(patterns, before="/") -> None:
        for one in patterns:
            route = before + str(one.pattern)
            if hasattr(one, "url_patterns"):
                walk(one.url_patterns, route)
            else:
                found.append((route, one.callback))

    walk(get_resolver().url_patterns)
    return found


def anywhere(route: str) -> str:
    return re.sub(r"<\w+:\w+>", "1", route)


#: What machines call: believed by the signature of each call, never by a cookie (`tests/test_sms_reports.py`).
SIGNED = {"/hooks/sms/report/"}


def test_no_post_without_its_token(almighty) -> None:
    client, tried = browser(almighty, enforce_csrf_checks=True), 0
    for route, _view in routes():
        if route.startswith("/api/") or route in SIGNED:
            continue
        answer = client.post(anywhere(route), {"text": "x", "once": "k", "reason": "x", "name": "x"})
        assert answer.status_code == 403, route
        tried += 1
    assert tried > 150


def test_only_the_api_goes_without_and_it_takes_no_cookie(almighty) -> None:
    exempt = [route for route, view in routes() if getattr(view, "csrf_exempt", False)]
    assert exempt and all(route.startswith("/api/") or route in SIGNED for route in exempt)
    assert browser(almighty).get("/api/v1/customers").status_code == 401


def test_a_foreign_host_is_refused_and_never_linked_to(almighty) -> None:
    client = browser(almighty)
    for host in ("evil.example", "testserver.evil.example", "evil.example:80", "testserver@evil.example", "a b"):
        assert client.get("/", headers={"Host": host}).status_code == 400, host
    forwarded = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Server": "evil.example",
        "Forwarded": "host=evil.example",
    }
    page = client.get("/complaints/", headers=forwarded)
    assert page.status_code == 200 and "evil.example" not in page.content.decode()


def test_the_way_back_never_leads_to_another_site(almighty) -> None:
    client = browser(almighty)
    for foreign in (
        "http://testserver.evil.example/",
        "https://evil.example/",
        "javascript:alert(1)",
        "//evil.example",
    ):
        assert "evil" not in client.get("/nowhere/", headers={"Referer": foreign}).content.decode()
        assert "javascript:" not in client.get("/nowhere/", headers={"Referer": foreign}).content.decode()
    assert 'href="http://testserver/inbox/"' in client.get(
        "/nowhere/", headers={"Referer": "http://testserver/inbox/"}
    ).content.decode()  # fmt: skip


def test_every_answer_carries_its_armour(almighty) -> None:
    client = browser(almighty)
    for path in ("/", "/complaints/", "/nowhere/", "/customers/999999/", "/p/", "/p/c/forged/", "/api/v1/customers",
                 "/api/v1/nowhere", "/healthz", "/login/", "/audit/"):  # fmt: skip
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy and "unsafe" not in policy and "object-src 'none'" in policy, path
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["X-Frame-Options"] == "DENY", path
    assert "no-store" in client.get("/complaints/").headers["Cache-Control"]


def test_signing_in_gives_a_fresh_session(almighty) -> None:
    victim = Client()
    victim.get("/login/")
    planted = Client()
    planted.session.save()
    victim.cookies["sessionid"] = planted.session.session_key or "planted-by-somebody"
    before = victim.cookies["sessionid"].value
    answer = victim.post("/login/", {"username": "almighty", "password": "desk-7788-x"})
    cookie = answer.cookies["sessionid"]
    assert answer.status_code == 303 and cookie.value != before
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    planted.cookies["sessionid"] = before
    assert planted.get("/").status_code == 302


@pytest.mark.parametrize(
    ("path", "kind", "length"),
    [
        ("/complaints/register/", "application/x-www-form-urlencoded", 5 * 2**20), ("/drafts/", "application/json", 2**33),
        ("/uploads/", "multipart/form-data; boundary=x", 27 * 2**20), ("/login/", "multipart/form-data; boundary=x", 2**40),
        ("/p/upload/", "multipart/form-data; boundary=x", 27 * 2**20), ("/p/new/complaint/", "text/plain", 2**30),
        ("/p/new/complaint/", "multipart/form-data; boundary=x", 2**30), ("/uploads/", "application/json", -1),
    ],
)  # fmt: skip
def test_a_body_without_end_is_refused_before_it_is_read(db, path, kind, length) -> None:
    class Endless(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise AssertionError("the body was read")

    answer = Client().generic(
        "POST", path, b"", content_type=kind, CONTENT_LENGTH=str(length), **{"wsgi.input": Endless()}
    )
    assert answer.status_code == 413
    assert "太" in answer.content.decode()


def test_numbers_that_are_no_numbers_break_nothing(almighty) -> None:
    """Some signs count as digits and are no number."""
    client = browser(almighty)
    for path in ("/live-ticket/?topics=matter:²", "/inbox/?customer=²", "/audit/?q=²", "/settings/mail/?mailbox=²",
                 "/inbox/register/?customer=²", "/promises/?owner=²", "/complaints/register/?customer=²",
                 "/complaints/?owner=²", "/settings/staff/?role=²", "/live-ticket/?topics=matter:" + "9" * 18,
                 f"/customers/{'9' * 40}/", f"/complaints/{'9' * 19}/", "/complaints/?before=²&after=x",
                 "/settings/calendars/?year=²", "/reports/?month=2026-99", "/reports/?month=²"):  # fmt: skip
        assert client.get(path).status_code < 500, path


def test_what_no_database_holds_breaks_nothing(almighty) -> None:
    client, nul = browser(almighty), "a\x00b"
    for path in ("/drafts/?key=%00", "/uploads/?upload_key=%00", "/customers/check/?name=%00&uscc=%00&phone=%00",
                 "/complaints/?q=%00", "/customers/?q=%00", "/search/?q=%00", "/audit/?q=%00", "/live-ticket/?topics=%00",
                 "/complaints/register/who/?phone=%00&name=%00", "/inbox/register/who/?phone=%00&name=%00&email=%00@",
                 "/complaints/register/similar/?content=%00",
                 "/promises/spoken/?text=%00", "/p/track/?number=%00", "/inbox/?q=%00", "/tasks/?q=%00", "/matters/?q=%00"):  # fmt: skip
        assert client.get(path).status_code < 500, path
    draft = '{"key": "a\\u0000", "data": {"x\\u0000": ["\\u0000\\ud800", "留"]}}'
    assert client.post("/drafts/", draft, content_type="application/json").status_code == 200
    assert client.get("/drafts/?key=a").json() == {"data": {"x": ["", "留"]}}
    assert client.post("/drafts/", "[" * 100_000, content_type="application/json").status_code == 400
    sent = {
        "channel": "phone", "name": nul, "phone": "13800001111", "content": nul, "once": nul, "upload_key": "k" * 9 + nul,
        "draft_key": nul, "version": nul, "severity": "ordinary", "customer_kind": "person",
    }  # fmt: skip
    assert client.post("/complaints/register/", sent).status_code == 422
    plain = {**sent, "name": "王", "content": "漏油", "version": "", "once": "k", "draft_key": "k"}
    assert client.post("/complaints/register/", plain).status_code == 303  # whatever the upload key is
    for path in (
        "/uploads/",
        "/views/save/",
        "/preferences/",
        "/login/",
        "/customers/new/",
        "/p/track/",
        "/p/new/complaint/",
    ):
        values = dict.fromkeys(
            ("name", "upload_key", "page", "query", "theme", "username", "password", "number", "kind"), nul
        )
        assert client.post(path, values).status_code < 500, path


def test_a_secret_is_not_shown_back(almighty) -> None:
    sent = {
        "old": "my-old-one",
        "new": "my-new-one",
        "imap_password": "my-mail-one",
        "password": "p-one",
        "name": "留着",
    }
    answer = browser(almighty, enforce_csrf_checks=True).post("/password/", sent)
    page = answer.content.decode()
    assert answer.status_code == 403 and "留着" in page
    assert not [secret for secret in ("my-old-one", "my-new-one", "my-mail-one", "p-one") if secret in page]


@pytest.fixture
def poisoned(almighty):
    """A case with a script in every field that people or the world outside fill in."""
    firm = almighty
    with acting_as(firm.system):
        customer = create_customer(
            kind="person", name=EVIL, identities=[("phone", "13812345679"), ("wechat", EVIL)], address=EVIL, region=EVIL,
            industry=EVIL, profile={"family": EVIL}, source="referral",
        )  # fmt: skip
        add_note(customer_id=customer.pk, with_whom="us", happened_on=clock.now().date(), text=EVIL)
        propose_grade(customer_id=customer.pk, grade="A", reason=EVIL)
    walk = Walk(firm, content=EVIL, customer_id=customer.pk, demand=EVIL, product=EVIL, batch=EVIL, conditions=EVIL)
    walk.to("investigating")
    with acting_as(firm.wang):
        c.record_finding(complaint_id=walk.id, facts=EVIL, cause=EVIL, fault_share=90)
        create_task(matter_id=walk.id, title=EVIL, detail=EVIL, unit_id=firm.units["store"].pk)
    with acting_as(firm.system):
        thread = open_conversation(channel="email", customer_id=customer.pk, subject=EVIL, owner_id=firm.almighty.pk)
        said = add_interaction(conversation=thread, direction="in", text=EVIL, subject=EVIL, author_name=EVIL)
        upload_attachment(file=SVG, name='../../<xss-mark>";\r\nX-Evil: 1.svg', upload_key="k")
        with permit_writes("test"):
            Attachment.unscoped.update(interaction=said)
    walk.to("offered")
    return SimpleNamespace(firm=firm, walk=walk, customer=customer, thread=thread)


def test_no_field_runs_on_any_page(poisoned) -> None:
    known, client, shown = ids(), browser(poisoned.firm), 0
    pages = [
        filled(route, names, known) for route, names in addresses().items()
        if not route.startswith((*OF_THE_HOUSE, "/api/", "/p/"))
    ]  # fmt: skip
    lists = ["/", "/complaints/", "/complaints/board/", "/customers/", "/inbox/", "/matters/", "/tasks/", "/approvals/",
             "/promises/", "/notifications/", "/audit/", "/search/?q=xss", f"/search/?q={EVIL}", f"/customers/?q={EVIL}",
             f"/login/?next={EVIL}", f"/complaints/register/?phone={EVIL}", "/customers/duplicates/", "/reports/",
             "/boards/team/", "/boards/leader/", "/boards/rows/?what=open", "/boards/wall/",
             f"/complaints/{poisoned.walk.id}/", f"/complaints/{poisoned.walk.id}/file/",
             f"/complaints/{poisoned.walk.id}/print/", f"/customers/{poisoned.customer.pk}/",
             f"/customers/{poisoned.customer.pk}/?tab=2", f"/inbox/{poisoned.thread.pk}/"]  # fmt: skip
    assert NOUNS
    for address in [*pages, *lists]:
        for headers in ({}, {"HX-Request": "true", "HX-Target": "dialog-body"}):
            answer = client.get(address, headers=headers)
            if answer.streaming or "html" not in answer.headers.get("Content-Type", "html"):
                continue
            page = answer.content.decode()
            assert answer.status_code < 500, address
            assert MARK not in page, address
            assert "49" not in re.findall(r"xss-mark onfocus=1&gt;=1\+1([^<]{0,4})", page), address
            shown += "xss-mark" in page
    assert shown > 15


def test_no_field_runs_on_the_customers_pages(poisoned) -> None:
    from yinuo.channels.portal import links

    row = poisoned.walk.row
    agreement = row.agreements(manager="unscoped").order_by("-pk").first()
    now = clock.now()
    tokens = [links.case_link(row.pk, now), links.rating_link(row.pk, now)]
    tokens += [links.agreement_link(row.pk, agreement.pk, agreement.expires_at)] if agreement else []
    client = Client()
    client.post("/p/track/", {"number": row.matter.number, "code": links.code_of(row.pk)})
    for link in tokens:
        page = client.get("/p/" + link.split("/p/")[1]).content.decode()
        assert MARK not in page


def test_a_file_is_only_ever_taken_away(poisoned) -> None:
    file = Attachment.unscoped.get()
    assert "/" not in file.name and "\n" not in file.name and not file.name.startswith(".")
    answer = browser(poisoned.firm).get(f"/files/{file.pk}/")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "X-Evil" not in answer.headers and "sandbox" in answer.headers["Content-Security-Policy"]
    assert unquote(answer.headers["Content-Disposition"]).count("\n") == 0


def test_no_file_opens_from_the_cache_after_signing_out(poisoned) -> None:
    file, client = Attachment.unscoped.get(), browser(poisoned.firm)
    first = client.get(f"/files/{file.pk}/")
    assert "no-cache" in first.headers["Cache-Control"] and "max-age" not in first.headers["Cache-Control"]
    again = {"If-None-Match": first.headers["ETag"]}
    assert client.get(f"/files/{file.pk}/", headers=again).status_code == 304
    client.post("/logout/")
    assert client.get(f"/files/{file.pk}/", headers=again).status_code == 302


def test_a_fault_of_ours_says_so_shows_what_was_typed_and_nothing_else(almighty, monkeypatch) -> None:
    def fails(*_given, **_more):
        raise RuntimeError("secret-of-the-house")

    monkeypatch.setattr("yinuo.web.pages.customers_edit.submit", fails)
    client = browser(almighty, raise_request_exception=False)
    mine = client.post("/customers/new/", {"name": "陈建国的表弟", "password": "my-own-secret"})
    theirs = Client(raise_request_exception=False)
    monkeypatch.setattr("yinuo.channels.portal.views.track.by_number", fails)
    public = theirs.post(
        "/p/track/", {"number": "TS261122-000123", "code": "ABC234", "ticket": proof.issue(clock.now()).token}
    )
    for answer in (mine, public):
        page = answer.content.decode()
        assert answer.status_code == 500 and "出错了" in page and answer.headers["X-Request-ID"] in page
        for leak in ("Traceback", "RuntimeError", "secret-of-the-house", "my-own-secret", ".py"):
            assert leak not in page, leak
    assert "陈建国的表弟" in mine.content.decode() and "管理员" not in public.content.decode()


def test_what_is_exported_calculates_nothing(poisoned) -> None:
    with acting_as(poisoned.firm.system):
        Walk(
            poisoned.firm,
            content='=HYPERLINK("http://evil.example")',
            product="@SUM(1)",
            name="=cmd|' /C calc'!A0",
            phone="",
        )
    client = browser(poisoned.firm)
    for path in ("/complaints/export/", "/reports/export/"):
        answer = client.get(path)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        if answer.status_code == 405:
            answer = client.post(path)
            body = answer.content
        assert body[:2] == b"PK", path
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            sheets = [book.read(name).decode() for name in book.namelist() if "worksheets/" in name]
            strings = book.read("xl/sharedStrings.xml").decode()
        assert sheets and not [s for s in sheets if "<f>" in s or "<hyperlink" in s], path
        assert not re.search(r"<t[^>]*>[=+@-][^<]", strings), path


def test_no_secret_is_written_to_a_log(almighty, caplog) -> None:
    from yinuo.channels.email.commands.mailboxes import save_mailbox

    caplog.set_level("DEBUG")
    client = browser(almighty)
    Client().post("/login/", {"username": "almighty", "password": "wrong-secret-1"})
    Client().post("/login/", {"username": "almighty", "password": "desk-7788-x"})
    client.post("/password/", {"old": "desk-7788-x", "new": "Lu-shan-pu-bu-3", "again": "Lu-shan-pu-bu-3"})
    with acting_as(almighty.system):
        save_mailbox(
            address="kf@example.cn", name="客服", imap_host="imap.example.cn", imap_user="kf", imap_password="mail-secret-1",
            imap_port=993, imap_security="tls",
        )  # fmt: skip
    made = client.post("/settings/keys/new/", {"name": "x", "staff_id": almighty.almighty.pk, "grants": ["self.use"]})
    secret = re.search(r"yk_[0-9a-f]{8}\.[A-Za-z0-9_-]+", made.content.decode())[0]
    Client().get("/api/v1/customers", headers={"Authorization": f"Bearer {secret}"})
    Client().get("/p/c/some-secret-token/")
    written = "\n".join(r.getMessage() for r in caplog.records if not r.name.startswith("django.db"))
    for one in ("wrong-secret-1", "desk-7788-x", "Lu-shan-pu-bu-3", "mail-secret-1", secret.split(".")[1]):
        assert one not in written
    quiet = logging.getLogger("django.request").getEffectiveLevel()
    assert quiet >= logging.ERROR  # the address of a wrong link is a token: it is not logged
    assert "mail-secret-1" not in str(list(AuditEntry.unscoped.values_list("data", flat=True)))
    assert secret.split(".")[1] not in str(list(Once.objects.values_list("result", flat=True)))
