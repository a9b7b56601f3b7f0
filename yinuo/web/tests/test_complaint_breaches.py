"""A promise of a case that broke: the page says what the customer is owed for it until somebody has seen to it."""

from datetime import timedelta

from yinuo.complaints.tests.conftest import Walk
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.promises.commands import announce_due, load_pack
from yinuo.promises.models import Compensation, Promise
from yinuo.promises.queries import to_make_good

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
