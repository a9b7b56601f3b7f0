"""Every page runs a fixed number of SQL statements, whatever the number of rows.

Session, user, roles and unit are the first four.
"""

import pytest

from yinuo.web.tests.conftest import make_case

PAGES = [
    ("agent", "/", 9),
    ("super", "/", 10),
    ("agent", "/inbox/", 6),
    ("agent", "/inbox/{conversation}/", 9),
    ("agent", "/inbox/{conversation}/thread/", 7),
    ("agent", "/customers/", 8),
    ("agent", "/customers/{customer}/", 14),
    ("agent", "/customers/{customer}/edit/", 5),
    ("super", "/customers/{customer}/merge/", 8),
    ("super", "/customers/duplicates/", 5),
    ("agent", "/customers/check/?name=客户01&phone=13900000001", 6),
    ("agent", "/search/?q=客户", 6),
    ("agent", "/matters/", 6),
    ("agent", "/matters/{matter}/", 8),
    ("agent", "/matters/{matter}/live/", 8),
    ("agent", "/tasks/", 6),
    ("agent", "/tasks/{task}/", 6),
    ("agent", "/notifications/", 8),
    ("agent", "/live-ticket/", 4),
    ("admin", "/settings/", 4),
    ("admin", "/settings/units/", 5),
    ("admin", "/settings/staff/", 8),
    ("admin", "/settings/roles/", 5),
    ("admin", "/settings/keys/", 6),
    ("admin", "/audit/", 6),
]


@pytest.mark.parametrize(("who", "path", "statements"), PAGES, ids=[f"{w} {p}" for w, p, _n in PAGES])
def test_statements_do_not_grow_with_rows(who, path, statements, company, sign_in, django_assert_num_queries) -> None:
    client = sign_in(who)
    first = make_case(company, 1)
    address = path.format(
        conversation=first.conversation.pk, customer=first.customer.pk, matter=first.matter.pk, task=first.task.pk
    )
    with django_assert_num_queries(statements):
        assert client.get(address).status_code == 200
    make_case(company, 2)
    make_case(company, 3)
    with django_assert_num_queries(statements):
        assert client.get(address).status_code == 200
