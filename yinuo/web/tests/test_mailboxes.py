"""The mailbox pages: settings, the queue, a mail as it came, and a sender nobody knows."""

import html
import re

import pytest

from yinuo.channels.contract import Unparseable
from yinuo.channels.email import sandbox
from yinuo.channels.email.commands.intake import store_raw
from yinuo.channels.email.commands.mailboxes import save_mailbox
from yinuo.channels.email.flows import understand_stored
from yinuo.channels.email.models import Mailbox, RawMessage
from yinuo.channels.email.probe import TRIES
from yinuo.channels.email.tests import samples
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.models import AuditEntry

ROOT = Actor.system("test")


@pytest.fixture
def box(company):
    with acting_as(ROOT):
        return save_mailbox(
            name="客服", address="kf@yinuo.cn", unit_id=company.desk.pk, smtp_host="127.0.0.1", smtp_port=9, smtp_security="none",
            receipt_enabled=False,
        )  # fmt: skip


@pytest.fixture
def arrive(box):
    def run(raw: bytes) -> RawMessage:
        with acting_as(ROOT):
            row, _ = store_raw(mailbox_id=box.pk, external_id=str(hash(raw)), raw=raw)
            understand_stored(row.pk)
            return RawMessage.unscoped.select_related("interaction").get(pk=row.pk)

    return run


FORM = {
    "name": "一诺客服", "address": "new@yinuo.cn", "unit_id": "", "active": "on", "imap_host": "imap.yinuo.cn", "imap_port": "993",
    "imap_security": "tls", "imap_user": "kf", "imap_password": "geheim-密码", "imap_folder": "INBOX", "smtp_host": "smtp.yinuo.cn",
    "smtp_port": "465", "smtp_security": "tls", "smtp_user": "kf", "smtp_password": "geheim-密码", "verify_certificate": "on",
    "signature": "", "receipt_enabled": "on", "receipt_every_hours": "24", "receipt_text": "",
}  # fmt: skip


def test_an_administrator_adds_and_changes_a_mailbox(sign_in, company):
    admin = sign_in("admin")
    assert "还没有邮箱" in admin.get("/settings/mailboxes/").content.decode()
    answer = admin.post("/settings/mailboxes/new/", FORM)
    assert answer.status_code == 303
    row = Mailbox.unscoped.get()
    assert (row.address, row.is_default) == ("new@yinuo.cn", True)
    page = admin.get(f"/settings/mailboxes/{row.pk}/").content.decode()
    assert "geheim" not in page
    kept = row.imap_password
    changed = admin.post(
        f"/settings/mailboxes/{row.pk}/",
        {**FORM, "name": "改名", "imap_password": "", "smtp_password": "", "version": row.version},
    )
    assert changed.status_code == 303
    row.refresh_from_db()
    assert (row.name, row.imap_password) == ("改名", kept)
    stale = admin.post(f"/settings/mailboxes/{row.pk}/", {**FORM, "name": "又改", "version": 1})
    page = stale.content.decode()
    assert stale.status_code == 409 and "又改" in page and "请再填一次" in page
    sealed = Mailbox.unscoped.get(pk=row.pk).imap_password
    assert sealed and sealed not in page and FORM["imap_password"] not in page


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"address": "not an address"}, "电子邮件地址不对"),
        ({"imap_host": "http://x/"}, "服务器地址不对"),
        ({"imap_port": "99999"}, "65535"),
        ({"smtp_security": "none"}, "不能不加密"),
        ({"imap_host": "", "smtp_host": ""}, "至少填写"),
    ],
)
def test_wrong_settings_are_told_beside_the_field(sign_in, wrong, sentence):
    answer = sign_in("admin").post("/settings/mailboxes/new/", {**FORM, **wrong})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert Mailbox.unscoped.count() == 0


