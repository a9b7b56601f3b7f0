"""A pack for one branch, then for another: the second gets it too, and no figure is lost."""

from types import SimpleNamespace

import pytest

from yinuo.kernel.actor import acting_as
from yinuo.kernel.clock import frozen
from yinuo.promises.commands import load_pack, make_promises, save_standard
from yinuo.promises.models import Promise, Standard
from yinuo.promises.queries.standards import packs
from yinuo.promises.rules.widening import widened
from yinuo.promises.tests.conftest import inside, local

KEY = "bank.complaint-settlement"


def in_force(key: str = KEY) -> Standard:
    return Standard.objects.get(key=key, in_force=True)


def test_a_second_branch_gets_the_pack_too_with_every_figure_as_it_is(desk: SimpleNamespace) -> None:
    assert len(load_pack(name="bank", unit_codes=["desk"])["made"]) == 3
    promise = inside(desk, make_promises, trigger="complaint.received", matter_id=desk.matter.pk)[0]
    with acting_as(desk.leader):
        save_standard(data={**in_force().data, "amount": 10, "extend_to": [30]}, expected_version=1)
        again = load_pack(name="bank", unit_codes=["store"])
    assert (again["made"], len(again["widened"]), again["left"]) == ([], 3, [])
    now = in_force()
    assert (now.version, now.pack, now.spec.conditions) == (3, "bank", {"unit": ("desk", "store")})
    assert now.spec.amount == 10 and "载入标准包 银行" in now.note
    assert Standard.objects.get(key=KEY, version=2).spec.conditions == {"unit": ("desk",)}, "a version never changes"
    promise.refresh_from_db()
    assert promise.standard.in_force, "what is open follows the standard"
    assert load_pack(name="bank", unit_codes=["store"])["widened"] == []
    shown = next(pack for pack in packs() if pack.name == "bank")
    assert (shown.in_force, shown.units) == (3, ("desk", "store"))


def test_the_second_branch_is_owed_what_the_pack_says(desk: SimpleNamespace) -> None:
    load_pack(name="bank", unit_codes=["store"])
    assert not inside(desk, make_promises, trigger="complaint.received", matter_id=desk.matter.pk)
    load_pack(name="bank", unit_codes=["desk"])
    with frozen(local("2026-03-02 11:00")):
        inside(desk, make_promises, trigger="complaint.received", matter_id=desk.matter.pk)
    assert set(Promise.unscoped.values_list("obligation", flat=True)) == {"settlement", "acknowledgement"}


def test_for_the_whole_company_and_for_a_branch_of_it(desk: SimpleNamespace) -> None:
    load_pack(name="bank", unit_codes=["hq"])
    assert not load_pack(name="bank", unit_codes=["desk"])["widened"], "it is below one it holds for"
    assert len(load_pack(name="bank")["widened"]) == 3
    assert in_force().spec.conditions == {}
    assert load_pack(name="bank", unit_codes=["store"]) == {"made": [], "widened": [], "left": []}
    assert next(pack for pack in packs() if pack.name == "bank").units == ()


def test_what_one_standard_cannot_say_is_left_and_named(desk: SimpleNamespace) -> None:
    load_pack(name="bank", unit_codes=["desk"], grades=["A"])
    assert len(load_pack(name="bank", unit_codes=["store"], grades=["B"])["left"]) == 3
    assert in_force().spec.conditions == {"unit": ("desk",), "grade": ("A",)}
    assert len(load_pack(name="bank", unit_codes=["desk"], grades=["B"])["widened"]) == 3
    assert in_force().spec.conditions == {"unit": ("desk",), "grade": ("A", "B")}


@pytest.mark.parametrize(
    ("held", "wanted", "becomes"),
    [
        ({}, {"unit": ["a"]}, {}),
        ({"unit": ("a",)}, {"unit": ["b"]}, {"unit": ("a", "b")}),
        ({"unit": ("a", "b")}, {"unit": ["b"]}, {"unit": ("a", "b")}),
        ({"unit": ("a",), "region": ("x",)}, {"unit": []}, {"region": ("x",)}),
        ({"unit": ("a",)}, {}, {"unit": ("a",)}),
        ({"unit": ("a",)}, {"unit": ["b"], "grade": ["A"]}, None),
        ({"unit": ("a",), "grade": ("A",)}, {"unit": ["b"], "grade": ["A"]}, {"unit": ("a", "b"), "grade": ("A",)}),
        ({"unit": ("a",), "grade": ("A", "B")}, {"unit": ["b"], "grade": ["A"]}, None),
    ],
)
def test_conditions_that_hold_for_both_and_for_nothing_else(held: dict, wanted: dict, becomes: dict | None) -> None:
    assert widened(held, wanted) == becomes
