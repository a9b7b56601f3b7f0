"""The wall around the parser: slow, greedy and fatal messages cost one message, never the worker."""

import base64
import os
import signal
import threading
import time

import pytest

from yinuo.channels.contract import Unparseable
from yinuo.channels.email.sandbox import Sandbox
from yinuo.channels.email.tests import samples


@pytest.fixture
def box():
    sandbox = Sandbox(seconds=30)
    yield sandbox
    sandbox.close()


def large(size: int) -> bytes:
    return samples.multipart(
        samples.part("text/plain; charset=utf-8", "大邮件".encode()),
        samples.part("application/octet-stream; name=a.bin", os.urandom(1 << 20) * (size >> 20)),
    )


def test_the_same_result_as_inside(box):
    from yinuo.channels.email.parsing.understand import parse

    raw = samples.mail(files=[("照片.png", samples.png(), "image/png")])
    assert box.parse(raw) == parse(raw)


def test_refusals_cross_the_wall(box):
    with pytest.raises(Unparseable) as told:
        box.parse(b"Subject: x\n\nnobody")
    assert told.value.code == "no_sender"
    assert box.parse(samples.mail()).sender


def test_a_slow_message_is_cut_off_and_the_next_one_works():
    box = Sandbox(seconds=0.05)
    with pytest.raises(Unparseable) as told:
        box.parse(large(20 << 20))
    assert told.value.code == "too_slow"
    box.seconds = 30
    assert box.parse(samples.mail()).sender
    box.close()


def test_a_greedy_message_dies_alone():
    box = Sandbox(memory_mb=180)
    with pytest.raises(Unparseable) as told:
        box.parse(large(30 << 20))
    assert told.value.code in ("parser_died", "broken")
    assert box.parse(samples.mail()).sender
    box.close()


def test_a_killed_parser_is_replaced(box):
    box.parse(samples.mail())
    os.kill(box._process.pid, signal.SIGKILL)
    time.sleep(0.1)
    assert box.parse(samples.mail()).sender


def test_a_hundred_megabytes_are_shown_without_their_files(box):
    raw = large(75 << 20)
    assert len(raw) > 100_000_000
    got = box.parse(raw)
    assert got.text == "大邮件"
    assert got.problems == ("too_large",)


def test_threads_share_it(box):
    results = []
    raws = [samples.mail(f"第{n}封 " + base64.b64encode(os.urandom(n * 1000)).decode()) for n in range(8)]
    threads = [threading.Thread(target=lambda raw=raw: results.append(box.parse(raw).text[:2])) for raw in raws]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == sorted(f"第{n}" for n in range(8))


def test_many_in_one_go_and_what_must_be_looked_at_by_itself(box):
    raws = [samples.mail(f"第{n}封") for n in range(3)]
    got = box.parse_many([raws[0], b"Subject: x\n\nnobody", *raws[1:]], 30)
    assert [one and one.text for one in got] == ["第0封", None, "第1封", "第2封"]


def test_a_mail_that_kills_the_parser_takes_none_of_those_before_it_along():
    box = Sandbox(memory_mb=180)
    raws = [samples.mail("前"), large(30 << 20), samples.mail("后")]
    before, fatal, after = box.parse_many(raws, 30)
    assert before.text == "前" and fatal is None
    assert (after or box.parse(raws[2])).text == "后"
    box.close()


def test_a_group_that_takes_too_long_is_given_up(box):
    assert box.parse_many([large(20 << 20), samples.mail()], 0.05) == [None, None]
    assert box.parse(samples.mail()).sender
