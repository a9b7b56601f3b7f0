"""A promise of a case that broke: the page says what the customer is owed for it until somebody has seen to it."""

from datetime import timedelta

import pytest

from yinuo.complaints import commands as c
from yinuo.complaints.tests.conftest import Walk
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.errors import Refused
from yinuo.promises.commands import announce_due, load_pack
from yinuo.promises.models import Compensation, Promise
from yinuo.promises.queries import to_make_good

BLOCKS = "没有按时做到，还没有登记向客户致歉或补偿"
#: Three working days have passed by then, whatever holidays lie between.
LATE, LATER = timedelta(days=15), timedelta(days=31)
OWED = "没有按时做到：未按时履行承诺，应向客户致歉"


def test_an_apology_owed_stands_on_the_case_until_it_was_made(firm, client_of) -> None:
    with acting_as(Actor.system("test")):
        load_pack(name="common")
    case = Walk(firm)
    promise = Promise.unscoped.get(matter=case.id, obligation="interim_reply")
    client = client_of("wang")
    assert OWED not in client.get(f"/complaints/{case.id}/").content.decode()
    with clock.frozen(promise.due_at + timedelta(hours=1)):
        with acting_as(Actor.system("clock")):
            announce_due()
        for tab in ("", "file/"):
            page = client.get(f"/complaints/{case.id}/{tab}").content.decode()
            assert OWED in page and f"/promises/{promise.pk}/make-good/" in page, tab
        assert client.post(f"/promises/{promise.pk}/make-good/", {"text": "已电话致歉"}).status_code == 303
        assert OWED not in client.get(f"/complaints/{case.id}/").content.decode()


def test_an_apology_owed_keeps_the_case_from_closing_and_is_noted_in_one_step(firm, client_of) -> None:
    with acting_as(Actor.system("test")):
        load_pack(name="common")
    case = Walk(firm).to("callback")
    client, address = client_of("wang"), f"/complaints/{case.id}/"
    began = clock.now()
    for late in (LATE, LATER):
        with clock.frozen(began + late), acting_as(firm.wang):
            c.reply(complaint_id=case.id, text="仍在核实，让您久等了")
    with clock.frozen(began + LATER):
        case.call_back()
        owed = list(Promise.unscoped.filter(matter=case.id, compensation__state="proposed").order_by("pk"))
        assert len(owed) >= 2
        page = client.get(address).content.decode()
        assert page.count(BLOCKS) >= 2 and "登记已致歉或补偿" in page
        refused = client.post(address + "close/", {"outcome": "已换货"})
        assert refused.status_code == 409 and BLOCKS in refused.content.decode()
        form = client.get(f"/promises/{owed[0].pk}/make-good/").content.decode()
        assert "也是为同一件投诉的其他逾期" in form
        sent = client.post(f"/promises/{owed[0].pk}/make-good/", {"text": "已当面致歉", "others": "on"})
        assert (sent.status_code, sent.headers["Location"]) == (303, address), "back where it was asked for"
        assert BLOCKS not in client.get(address).content.decode()
        assert client.post(address + "close/", {"outcome": "已换货"}).status_code == 303


def test_a_breach_the_clock_has_not_announced_yet_counts_as_well(firm) -> None:
    with acting_as(Actor.system("test")):
        load_pack(name="common")
    case = Walk(firm).to("callback")
    case.call_back()
    with clock.frozen(clock.now() + LATE), acting_as(firm.wang), pytest.raises(Refused, match="还没有登记向客户致歉"):
        c.close(complaint_id=case.id, outcome="已换货")


def test_money_waiting_for_approval_or_paid_by_a_task_is_not_asked_of_the_handler() -> None:
    def owing(**given) -> list[Compensation]:
        promise = Promise(title="送货")
        promise.compensation = Compensation(promise=promise, text="", **given)
        return to_make_good([promise, Promise(title="别的")])

    assert owing(kind="apology", state="proposed") and owing(kind="free", state="proposed")
    assert owing(kind="compensation", state="approved"), "nobody else pays it"
    for state in ("proposed", "settled", "rejected"):
        assert not owing(kind="compensation", state=state), state
    assert not owing(kind="apology", state="settled")