def test_the_test_button_says_what_happened(sign_in, box):
    answer = sign_in("admin").post(f"/settings/mailboxes/{box.pk}/test/", follow=True)
    assert 'data-tone="danger" >发信：连不上邮件服务器' in answer.content.decode()
    for _n in range(TRIES):
        answer = sign_in("admin").post(f"/settings/mailboxes/{box.pk}/test/")
    assert answer.status_code == 429 and "操作太频繁" in answer.content.decode()


def test_others_may_not(sign_in, box, arrive):
    row = arrive(b"Subject: nobody\n\nx")
    agent = sign_in("agent")
    for path in (
        "/settings/mailboxes/",
        f"/settings/mailboxes/{box.pk}/",
        "/settings/mail/",
        f"/settings/mail/{row.pk}/",
    ):
        assert agent.get(path).status_code == 403
    assert agent.get(f"/mail/{row.pk}/raw/").status_code == 404


def test_an_unread_mail_is_seen_downloaded_retried_and_set_aside(sign_in, arrive):
    raw = "Subject: =?utf-8?B?5oqV6K+J?=\n\n没有发件人\x00的信".encode()
    row = arrive(raw)
    admin = sign_in("admin")
    assert "没有发件人地址" in admin.get("/settings/mail/").content.decode()
    assert "没有发件人的信" not in admin.get(f"/settings/mail/{row.pk}/").content.decode()
    assert admin.get(f"/mail/{row.pk}/raw/").status_code == 422
    shown = admin.post(f"/settings/mail/{row.pk}/read/", {"reason": "客户来电说写过信"}).content.decode()
    assert "没有发件人的信" in shown
    file = admin.get(html.unescape(re.search(rf'href="(/mail/{row.pk}/raw/[^"]+)"', shown)[1]))
    assert AuditEntry.unscoped.filter(command="mail.note_raw", subject_id=str(row.pk)).count() == 1
    assert b"".join(file.streaming_content) == raw
    assert "attachment" in file["Content-Disposition"]
    assert file["Content-Type"] == "application/octet-stream"
    assert admin.post(f"/settings/mail/{row.pk}/retry/").status_code == 303
    with acting_as(ROOT):
        understand_stored(row.pk)
    assert admin.post(f"/settings/mail/{row.pk}/", {"reason": ""}).status_code == 422
    assert admin.post(f"/settings/mail/{row.pk}/", {"reason": "垃圾邮件"}).status_code == 303
    assert RawMessage.unscoped.get(pk=row.pk).state == "ignored"
    assert f"/settings/mail/{row.pk}/" not in admin.get("/settings/mail/").content.decode()


PRIVATE = ("zhang@customer.cn", "13812345678", "110101199003071234")


def private(text: str) -> list[str]:
    return [secret for secret in PRIVATE if secret in text]


def _too_slow(sandbox, raw):
    raise Unparseable("too_slow")


def test_who_looks_after_the_mailboxes_reads_no_letter_without_a_reason(sign_in, arrive, monkeypatch):
    """Addresses are masked; what could not be read is shown for a reason that is kept; the rest is not shown at all."""
    body = "我的手机 13812345678，身份证 110101199003071234"
    known = arrive(samples.mail(body))
    monkeypatch.setattr(sandbox.Sandbox, "parse", _too_slow)
    lost = arrive(samples.mail(body, subject="读不懂的"))
    assert (known.state, lost.state) == ("understood", "failed")
    admin = sign_in("admin")
    for page in ("", "?state=understood", f"{known.pk}/", f"{known.pk}/read/", f"{lost.pk}/", f"{lost.pk}/read/"):
        answer = admin.get(f"/settings/mail/{page}")
        assert answer.status_code == 200
        assert private(answer.content.decode()) == [], page
    assert "z***g@customer.cn" in admin.get("/settings/mail/?state=understood").content.decode()
    revealed = AuditEntry.unscoped.filter(command="customer.reveal")

    assert admin.post(f"/settings/mail/{lost.pk}/read/", {"reason": " "}).status_code == 422
    assert admin.post(f"/settings/mail/{known.pk}/read/", {"reason": "看看"}).status_code == 409
    assert admin.get(f"/mail/{known.pk}/raw/?reason=看看").status_code == 403
    assert not revealed.exists()

    sent = {"reason": "查清为什么读不懂", "once": "look-1"}
    page = admin.post(f"/settings/mail/{lost.pk}/read/", sent).content.decode()
    assert "zhang@customer.cn" in page
    (entry,) = revealed.all()
    assert (entry.subject_id, entry.actor_name) == (str(lost.pk), "管理员")
    assert entry.data == {"field": "mail", "reason": sent["reason"]}
    again = admin.post(f"/settings/mail/{lost.pk}/read/", sent)
    assert again.status_code == 409 and private(again.content.decode()) == []
    assert admin.get(f"/mail/{lost.pk}/raw/?reason=留存").status_code == 200
    assert revealed.count() == 2

    agent = sign_in("agent")
    assert agent.get(f"/mail/{known.pk}/raw/").status_code == 200
    assert revealed.count() == 3


