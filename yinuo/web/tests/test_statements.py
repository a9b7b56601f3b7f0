"""Every page runs a fixed number of SQL statements, whatever the number of rows.

Session, user, and what that person may are the first three.
"""

import pytest

from yinuo.web.tests.conftest import make_case

PAGES = [
    ("agent", "/", 8),
    ("super", "/", 9),
    ("agent", "/day/rates/", 4),
    ("agent", "/inbox/", 5),
    ("agent", "/inbox/{conversation}/", 11),
    ("agent", "/inbox/{conversation}/thread/", 6),
    ("agent", "/customers/", 7),
    ("agent", "/customers/{customer}/", 13),
    ("agent", "/customers/{customer}/?tab=2", 13),
    ("agent", "/customers/{customer}/edit/", 8),
    ("super", "/customers/{customer}/merge/", 7),
    ("super", "/customers/duplicates/", 4),
    ("agent", "/customers/check/?name=客户01&phone=13900000001", 5),
    ("agent", "/search/?q=客户", 6),
    ("agent", "/matters/", 5),
    ("agent", "/matters/{matter}/", 11),
    ("agent", "/matters/{matter}/live/", 11),
    ("agent", "/matters/{matter}/story/", 5),
    ("agent", "/tasks/", 5),
    ("agent", "/tasks/{task}/", 5),
    ("agent", "/notifications/", 9),
    ("agent", "/live-ticket/", 3),
    ("agent", "/live-ticket/?topics=promises+matters:complaint", 3),
    ("agent", "/help/", 3),
    ("agent", "/tour/", 3),
    ("super", "/reports/", 8),
    ("super", "/reports/print/", 11),
    ("admin", "/", 10),
    ("admin", "/settings/", 3),
    ("admin", "/settings/start/", 5),
    ("admin", "/settings/units/", 4),
    ("admin", "/settings/staff/", 7),
    ("admin", "/settings/roles/", 4),
    ("admin", "/settings/keys/", 5),
    ("admin", "/audit/", 5),
]


#: What an open page asks for again by itself: (who, address, part, statements).
PARTS = [
    ("agent", "/", "", 6),
    ("agent", "/", "beside", 5),
    ("super", "/", "beside", 6),
    ("agent", "/matters/", "rows", 5),
    ("agent", "/promises/", "board", 7),
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


@pytest.mark.parametrize(("who", "path", "part", "statements"), PARTS, ids=[f"{w} {a} {p}" for w, a, p, _n in PARTS])
def test_statements_of_a_part(who, path, part, statements, company, sign_in, django_assert_num_queries) -> None:
    client, asked = sign_in(who), {"HX-Request": "true", **({"X-Part": part} if part else {})}
    for rows in ((1,), (2, 3)):
        for n in rows:
            make_case(company, n)
        with django_assert_num_queries(statements):
            answer = client.get(path, headers=asked)
        assert answer.status_code == 200 and b"<html" not in answer.content
