"""E-mail is offered where there is an address; where there is none, the page says so and leads to adding one."""

import re

import pytest

from yinuo.channels.portal.mail import address_of_case
from yinuo.complaints.queries.detail import complaint
from yinuo.complaints.tests.conftest import Walk
from yinuo.customers.commands import add_identity
from yinuo.kernel.actor import acting_as

WORDS = ("reply", "acknowledge", "close")
LINKS = ("restate", "offer-agreement")


def nameless(firm) -> Walk:
    """A case of somebody we know by telephone alone."""
    return Walk(firm, name="丁雪", phone="13900001111")


def offered(client, case: Walk, verb: str) -> tuple[bool, bool]:
    """Whether the form offers mail, and whether it leads to adding an address."""
    page = client.get(f"/complaints/{case.id}/{verb}/").content.decode()
    return bool(re.search(r'name="via"[^>]*value="email"', page)), "/identity/?kind=email" in page


@pytest.mark.parametrize(("how", "words", "links"), [(None, False, False), ("", True, False), ("agent", True, True)])
def test_mail_is_offered_where_it_would_arrive(firm, wang, how, words, links) -> None:
    case = nameless(firm)
    if how is not None:
        with acting_as(firm.wang):
            add_identity(
                customer_id=case.row.matter.customer_id, kind="email", value="ding@example.cn", verified_how=how
            )
    assert [offered(wang, case, verb) for verb in WORDS] == [(words, not words)] * len(WORDS)
    assert [offered(wang, case, verb) for verb in LINKS] == [(links, not links)] * len(LINKS)
    with acting_as(firm.wang):
        assert complaint(case.id).mails_links == bool(address_of_case(case.row.matter)) == links


def test_an_address_added_over_a_case_leaves_one_there(firm, wang) -> None:
    case = nameless(firm)
    customer = f"/customers/{case.row.matter.customer_id}/"
    add = f'{customer}identity/"[^>]*'
    drawer = wang.get(customer, headers={"HX-Request": "true"}).content.decode()
    assert re.search(add + "data-stay", drawer), "beside a case it closes and stays"
    assert not re.search(add + "data-stay", wang.get(customer).content.decode()), "the card itself shows it at once"
    over = {"HX-Request": "true", "X-Stay": "1", "HX-Target": "drawer-body"}
    sent = wang.post(customer + "identity/", {"kind": "email", "value": "ding@example.cn"}, headers=over)
    assert sent.status_code == 204 and "done" in sent.headers["HX-Trigger"] and "HX-Redirect" not in sent.headers
    assert offered(wang, case, "reply") == (True, False)
