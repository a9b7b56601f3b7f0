"""What is counted together is what is counted one by one, whoever looks, over whatever periods."""

import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.worlds import world
from yinuo.complaints.models import Complaint
from yinuo.complaints.tests.conftest import NOW, build
from yinuo.identity.queries import units
from yinuo.insight.queries import tally
from yinuo.insight.queries.frame import Frame, below
from yinuo.insight.queries.leader import COMPARED, TRENDS
from yinuo.insight.queries.slices import SLICES, Cut
from yinuo.insight.rules.period import Period
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as
from yinuo.kernel.clock import CST
from yinuo.kernel.command import permit_writes
from yinuo.matters.models import Matter
from yinuo.promises.models import Promise
from yinuo.surveys.models import Edition, Questionnaire, SurveyAnswer

FIRST, DAYS = date(2026, 9, 1), 40
COUNTED = [name for name in (*TRENDS, *COMPARED, "rated", "satisfied", "unhappy", "due") if name in SLICES]


def moment(dice: random.Random) -> datetime:
    """Often a midnight, or the moment before."""
    day = datetime.combine(FIRST + timedelta(days=dice.randrange(DAYS)), datetime.min.time(), CST)
    return day + dice.choice([timedelta(), timedelta(microseconds=-1), timedelta(seconds=dice.randrange(86400))])


@world
def many():
    """Two hundred matters, their complaints, promises and answers, as the dice fall."""
    with clock.frozen(NOW):
        firm = build()
        dice = random.Random(7)
        staff, desks = [firm.staff["wang"], firm.staff["li"], None], list(firm.units.values())
        with permit_writes("test"):
            matters = Matter.unscoped.bulk_create(_matter(firm, dice, n, staff, desks) for n in range(200))
            Complaint.unscoped.bulk_create(_complaint(dice, m) for m in matters if m.kind == "complaint")
            Promise.unscoped.bulk_create(_promise(dice, m, staff, desks) for m in matters for _ in range(2))
            asked = Questionnaire.unscoped.create(kind="csat", name="满意度", created_at=NOW)
            edition = Edition.unscoped.create(questionnaire=asked, number=1, title="满意度", created_at=NOW)
            SurveyAnswer.unscoped.bulk_create(
                SurveyAnswer(
                    questionnaire=asked, edition=edition, matter=m, on=moment(dice).date(), way="email",
                    score=dice.choice([1, 3, 4, 5, None]),
                )
                for m in dice.choices(matters, k=120)
            )  # fmt: skip
    return firm


def _matter(firm, dice, n, staff, desks):
    opened, open_ = moment(dice), dice.random() < 0.2
    return Matter(
        number=f"R{n:03d}", kind=dice.choice(["complaint", "complaint", "enquiry"]), title="事项", customer=firm.customer,
        channel=dice.choice(["phone", "email"]), owner=dice.choice(staff), unit=dice.choice(desks), state="open" if open_ else "closed",
        open=open_, opened_at=opened, closed_at=None if open_ else moment(dice), last_activity_at=opened,
    )  # fmt: skip


def _complaint(dice, m):
    return Complaint(
        matter=m, stage="assessed", stage_since=m.opened_at, channel=m.channel, received_at=m.opened_at, content="内容",
        kind=dice.choice(["product", "service", ""]), satisfaction=dice.choice([None, None, 1, 3, 5]), reopened=dice.choice([0, 0, 1]),
        agreed_total=dice.choice([None, Decimal(0), Decimal("12.50")]),
    )  # fmt: skip


def _promise(dice, m, staff, desks):
    due, state = moment(dice), dice.choice(["kept", "renewed", "broken", "open", "waived"])
    kept = min(moment(dice), due) if state in ("kept", "renewed") else None
    return Promise(
        matter=m, customer_id=m.customer_id, obligation="answer", title="承诺", owner=dice.choice(staff), unit=dice.choice(desks),
        state=state, outstanding=state in ("open", "broken"), made_at=m.opened_at, starts_at=m.opened_at, due_at=due, kept_at=kept,
        explanation="", clock="calendar_hours", amount=4,
    )  # fmt: skip


PERIODS = st.tuples(st.integers(-3, DAYS), st.integers(0, DAYS)).map(
    lambda span: Period(FIRST + timedelta(days=span[0]), FIRST + timedelta(days=span[0] + span[1]))
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(periods=st.lists(PERIODS, min_size=1, max_size=4), who=st.sampled_from(["qian", "sun"]),
       narrowing=st.sampled_from([{}, {"unit": "desk"}, {"kind": "product"}, {"channel": "phone"}]))  # fmt: skip
def test_together_is_as_one_by_one(many, periods, who, narrowing) -> None:
    with acting_as(getattr(many, who)):
        given = dict(narrowing)
        if code := given.pop("unit", ""):
            given |= {"unit": many.units[code].pk, "unit_ids": below(many.units[code].pk, units())}
        frames = [replace(Frame(period, NOW), **given) for period in periods]
        found = tally.count(
            [], *tally.over(COUNTED, frames), *tally.over(["compensation"], frames),
            *tally.apart_by("unit", ("kept", "broken"), frames[0]),
        )  # fmt: skip
        for frame in frames:
            told = {name: tally.within(found[name], frame.period) for name in COUNTED}
            assert told == {name: Cut(name, frame).rows().count() for name in COUNTED}
            total = Cut("paid", frame).rows().aggregate(total=Sum("complaint__agreed_total"))["total"]
            assert tally.within(found["compensation"], frame.period) == (total or 0)
        for name in ("kept", "broken"):
            for key, n in found[f"{name}:unit"].items():
                assert Cut(name, frames[0], "unit", key).rows().count() == n
            assert found[f"{name}:unit"].total() == told_of(name, frames[0])
            assert told_of("rated", frames[0]) == told_of("told", frames[0]) + told_of("answered", frames[0])


def told_of(name, frame):
    return Cut(name, frame).rows().count()
