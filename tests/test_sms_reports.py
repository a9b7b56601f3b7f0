"""A text message whose job was lost is sent all the same; what the gateway says later is seen by who has to act."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.test_sms_codes import ask, case, desk, examined, gateway, made_desk, send_all  # noqa: F401
from yinuo.channels.sms.models import SmsMessage
from yinuo.channels.sms.signing import plain
from yinuo.channels.sms.tests.conftest import SECRET, setup
from yinuo.conversations.models import Interaction
from yinuo.jobs.tasks.sms import sweep
from yinuo.kernel import clock
from yinuo.matters.models import TimelineEntry
from yinuo.operations.finding import WARNING

pytestmark = pytest.mark.django_db


def message():
    return SmsMessage.unscoped.select_related("interaction").get()


def lose_the_jobs():
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")


def jobs():
    return list(ProcrastinateJob.objects.filter(task_name="sms.send").values_list("args__sms_id", flat=True))


def in_time(**ahead):
    return clock.frozen(clock.now() + timedelta(**ahead))


def told(case):  # noqa: F811
    return list(TimelineEntry.unscoped.filter(matter=case, kind="sms_unreached").values_list("text", flat=True))


def test_a_message_whose_job_was_lost_is_sent_once(case, gateway, settings):  # noqa: F811
    setup(settings, gateway, "http")
    ask(case)
    assert jobs() == [message().pk]
    with in_time(minutes=1):
        assert sweep()["again"] == 0, "its job is there"
        lose_the_jobs()
        assert sweep()["again"] == 1 and sweep()["again"] == 0
        assert jobs() == [message().pk]
        assert send_all() == ["sent"]
        lose_the_jobs()
        assert sweep()["again"] == 0 and jobs() == []
    assert len(gateway.taken) == 1


def test_a_code_that_is_not_good_any_more_is_not_sent(case, gateway, settings):  # noqa: F811
    setup(settings, gateway, "http")
    ask(case)
    lose_the_jobs()
    with in_time(minutes=11):
        assert sweep()["again"] == 0
    row = message()
    assert (row.state, row.code, row.interaction.delivery) == ("failed", "", "failed") and jobs() == []
    assert "尾号 0000" in told(case)[0] and gateway.taken == []


def details(status, code):
    row = {"ErrCode": code, "OutId": message().reference, "SendStatus": status, "PhoneNum": "13912340000"}
    return 200, json.dumps({"Code": "OK", "SmsSendDetailDTOs": {"SmsSendDetailDTO": [row]}, "TotalCount": 1}).encode()


@pytest.mark.parametrize(
    ("status", "code", "shown"), [(3, "DELIVERED", "已送达"), (2, "MOBILE_NOT_ON_SERVICE", "未送达")]
)
def test_aliyun_is_asked_until_it_knows(case, gateway, settings, status, code, shown):  # noqa: F811
    setup(settings, gateway, "aliyun")
    ask(case)
    assert send_all() == ["sent"]
    assert sweep()["reported"] == 0 and len(gateway.taken) == 1, "not at once"
    gateway.answers += [details(1, ""), details(status, code)]
    with in_time(minutes=2):
        assert sweep()["reported"] == 0 and message().report == "" and sweep()["reported"] == 0
        assert len(gateway.taken) == 2, "asked once, and not again so soon"
    with in_time(minutes=7):
        assert sweep()["reported"] == 1 and sweep()["reported"] == 0
    asked = gateway.taken[-1]
    assert (asked["PhoneNumber"], asked["BizId"]) == ("13912340000", "biz-1")
    assert asked["SendDate"] == f"{message().closed_at.astimezone(clock.CST):%Y%m%d}"
    said = message().interaction
    assert said.get_delivery_display() == shown and len(gateway.taken) == 3
    assert bool(told(case)) == (status == 2) and gateway.refused == 0
    if status == 2:
        assert code in said.delivery_note and code in told(case)[0]
        assert examined().level == WARNING


def test_a_gateway_that_never_knows_is_left_alone_after_a_day(case, gateway, settings):  # noqa: F811
    setup(settings, gateway, "aliyun")
    ask(case)
    send_all()
    gateway.answers += [(500, b""), *[details(1, "")] * 9]
    for hours in (1, 2, 3, 8, 30, 60, 90):
        with in_time(hours=hours):
            sweep()
    assert message().next_ask_at is None and message().interaction.delivery == "sent"
    assert len(gateway.taken) == 1 + 6


def report(status="delivered", secret=SECRET, age=0, **more):
    body = json.dumps({"id": message().reference, "status": status, **more}).encode()
    timestamp = str(int(clock.now().timestamp()) - age)
    return Client().post(
        "/hooks/sms/report/", body, content_type="application/json", headers={
            "x-yinuo-timestamp": timestamp, "x-yinuo-signature": plain(secret=secret, timestamp=timestamp, body=body),
        },
    ).status_code  # fmt: skip


def test_the_general_gateway_brings_its_report(case, gateway, settings):  # noqa: F811
    setup(settings, gateway, "http")
    ask(case)
    send_all()
    assert [report(secret="other"), report(age=400), report("flown"), report(id="unknown")] == [403, 403, 422, 404]
    assert message().report == ""
    assert report("undelivered", detail="关机\x00") == 204
    said = Interaction.unscoped.get(pk=message().interaction_id)
    assert (said.delivery, said.delivery_note) == ("unreached", "短信没有送达：关机")
    assert len(told(case)) == 1 and "关机" in told(case)[0]
    assert report("undelivered", detail="关机") == report() == 204, "repeated, or changed its mind"
    assert len(told(case)) == 1 and message().report == "undelivered"
    assert Client().get("/hooks/sms/report/").status_code == 405
    settings.SMS = {**settings.SMS, "gateway": "aliyun"}
    assert report() == 404, "nobody was asked to call here"
