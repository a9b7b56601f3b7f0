"""Codes of an app by RFC 6238, each good once; recovery codes."""

import base64
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from yinuo.identity.codes import hash_of, new_recovery_codes, step_of
from yinuo.identity.commands import add_code_app, reset_second_step, step_by_code, step_by_recovery
from yinuo.identity.models import CodeApp, RecoveryCode
from yinuo.identity.second_step import steps_of
from yinuo.identity.tests.conftest import SYSTEM, acting
from yinuo.kernel.actor import acting_as
from yinuo.kernel.errors import Denied, Invalid
from yinuo.kernel.models import AuditEntry

#: RFC 6238, appendix B, SHA-1: the last six of its eight digits.
RFC = base64.b32encode(b"12345678901234567890").decode()
VECTORS = (
    (59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037"),
    (20000000000, "353130"),
)  # fmt: skip


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_the_vectors_of_the_rfc(seconds, code) -> None:
    assert step_of(RFC, code, at(seconds), after=0) == seconds // 30
    assert step_of(RFC, f"{code[:3]} {code[3:]}", at(seconds), after=0) == seconds // 30


def test_a_clock_may_be_off_by_one_step_and_no_more() -> None:
    seconds, code = VECTORS[3]
    for off, good in ((-59, False), (-30, True), (0, True), (30, True), (60, False), (600, False)):
        found = step_of(RFC, code, at(seconds // 30 * 30 + off), after=0)
        assert (found == seconds // 30) is good, off


def test_a_step_is_used_once_and_none_before_it_any_more() -> None:
    seconds, code = VECTORS[3]
    assert step_of(RFC, code, at(seconds), after=seconds // 30) is None
    assert step_of(RFC, code, at(seconds + 30), after=seconds // 30) is None


@pytest.mark.parametrize("given", ["", "12345", "1234567", "abcdef", "００５９２４", "-05924", "005 92", "0" * 500])
def test_what_is_no_code(given) -> None:
    assert step_of(RFC, given, at(1234567890), after=0) is None


def test_recovery_codes_are_ten_long_and_different() -> None:
    codes = new_recovery_codes()
    assert len(set(codes)) == 10 and all(len(code) == 19 for code in codes)
    assert hash_of(1, codes[0]) == hash_of(1, codes[0].lower().replace("-", " ")) != hash_of(2, codes[0])


@pytest.fixture
def with_app(company):
    """The agent with the app of the RFC, and their recovery codes."""
    with acting_as(acting(company.agent)):
        company.codes = add_code_app(secret=RFC, code=VECTORS[0][1], at=at(VECTORS[0][0]))
    return company


def test_only_seals_and_hashes_are_kept(with_app) -> None:
    kept = CodeApp.objects.get().secret
    assert RFC not in kept and len(RecoveryCode.objects.all()) == 10
    stored = str(list(RecoveryCode.objects.values())) + str(list(AuditEntry.unscoped.values_list("data", flat=True)))
    assert not [code for code in with_app.codes if code in stored or code.replace("-", "") in stored]


def test_a_code_opens_once(with_app) -> None:
    seconds, code = VECTORS[3]
    step_by_code(staff_id=with_app.agent.pk, code=code, by=SYSTEM, at=at(seconds))
    for later in (0, 29, 30):
        with pytest.raises(Invalid):
            step_by_code(staff_id=with_app.agent.pk, code=code, by=SYSTEM, at=at(seconds + later))


def test_a_recovery_code_opens_once_whatever_its_spelling_and_for_its_owner_only(with_app) -> None:
    code = with_app.codes[3]
    with pytest.raises(Invalid):
        step_by_recovery(staff_id=with_app.boss.pk, code=code, by=SYSTEM)
    step_by_recovery(staff_id=with_app.agent.pk, code=code.lower().replace("-", ""), by=SYSTEM)
    with pytest.raises(Invalid):
        step_by_recovery(staff_id=with_app.agent.pk, code=code, by=SYSTEM)
    assert steps_of(with_app.agent.pk).codes == 9


def race(first, second) -> list[bool]:
    """Both at the same moment, each in a transaction of its own: who got through."""
    start, through = threading.Barrier(2), []

    def run(one) -> None:
        try:
            start.wait(10)
            one()
            through.append(True)
        except Invalid:
            through.append(False)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(one,)) for one in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(through)


@pytest.mark.django_db(transaction=True)
def test_two_who_use_one_code_at_once(with_app) -> None:
    agent, (seconds, code) = with_app.agent.pk, VECTORS[3]

    def recover() -> None:
        step_by_recovery(staff_id=agent, code=with_app.codes[0], by=SYSTEM)

    def enter() -> None:
        step_by_code(staff_id=agent, code=code, by=SYSTEM, at=at(seconds))

    assert race(recover, recover) == [False, True]
    assert race(enter, enter) == [False, True]


def test_a_reset_is_an_administrators_with_a_reason_and_never_ones_own(with_app) -> None:
    agent = with_app.agent.pk
    with acting_as(acting(with_app.boss)), pytest.raises(Denied):
        reset_second_step(staff_id=agent, reason="手机丢了")
    with acting_as(acting(with_app.admin)):
        with pytest.raises(Invalid):
            reset_second_step(staff_id=agent, reason=" ")
        with pytest.raises(Denied):
            reset_second_step(staff_id=with_app.admin.pk, reason="手机丢了")
        reset_second_step(staff_id=agent, reason="手机丢了，视频核实")
    left = steps_of(agent)
    assert (left.any, left.codes) == (False, 0)
    entry = AuditEntry.unscoped.get(command="staff.reset_second_step")
    assert entry.data["reason"] == "手机丢了，视频核实" and entry.actor_id == with_app.admin.pk


def test_setting_up_takes_a_code_of_that_app(company) -> None:
    with acting_as(acting(company.agent)):
        for code in ("000000", "", VECTORS[0][1]):
            with pytest.raises(Invalid):
                add_code_app(secret=RFC, code=code, at=at(VECTORS[0][0]) + timedelta(minutes=5))
    assert not CodeApp.objects.exists() and not RecoveryCode.objects.exists()
