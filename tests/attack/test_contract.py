"""A short run of the contract: each operation as one role or another. All roles: `python -m tests.attack contract`."""

import os
import zlib
from collections import Counter
from dataclasses import replace

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings

from tests.attack.company import CALLERS, OF_THE_CASE, OF_THE_CUSTOMER, Caller, build_stage
from tests.attack.contract import call, cases, operations

pytestmark = pytest.mark.django_db
ROLES = os.environ.get("YINUO_ATTACK_ROLES", "").replace("all", " ".join(CALLERS)).split()
LONG = bool(ROLES)
EXAMPLES = int(os.environ.get("YINUO_ATTACK_EXAMPLES", "2"))
ONLY = os.environ.get("YINUO_ATTACK_ONLY", "")


@pytest.fixture(scope="module")
def stage(django_db_setup, django_db_blocker):
    """The company once for all; each request is undone, and all of it at the end."""
    for signal in (request_started, request_finished):  # as Django's own test client does: the transaction is ours
        signal.disconnect(close_old_connections)
    with django_db_blocker.unblock(), transaction.atomic():
        yield build_stage()
        transaction.set_rollback(True)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def attack(operation, caller: Caller, known, examples: int, answered: Counter[str]) -> None:
    @settings(
        max_examples=examples, derandomize=not LONG, database=None, phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=cases(operation, known))
    def tried(case) -> None:
        with transaction.atomic():
            try:
                answered[f"{call(case, caller).status_code // 100}xx"] += 1
            finally:
                transaction.set_rollback(True)

    tried()


def roles_of(label: str) -> list[str]:
    """In the short run two of them, others for the next operation."""
    start = zlib.crc32(label.encode())
    return ROLES or [CALLERS[(start + n) % len(CALLERS)] for n in (0, 5)]


@pytest.mark.slow
def test_every_answer_is_declared_and_shows_nothing_it_should_not(stage) -> None:
    (callers, known), wrong, answered = stage, [], dict[str, Counter[str]]()
    for operation in operations():
        for role in roles_of(operation.label) if ONLY in operation.label else ():
            try:
                attack(operation, callers[role], known, EXAMPLES, answered.setdefault(role, Counter()))
            except (AssertionError, BaseExceptionGroup) as failure:
                wrong.append(f"{operation.label} as {role}: {failure!r:.2000}")
    for role, counts in answered.items():
        print(f"{role:14} {dict(sorted(counts.items()))}")
    assert not wrong, f"{len(wrong)} of them:\n" + "\n\n".join(wrong[:20])
    if not LONG:  # not only refusals, and not only from those who may do nothing
        assert sum(counts["2xx"] for counts in answered.values()) > 40
        assert set(answered) == set(CALLERS)


LISTS = ("GET /api/v1/complaints", "GET /api/v1/customers")


@pytest.mark.parametrize(("label", "secrets"), [(LISTS[0], OF_THE_CASE), (LISTS[1], OF_THE_CUSTOMER)])
def test_whoever_may_see_it_sees_it(label, secrets, stage) -> None:
    """Else the run above would look for what is nowhere."""
    callers, known = stage
    operation = next(one for one in operations() if one.label == label)
    with pytest.raises((AssertionError, BaseExceptionGroup), match="leader sees"):
        attack(operation, replace(callers["leader"], must_not_see=secrets), known, 3, Counter())
