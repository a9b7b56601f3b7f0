"""Every page of the complaint desk and of approvals runs a fixed number of SQL statements.

Session, user, and what that person may are the first three.
"""

from types import SimpleNamespace

import pytest
from django.test import Client

from tests.worlds import world
from yinuo.complaints.tests.conftest import Walk, build

PAGES = [
    ("wang", "/complaints/", "received", 6),
    ("wang", "/complaints/?q=机油&sort=due&severity=ordinary", "received", 6),
    ("wang", "/complaints/board/", "received", 7),
    ("wang", "/complaints/register/", "received", 3),
    ("wang", "/complaints/register/who/?phone=13812345678", "received", 6),
    ("wang", "/inbox/register/who/?phone=13812345678", "received", 6),
    ("wang", "/complaints/?q=13812345678", "received", 6),
    ("wang", "/matters/?q=13812345678", "received", 5),
    ("wang", "/search/?q=13812345678", "received", 6),
    ("wang", "/complaints/register/similar/?content=发动机异响", "closed", 5),
    ("wang", "/complaints/{pk}/", "received", 10),
    ("wang", "/complaints/{pk}/", "investigating", 12),
    ("wang", "/complaints/{pk}/", "proposing", 11),
    ("wang", "/complaints/{pk}/", "offered", 10),
    ("wang", "/complaints/{pk}/", "closed", 9),
    ("wang", "/complaints/{pk}/now/", "investigating", 12),
    ("wang", "/complaints/{pk}/now/", "closed", 9),
    ("wang", "/complaints/{pk}/similar/", "closed", 6),
    ("wang", "/complaints/{pk}/live/", "closed", 9),
    ("wang", "/complaints/{pk}/story/", "closed", 9),
    ("wang", "/complaints/{pk}/file/", "closed", 9),
    ("wang", "/complaints/{pk}/print/", "closed", 12),  # that it was printed is kept, in a savepoint
    ("wang", "/complaints/{pk}/draft-proposal/like/{closed}/", "proposing", 11),
    ("wang", "/complaints/{pk}/assess/", "acknowledged", 4),
    ("sun", "/approvals/", "approving", 6),
    ("wang", "/approvals/?tab=asked", "approving", 7),
    ("sun", "/approvals/?tab=decided", "offered", 7),
    ("sun", "/approvals/{approval}/", "approving", 11),
    ("sun", "/reports/", "closed", 8),
]


STAGES = {stage for _who, _path, stage, _count in PAGES}
EACH_PAGE = pytest.mark.parametrize(
    ("who", "path", "stage", "statements"), PAGES, ids=[f"{w} {p} {s}" for w, p, s, _n in PAGES]
)


def cases(each: int) -> SimpleNamespace:
    """The firm with so many cases at each stage, and the first of each."""
    firm = build()
    firm.walks = {}
    for stage in sorted(STAGES):
        firm.walks[stage], *_others = [Walk(firm).to(stage) for _n in range(each)]
    return firm


@world
def few():
    return cases(1)


@world
def more():
    return cases(3)


def count(firm, who, path, stage, statements, counting) -> None:
    client = Client()
    client.force_login(firm.staff[who])
    walk = firm.walks[stage]
    approval = walk.row.matter.approvals(manager="unscoped").first()
    address = path.format(pk=walk.id, approval=approval.pk if approval else 0, closed=firm.walks["closed"].id)
    with counting(statements):
        assert client.get(address).status_code == 200


@EACH_PAGE
def test_statements_of_a_page(few, who, path, stage, statements, django_assert_num_queries) -> None:
    count(few, who, path, stage, statements, django_assert_num_queries)


@EACH_PAGE
def test_statements_do_not_grow_with_rows(more, who, path, stage, statements, django_assert_num_queries) -> None:
    count(more, who, path, stage, statements, django_assert_num_queries)
