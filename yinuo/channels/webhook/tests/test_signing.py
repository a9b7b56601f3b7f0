"""Signatures against the vectors published with Standard Webhooks; replays, duplicates and forgeries."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
import standardwebhooks.webhooks as reference

from yinuo.channels.webhook.sealing import seal, unseal
from yinuo.channels.webhook.signing import headers, new_secret, verify
from yinuo.kernel import clock, vault
from yinuo.kernel.errors import Invalid, Refused

#: The test vector of the specification's reference libraries.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE, PAYLOAD = "msg_p5jXN8AQM9LWM0D4loKWxJek", '{"test": 2432232314}'
SENT = datetime.fromtimestamp(1614265330, UTC)
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.fixture
def at(monkeypatch):
    """The reference library's clock, for a message of 2021."""

    def stand_at(moment: datetime) -> None:
        class Then(datetime):
            @classmethod
            def now(cls, tz=None):
                return moment

        monkeypatch.setattr(reference, "datetime", Then)

    stand_at(SENT)
    return stand_at


def test_the_published_vector() -> None:
    made = headers(SECRET, MESSAGE, SENT, PAYLOAD)
    assert made == {
        "webhook-id": MESSAGE, "webhook-timestamp": "1614265330", "webhook-signature": SIGNATURE,
    }  # fmt: skip


def test_the_vector_by_hand() -> None:
    """What the specification says, without any library: HMAC-SHA256 over id.timestamp.payload."""
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    digest = hmac.new(key, f"{MESSAGE}.1614265330.{PAYLOAD}".encode(), hashlib.sha256).digest()
    assert "v1," + base64.b64encode(digest).decode() == SIGNATURE


def test_two_secrets_make_two_signatures_and_each_is_enough(at) -> None:
    new = new_secret()
    given = headers([new, SECRET], MESSAGE, SENT, PAYLOAD)
    assert given["webhook-signature"].split(" ")[1] == SIGNATURE
    verify(SECRET, PAYLOAD, given)
    verify(new, PAYLOAD, given)


def test_the_vector_passes_through_the_seal(settings) -> None:
    sealed = seal(SECRET)
    assert SECRET not in sealed and SECRET[6:] not in sealed and seal(SECRET) != sealed
    assert headers(unseal(sealed), MESSAGE, SENT, PAYLOAD)["webhook-signature"] == SIGNATURE
    with pytest.raises(Refused):
        vault.unseal("mailbox", sealed, lost="", code="")  # sealed for one purpose, it opens for no other
    settings.SECRET_KEY = "another"
    with pytest.raises(Refused):
        unseal(sealed)


def test_a_good_message_passes_also_with_an_older_secrets_signature_beside(at) -> None:
    given = headers(SECRET, MESSAGE, SENT, PAYLOAD)
    verify(SECRET, PAYLOAD, given)
    verify(SECRET, PAYLOAD.encode(), {name.title(): value for name, value in given.items()})
    other = headers(new_secret(), MESSAGE, SENT, PAYLOAD)["webhook-signature"]
    verify(SECRET, PAYLOAD, given | {"webhook-signature": f"{other} v1a,aaaa {SIGNATURE}"})


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "msg_other"}, {"webhook-timestamp": "1614265331"}, {"webhook-timestamp": "soon"},
        {"webhook-timestamp": ""}, {"webhook-signature": "v1,AAAA"}, {"webhook-signature": SIGNATURE.replace("v1", "v2")},
        {"webhook-signature": ""}, {"webhook-signature": "g0hM9SsE"}, {"webhook-signature": "v1,中文"},
    ],
)  # fmt: skip
def test_whatever_was_changed_is_refused(at, change) -> None:
    with pytest.raises(Invalid) as problem:
        verify(SECRET, PAYLOAD, headers(SECRET, MESSAGE, SENT, PAYLOAD) | change)
    assert problem.value.code == "bad_signature"


@pytest.mark.parametrize("payload", ['{"test": 2432232315}', "", PAYLOAD + " ", "\ud83d\ude00"])
def test_another_payload_is_refused(at, payload) -> None:
    with pytest.raises(Invalid):
        verify(SECRET, payload.encode("utf-8", "surrogatepass"), headers(SECRET, MESSAGE, SENT, PAYLOAD))


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_no_header_may_be_missing(at, missing) -> None:
    given = headers(SECRET, MESSAGE, SENT, PAYLOAD)
    del given[missing]
    with pytest.raises(Invalid):
        verify(SECRET, PAYLOAD, given)


@pytest.mark.parametrize(("late", "good"), [(0, True), (299, True), (301, False), (-299, True), (-301, False)])
def test_a_replay_is_too_old_and_a_wrong_clock_too_new(at, late, good) -> None:
    at(SENT + timedelta(seconds=late))
    given = headers(SECRET, MESSAGE, SENT, PAYLOAD)
    if good:
        verify(SECRET, PAYLOAD, given)
        return
    with pytest.raises(Invalid):
        verify(SECRET, PAYLOAD, given)


def test_every_try_is_signed_anew_under_the_same_id() -> None:
    """A receiver that keeps ids takes a duplicate once, and a late retry is no replay."""
    first, second = clock.now() - timedelta(hours=6), clock.now()
    one, two = (headers(SECRET, MESSAGE, moment, PAYLOAD) for moment in (first, second))
    assert one["webhook-id"] == two["webhook-id"] and one["webhook-signature"] != two["webhook-signature"]
    verify(SECRET, PAYLOAD, two)
    with pytest.raises(Invalid):
        verify(SECRET, PAYLOAD, one)
