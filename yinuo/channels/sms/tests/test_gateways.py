"""Signatures and gateways."""

import hashlib
import logging
from types import SimpleNamespace

import pytest

from yinuo.channels.contract import Outbound, TransportError
from yinuo.channels.registry import adapter
from yinuo.channels.sms.gateways import missing, send
from yinuo.channels.sms.signing import acs3, percent, plain
from yinuo.channels.sms.tests.conftest import SECRET, setup

MESSAGE = Outbound(external_id="ref-1", to="+8613812345678", text="验证码 123456，10 分钟内有效。", token="123456")


def test_the_published_example_of_signature_v3() -> None:
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com", "x-acs-action": "RunInstances", "x-acs-version": "2014-05-26",
        "x-acs-date": "2023-10-26T10:22:32Z", "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
    }  # fmt: skip
    query = {"RegionId": "cn-shanghai", "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"}
    signed = acs3(key="YourAccessKeyId", secret="YourAccessKeySecret", method="POST", path="/", query=query,
                  headers=headers, body=b"")  # fmt: skip
    assert signed == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;"
        "x-acs-signature-nonce;x-acs-version,Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_what_is_percent_encoded() -> None:
    assert percent("a-b_c.d~e f+g*h/一") == "a-b_c.d~e%20f%2Bg%2Ah%2F%E4%B8%80"
    assert plain(secret="s", timestamp="1", body=b"x") != plain(secret="s", timestamp="2", body=b"x")


def test_alibaba_takes_it(gateway, settings) -> None:
    setup(settings, gateway, "aliyun")
    assert send(MESSAGE).external_id == "biz-1"
    assert gateway.taken == [
        {"PhoneNumbers": "13812345678", "SignName": "一诺", "TemplateCode": "SMS_1",
         "TemplateParam": '{"code": "123456"}', "OutId": "ref-1"}
    ]  # fmt: skip


def test_any_other_gateway_takes_it(gateway, settings) -> None:
    setup(settings, gateway, "http")
    adapter("sms").send("", MESSAGE)
    assert gateway.taken == [{"id": "ref-1", "to": "+8613812345678", "text": MESSAGE.text, "code": "123456"}]


@pytest.mark.parametrize("kind", ["aliyun", "http"])
def test_a_wrong_secret_is_final_and_said_without_it(gateway, settings, kind, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    setup(settings, gateway, kind, secret="wrong-secret-9")
    with pytest.raises(TransportError) as refused:
        send(MESSAGE)
    assert refused.value.permanent and gateway.refused == 1
    told = refused.value.detail + " ".join(r.getMessage() for r in caplog.records if r.name.startswith("httpx"))
    for secret in ("wrong-secret-9", "123456", "13812345678"):
        assert secret not in told


@pytest.mark.parametrize(
    ("kind", "status", "body", "permanent"),
    [
        ("aliyun", 200, b'{"Code":"isv.BUSINESS_LIMIT_CONTROL","Message":"x"}', True),
        ("aliyun", 200, b'{"Code":"isp.SYSTEM_ERROR","Message":"x"}', False),
        ("aliyun", 400, b'{"Code":"Throttling.User","Message":"x"}', False),
        ("aliyun", 502, b"<html>", False),
        ("aliyun", 200, b"[]", False),
        ("http", 503, b"", False),
        ("http", 429, b"", False),
        ("http", 422, b"", True),
        ("http", 302, b"", True),
    ],
)
def test_what_waiting_may_mend(gateway, settings, kind, status, body, permanent) -> None:
    setup(settings, gateway, kind)
    gateway.answers.append((status, body))
    with pytest.raises(TransportError) as refused:
        send(MESSAGE)
    assert refused.value.permanent is permanent


def test_nobody_there(settings) -> None:
    setup(settings, SimpleNamespace(url="http://127.0.0.1:9/"), "http")
    with pytest.raises(TransportError) as refused:
        send(MESSAGE)
    assert (refused.value.permanent, refused.value.detail) == (False, "ConnectError")


def test_what_is_missing(settings) -> None:
    settings.SMS = {**settings.SMS, "gateway": "aliyun", "key": "ak", "secret": "", "sign": "一诺", "template": ""}
    assert missing() == ["YINUO_SMS_SECRET", "YINUO_SMS_TEMPLATE"]
    settings.SMS = {**settings.SMS, "gateway": "pigeon"}
    assert missing() == ["YINUO_SMS_GATEWAY"]
    with pytest.raises(TransportError):
        send(MESSAGE)
    assert SECRET not in str(missing())
