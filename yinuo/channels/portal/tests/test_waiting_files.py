"""Files strangers leave waiting: together they never fill the disk."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from yinuo.channels.portal import commands, proof
from yinuo.channels.portal.rules import LIMITS, Limit
from yinuo.channels.portal.tests.conftest import COMPLAINT
from yinuo.channels.portal.views.uploads import count_file
from yinuo.conversations.models import Attachment
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor
from yinuo.kernel.errors import Invalid, TooMany

KEY = "portal-abcdefghijklmnopqrst"


def leave(key: str = KEY, data: bytes = b"x" * 600) -> Attachment:
    stranger = Actor.customer(customer_id=None, name="网上客户")
    return commands.upload(file=data, name="a.bin", upload_key=key, by=stranger)


@pytest.mark.django_db
def test_what_waits_is_bounded_over_all_forms(monkeypatch) -> None:
    monkeypatch.setattr(commands, "MAX_WAITING", 1000)
    leave()
    leave("portal-bcdefghijklmnopqrstu")
    with pytest.raises(Invalid) as refused:
        leave("portal-cdefghijklmnopqrstuv")
    assert refused.value.code == "too_much_waiting" and "先提交文字" in refused.value.message
    assert Attachment.unscoped.count() == 2


@pytest.mark.django_db
def test_one_network_fills_only_its_share(monkeypatch, rf) -> None:
    """Many small files or a few large ones: the megabytes count."""
    monkeypatch.setitem(LIMITS, "upload_megabytes", Limit(60, timedelta(hours=1)))

    def sends(megabytes: int, address: str) -> None:
        count_file(rf.post("/p/upload/", REMOTE_ADDR=address), SimpleNamespace(size=megabytes * 2**20))

    sends(25, "203.0.113.7")
    sends(25, "203.0.113.7")
    with pytest.raises(TooMany):
        sends(25, "203.0.113.7")
    sends(25, "203.0.113.8")
    sends(25, "2001:db8::1")
    sends(25, "2001:db8::2")
    with pytest.raises(TooMany):
        sends(25, "2001:db8::3")  # the same household


def test_a_household_is_one_place_for_every_count(monkeypatch, client, desk) -> None:
    for what in ("code_address", "unlock_address", "submit_unproved"):
        monkeypatch.setitem(LIMITS, what, Limit(1, timedelta(hours=1)))
    ticket = proof.issue(clock.now() - timedelta(minutes=1)).token
    asks = (
        ("/p/track/code/", {"number": "TS261122-00012%d", "ticket": ticket}),
        ("/p/track/", {"number": "TS261122-00012%d", "code": "ABC234", "ticket": ticket}),
        ("/p/new/complaint/", {**COMPLAINT, "ticket": ticket}),
    )
    for path, values in asks:
        answers = [
            client.post(
                path, {k: v % n if k == "number" else v for k, v in values.items()}, REMOTE_ADDR=f"2001:db8::{n}"
            )
            for n in (1, 2)
        ]
        assert answers[0].status_code != 429 and answers[1].status_code == 429, path
