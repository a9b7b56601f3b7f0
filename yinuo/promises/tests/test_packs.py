"""The shipped figures, line by line as they were asked for. Changing one in a pack must be a decision."""

import pytest

from yinuo.promises.packs import pack_names, read_pack
from yinuo.promises.rules.reading import read_standard
from yinuo.promises.rules.standard import Sense

HOURS, DAYS, WORKING = "calendar_hours", "calendar_days", "working_days"
FIGURES = [
    ("common.hotline-answer", HOURS, 4), ("common.interim-reply", WORKING, 3),
    ("bank.complaint-settlement", DAYS, 15),
    ("lubricant.complaint-answer", HOURS, 24), ("lubricant.complaint-settlement", DAYS, 30),
    ("lubricant.delivery", DAYS, 0), ("lubricant.shipment", DAYS, 2), ("lubricant.visit-senior", DAYS, 182),
    ("lubricant.visit-monthly", DAYS, 30), ("lubricant.training", DAYS, 30), ("lubricant.oil-sample", HOURS, 24),
    ("lubricant.dealer-material", DAYS, 10), ("lubricant.promotion", DAYS, 20), ("lubricant.use-guidance", DAYS, 10),
    ("lubricant.usage-report", DAYS, 91),
    ("post.pickup-town", WORKING, 0), ("post.pickup-country", DAYS, 2), ("post.pickup-special", DAYS, 3),
    ("post.visit-class-1", DAYS, 10), ("post.visit-class-2", DAYS, 15), ("post.visit-class-3", DAYS, 30),
    ("post.customer-forum", DAYS, 182),
    ("property.small-hold", DAYS, 3), ("property.deposit", DAYS, 10), ("property.contract", DAYS, 10),
    ("property.follow-up-gap", DAYS, 3),
]  # fmt: skip
SPECS = {s.key: s for name in pack_names() for s in map(read_standard, read_pack(name)["standard"])}


def test_the_five_packs_are_there() -> None:
    assert set(pack_names()) == {"bank", "common", "lubricant", "post", "property"}


@pytest.mark.parametrize(("key", "clock", "amount"), FIGURES)
def test_a_shipped_figure(key: str, clock: str, amount: int) -> None:
    assert (SPECS[key].clock.value, SPECS[key].amount) == (clock, amount)


def test_what_goes_with_the_figures() -> None:
    assert SPECS["bank.complaint-settlement"].extend_to == (30, 60)
    interim = SPECS["common.interim-reply"]
    assert interim.renews and interim.renewed_by == ("reply",) and interim.kept_by == ("complaint.closed",)
    assert SPECS["lubricant.delivery"].counts_from == "agreed_on" and SPECS["lubricant.delivery"].breach.per_day
    assert SPECS["property.follow-up-gap"].sense is Sense.MINIMUM_GAP
    market_quality = {"complaint_kind": ("product", "unjudged")}
    assert all(SPECS[f"lubricant.complaint-{what}"].conditions == market_quality for what in ("answer", "settlement"))
    assert all(SPECS[f"post.visit-class-{n}"].conditions == {"visit_class": (str(n),)} for n in (1, 2, 3))


def test_waiting_for_the_customer_stops_only_the_settlement_of_a_complaint() -> None:
    stops = {key for key, spec in SPECS.items() if spec.pauses_for}
    assert stops == {"bank.complaint-settlement", "lubricant.complaint-settlement"}


def test_everything_owed_climbs_from_the_handler_to_somebody_above() -> None:
    for key, spec in SPECS.items():
        rungs = [rung.to for rung in spec.ladder]
        assert spec.sense is Sense.MINIMUM_GAP or (rungs[0] == "handler" and len(rungs) > 1), key