def test_an_original_mail_loads_nothing_until_asked(sign_in, arrive):
    row = arrive(samples.mail(html="<p>图<img src='http://track.example/p.png'><script>alert(1)</script></p>"))
    agent = sign_in("agent")
    thread = agent.get(f"/inbox/{row.interaction.conversation_id}/").content.decode()
    assert "机油没有收到" in thread
    assert "track.example" not in re.sub(r"data-remote-src=\"[^\"]*\"", "", thread)
    quiet = agent.get(f"/mail/{row.interaction_id}/")
    body = quiet.content.decode()
    assert "显示远程图片" in body
    assert ' src="http://track.example' not in body
    assert "https:" not in quiet["Content-Security-Policy"]
    shown = agent.get(f"/mail/{row.interaction_id}/?images=1")
    assert ' src="http://track.example/p.png"' in shown.content.decode()
    assert "script-src 'self';" in shown["Content-Security-Policy"]
    live = re.search("connect-src [^;]*", quiet["Content-Security-Policy"])[0]
    assert live in shown["Content-Security-Policy"]  # the page goes on hearing what happens
    assert "alert(1)" not in shown.content.decode()


def test_a_complaint_told_by_mail_leads_to_the_mail_and_folds_what_it_quotes(sign_in, arrive):
    row = arrive(samples.mail("漏油了\n\n在 2026年3月1日，一诺客服 写道：\n> 上午送达，请留人\n"))
    boss = sign_in("super")
    talk = row.interaction.conversation_id
    form = {
        "channel": "email",
        "name": "客户",
        "content": "漏油了",
        "once": "mail-1",
        "interaction_id": row.interaction_id,
    }
    form |= {"customer_id": row.interaction.customer_id, "customer_kind": "person", "severity": "ordinary"}
    made = boss.post(f"/complaints/register/?conversation={talk}", form)
    assert made.status_code == 303
    page = boss.get(made["Location"]).content.decode()
    assert f'href="/mail/{row.interaction_id}/"' in page and "上午送达" not in page
    assert sign_in("boss").get(f"/mail/{row.interaction_id}/").status_code == 200  # who sees everything sees this
    whole = boss.get(f"/mail/{row.interaction_id}/").content.decode()
    assert re.search(r"<details[^>]*><summary>引用的往来内容</summary>.*上午送达", whole, re.S)


def test_a_password_is_asked_for_again_after_a_mistake(sign_in, company):
    page = sign_in("admin").post("/settings/mailboxes/new/", {**FORM, "name": ""}).content.decode()
    assert page.count("为安全起见，请再填一次") == 2 and "geheim" not in page


def test_the_number_of_statements_does_not_grow(sign_in, arrive, django_assert_num_queries):
    admin = sign_in("admin")
    admin.get("/settings/mail/")
    for rows in (1, 3):
        for n in range(rows):
            arrive(f"Subject: {rows}-{n}\n\nx".encode())
        with django_assert_num_queries(6):
            admin.get("/settings/mail/")
        with django_assert_num_queries(4):
            admin.get("/settings/mailboxes/")
