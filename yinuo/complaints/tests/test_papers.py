"""What hangs on a case, read in one statement, is what the ORM would have read row by row."""

import pytest
from django.db.models import DecimalField

from yinuo.complaints import commands as c
from yinuo.complaints.queries.papers import AFTER, PAPERS, aftermath, papers
from yinuo.kernel.actor import acting_as
from yinuo.kernel.errors import Missing

pytestmark = pytest.mark.django_db
DATES = {"due_on": "2026-12-01", "check_on": "2026-12-20"}


@pytest.fixture
def case(walk, firm):
    """A proposal refused and one agreed, another case merged into it, and everything that may follow."""
    case, twin = walk(), walk()
    with acting_as(firm.sun):
        c.merge_complaints(complaint_ids=[twin.id], into_id=case.id, reason="同一件事")
    case.to("proposing").propose(amount="1234.50")
    case.submit()
    case.approve("rejected", "太多")
    on = {"complaint_id": case.id}
    with acting_as(firm.wang):
        asked = c.request_reception(**on, topic="当面说")
        c.record_reception(reception_id=asked.pk, state="canceled", result="不用了")
    case.to("closed")
    with acting_as(firm.wang):
        c.plan_correction(**on, root_cause="温度", action="温控", owner_id=firm.li.id, **DATES)
        c.plan_repair(**on, goal="挽回", steps="上门", due_on="2026-12-24")
        c.propose_improvement(**on, title="桶盖", demand="漏", suggestion="换", addressed_to_id=firm.units["hq"].pk)
        c.reward(**on, reason="提醒了我们", thanks="谢谢", worth="88.80")
        c.request_review(**on, reason="再看一次")
    with acting_as(firm.sun):
        c.propose_responsibility(**on, staff_id=firm.wang.id, fault="没有回电")
        c.publish(**on, title="一件投诉", text="都看看", unit_id=firm.units["desk"].pk)
    return case


def compared(part, rows) -> int:
    """Value by value and type by type, money with its two digits, and whom each row names."""
    for row in rows:
        kept = part.shape.model.unscoped.get(pk=row.pk)
        for column in part.shape.columns:
            ours, theirs = getattr(row, column.attname), getattr(kept, column.attname)
            assert ours == theirs and isinstance(ours, type(theirs)), f"{part.shape.model.__name__}.{column.attname}"
            assert not isinstance(column, DecimalField) or str(ours) == str(theirs)
        for name, shape in part.shape.beside.items():
            ours, theirs = getattr(row, name), getattr(kept, name)
            assert [getattr(ours, n, None) for n in shape.only] == [getattr(theirs, n, None) for n in shape.only]
        for name, below in part.shape.below.items():
            assert compared(below, getattr(row, name))
    return len(rows)


def test_every_row_comes_back_as_it_is_kept(case, firm, django_assert_num_queries) -> None:
    with acting_as(firm.sun):
        with django_assert_num_queries(1):
            shown = papers(case.id)
        with django_assert_num_queries(1):
            after = aftermath(case.id)
    missing = [name for name, part in PAPERS.items() if not compared(part, shown[name])]
    assert missing == ["externals", "held"]  # a closed case is with nobody else, and nothing more is said
    assert [p.state for p in shown["proposals"]] == ["agreed", "rejected"]
    assert [[i.position for i in p.items_shown] for p in shown["proposals"]] == [[1, 2], [1, 2]]
    assert [name for name, part in AFTER.items() if not compared(part, getattr(after, name))] == []


def test_what_follows_keeps_to_who_may_see_it(case, walk, firm) -> None:
    other = walk()
    with acting_as(firm.li):
        assert aftermath(case.id).responsibilities == [] and aftermath(case.id).rewards
    with acting_as(firm.wang):  # the person concerned
        assert [r.staff.name for r in aftermath(case.id).responsibilities] == ["王芳"]
    with acting_as(firm.cang), pytest.raises(Missing):
        aftermath(other.id)
