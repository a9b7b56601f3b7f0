"""The webhook pages: the secret once, trouble in sight, the log, sending again."""

import pytest

from yinuo.channels.webhook import commands, queries
from yinuo.channels.webhook.models import Delivery, Endpoint
from yinuo.channels.webhook.rules import Outcome
from yinuo.identity.commands import create_staff, create_unit, seed_roles
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.command import permit_writes


@pytest.fixture
def signed_in(db, client):
    queries.forget_subscribed()
    with acting_as(Actor.system("test")):
        seed_roles()
        unit = create_unit(name="总部", code="hq", kind="company", parent_id=None)
        admin = create_staff(
            username="adm", name="管", password="abcd-2234-x", unit_id=unit.pk, role_codes=["administrator"]
        )
    with permit_writes("test"):
        client.force_login(admin)
    return client


def test_from_new_to_again(signed_in):
    assert "还没有推送" in signed_in.get("/settings/webhooks/").content.decode()
    wrong = signed_in.post(
        "/settings/webhooks/new/", {"name": "ERP", "url": "http://10.0.0.1/", "events": ["task.done"]}
    )
    assert (wrong.status_code, "https://" in wrong.content.decode()) == (422, True)
    made = signed_in.post(
        "/settings/webhooks/new/",
        {"name": "ERP", "url": "https://erp.example.com/h", "events": ["task.done"], "once": "o1"},
    )
    assert "whsec_" in made.content.decode()
    twice = signed_in.post(
        "/settings/webhooks/new/",
        {"name": "ERP", "url": "https://erp.example.com/h", "events": ["task.done"], "once": "o1"},
    )
    assert "whsec_" not in twice.content.decode()
    row = Endpoint.unscoped.get()
    assert signed_in.post(f"/settings/webhooks/{row.pk}/test/").status_code == 303
    sent = Delivery.unscoped.get()
    with acting_as(Actor.system("test")):
        commands.record_attempt(delivery_id=sent.pk, outcome=Outcome(503, "<b>busy</b>"))
    assert "正在重试" in signed_in.get("/settings/webhooks/").content.decode()
    one = signed_in.get(f"/settings/webhooks/{row.pk}/{sent.pk}/").content.decode()
    assert "503" in one
    assert "<b>busy" not in one
    log = signed_in.get(f"/settings/webhooks/{row.pk}/").content.decode()
    assert "重新发送" in log and ">测试</a>" in log
    assert signed_in.post(f"/settings/webhooks/{row.pk}/{sent.pk}/redeliver/").status_code == 303
    turned = signed_in.post(f"/settings/webhooks/{row.pk}/rotate/", {"once": "r1"}).content.decode()
    assert "whsec_" in turned
    again = signed_in.post(f"/settings/webhooks/{row.pk}/rotate/", {"once": "r1"}).content.decode()
    assert "whsec_" not in again and "再更换一次" in again
    row.refresh_from_db()
    assert row.former_secret and "whsec_" not in row.secret + row.former_secret
    saved = signed_in.post(
        f"/settings/webhooks/{row.pk}/edit/",
        {"name": "ERP2", "url": row.url, "events": ["task.done"], "version": row.version},
    )
    assert saved.status_code == 303
    row.refresh_from_db()
    assert not row.active and "已停用，不再推送" in signed_in.get(f"/settings/webhooks/{row.pk}/").content.decode()
    wrong = {"name": "ERP2", "url": "https://erp.example.com/钩子", "events": ["task.done"], "active": "on"}
    assert "要先编码" in signed_in.post(f"/settings/webhooks/{row.pk}/edit/", wrong).content.decode()
    assert signed_in.post(f"/settings/webhooks/{row.pk}/delete/").status_code == 303
    assert signed_in.get(f"/settings/webhooks/{row.pk}/").status_code == 404
