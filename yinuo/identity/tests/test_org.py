"""The org tree: what hangs below follows, nothing hangs below itself, also when two move at once."""

import threading

import pytest
from django.db import connection

from yinuo.identity.commands import create_unit, edit_unit, set_intake_unit
from yinuo.identity.models import Staff, Unit
from yinuo.identity.queries import intake_unit_id, manager_of, unit_head_above
from yinuo.identity.tests.conftest import SYSTEM, acting
from yinuo.kernel.actor import acting_as
from yinuo.kernel.command import permit_writes
from yinuo.kernel.errors import Denied, Invalid, Stale


def move(unit, parent, **more):
    unit = Unit.objects.get(pk=unit.pk)
    given = {"name": unit.name, "head_id": unit.head_id, "active": unit.active, **more}
    version = given.pop("version", unit.version)
    with acting_as(SYSTEM):
        return edit_unit(unit_id=unit.pk, parent_id=parent and parent.pk, expected_version=version, **given)


def path(unit) -> str:
    return Unit.objects.get(pk=unit.pk).path


def reach(company, unit) -> set[int]:
    """The units that somebody of this unit sees."""
    with permit_writes("test"):
        Staff.objects.filter(pk=company.agent.pk).update(unit=unit)
    return set(acting(company.agent).unit_ids)


def test_what_hangs_below_moves_along(company) -> None:
    with acting_as(SYSTEM):
        shift = create_unit(name="早班", code="early", kind="desk", parent_id=company.desk.pk)
    move(company.desk, company.west)
    assert path(company.desk) == f"/{company.root.pk}/{company.west.pk}/{company.desk.pk}/"
    assert path(shift) == f"{path(company.desk)}{shift.pk}/"
    assert reach(company, company.west) == {company.west.pk, company.desk.pk, shift.pk}
    assert reach(company, company.east) == {company.east.pk}
    move(company.desk, None)
    assert path(shift) == f"/{company.desk.pk}/{shift.pk}/"


def test_a_number_that_begins_alike_is_another_unit(company) -> None:
    """Unit 1's subtree is not unit 12's."""
    for unit in Unit.objects.all():
        below = {u.pk for u in Unit.objects.all() if str(unit.pk) in u.path.strip("/").split("/")}
        assert reach(company, unit) == below


@pytest.mark.parametrize("under", ["east", "desk"])
def test_nothing_hangs_below_itself(company, under) -> None:
    with pytest.raises(Invalid) as refused:
        move(company.east, getattr(company, under))
    assert "parent_id" in refused.value.fields
    assert path(company.east) == f"/{company.root.pk}/{company.east.pk}/"


def test_a_stale_page_and_an_empty_name_are_refused(company) -> None:
    with pytest.raises(Stale):
        move(company.desk, company.west, version=99)
    with pytest.raises(Invalid):
        move(company.desk, company.west, name=" ​ ")


def test_codes_are_unique_and_only_managers_build(company) -> None:
    with acting_as(SYSTEM), pytest.raises(Invalid):
        create_unit(name="又一个", code="desk", kind="desk", parent_id=None)
    with acting_as(acting(company.boss)), pytest.raises(Denied):
        create_unit(name="又一个", code="more", kind="desk", parent_id=None)


def test_one_unit_takes_what_arrives_for_nobody(company) -> None:
    assert intake_unit_id() == company.root.pk
    with acting_as(SYSTEM):
        set_intake_unit(unit_id=company.desk.pk)
        set_intake_unit(unit_id=company.east.pk)
    assert intake_unit_id() == company.east.pk and Unit.objects.filter(takes_intake=True).count() == 1
    move(company.west, company.root, takes_intake=True)
    assert intake_unit_id() == company.west.pk and Unit.objects.filter(takes_intake=True).count() == 1
    move(company.west, company.root, name="城西")
    assert intake_unit_id() == company.west.pk, "who says nothing of it leaves it"
    move(company.west, company.root, takes_intake=False)
    assert intake_unit_id() == company.root.pk


def test_who_answers_for_whom(company) -> None:
    move(company.east, company.root, head_id=company.super.pk)
    move(company.root, None, head_id=company.boss.pk)
    assert manager_of(company.agent) == company.super
    assert manager_of(company.super) == company.boss
    assert unit_head_above(Unit.objects.get(pk=company.root.pk), other_than=company.boss.pk) is None
    assert manager_of(None) is None


@pytest.mark.django_db(transaction=True)
def test_two_who_move_units_under_one_another_close_no_circle(company) -> None:
    start, wrong = threading.Barrier(2), []

    def go(unit, parent) -> None:
        try:
            start.wait(10)
            move(unit, parent)
        except Invalid as refused:
            wrong.append(refused)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=go, args=pair)
        for pair in ((company.east, company.west), (company.west, company.east))
    ]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(wrong) == 1
    for unit in Unit.objects.all():
        steps = unit.path.strip("/").split("/")
        assert len(steps) == len(set(steps)) and steps[-1] == str(unit.pk)
        assert unit.parent is None or unit.path == f"{unit.parent.path}{unit.pk}/"
