"""Every page of the complaint desk and of approvals runs a fixed number of SQL statements.

Session, user, roles and unit are the first four.
"""

import pytest
from django.test import Client

from yinuo.complaints.tests.conftest import Walk, build

PAGES = [
    ("wang", "/complaints/", "received", 7),
    ("wang", "/complaints/?q=机油&sort=due&severity=ordinary", "received", 7),
    ("wang", "/complaints/board/", "received", 8),
    ("wang", "/complaints/register/", "received", 4),
    ("wang", "/complaints/register/who/?phone=13812345678", "received", 7),
    ("wang", "/complaints/register/similar/?content=发动机异响", "closed", 6),
    ("wang", "/complaints/{pk}/", "received", 12),
    ("wang", "/complaints/{pk}/", "proposing", 18),
    ("wang", "/complaints/{pk}/", "closed", 19),
    ("wang", "/complaints/{pk}/similar/", "closed", 7),
    ("wang", "/complaints/{pk}/live/", "closed", 19),
    ("wang", "/complaints/{pk}/file/", "closed", 26),
    ("wang", "/complaints/{pk}/assess/", "acknowledged", 5),
    ("sun", "/approvals/", "approving", 7),
    ("wang", "/approvals/?tab=asked", "approving", 8),
    ("sun", "/approvals/?tab=decided", "offered", 8),
    ("sun", "/approvals/{approval}/", "approving", 13),
    ("sun", "/reports/", "closed", 16),
]


@pytest.fixture
def firm(db):
    return build()


@pytest.mark.parametrize(("who", "path", "stage", "statements"), PAGES, ids=[f"{w} {p} {s}" for w, p, s, _n in PAGES])
def test_statements_do_not_grow_with_rows(who, path, stage, statements, firm, django_assert_num_queries) -> None:
    client = Client()
    client.force_login(firm.staff[who])
    walk = Walk(firm).to(stage)
    approval = walk.row.matter.approvals(manager="unscoped").first()
    address = path.format(pk=walk.id, approval=approval.pk if approval else 0)
    with django_assert_num_queries(statements):
        assert client.get(address).status_code == 200
    for _n in range(2):
        Walk(firm).to(stage)
    with django_assert_num_queries(statements):
        assert client.get(address).status_code == 200
