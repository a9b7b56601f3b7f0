"""Links and tickets: each serves one end, for a while, for one case; nothing made up, cut short or of elsewhere passes."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client

from tests.fences.test_strangers import theirs  # noqa: F401 - somebody else's case, and a stranger on the staff
from yinuo.channels.portal import links, proof
from yinuo.channels.portal.sharing import share, share_token
from yinuo.channels.portal.visitor import COOKIE, PURPOSE
from yinuo.complaints import commands as c
from yinuo.complaints.models import Agreement, Restatement
from yinuo.complaints.tests.conftest import Walk, build
from yinuo.conversations.models import Conversation
from yinuo.identity.entering import pass_for
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.errors import Invalid
from yinuo.kernel.tokens import sign, unsign
from yinuo.matters.models import Matter
from yinuo.surveys.commands import ask_by_hand, seed_questionnaires
from yinuo.surveys.links import answer_token
from yinuo.surveys.models import Questionnaire


def shared_token(matter_id: int) -> str:
    with acting_as(Actor.customer(customer_id=None, name="x", matter_ids=frozenset({matter_id}))):
        return share_token(share(matter_id=matter_id))


def survey_token(matter_id: int) -> str:
    with acting_as(Actor.system("test")):
        seed_questionnaires()
        row = ask_by_hand(questionnaire_id=Questionnaire.unscoped.first().pk, matter_id=matter_id)
    return answer_token(row.pk, clock.now() + timedelta(days=14))


def token_of(link: str) -> str:
    return urlsplit(link).path.rstrip("/").rpartition("/")[2]


@pytest.fixture
def ends(db):
    """Where a token is used, and a good one for it."""
    firm, now = build(), clock.now()
    walk = Walk(firm).to("acknowledged")
    with acting_as(firm.wang):
        c.restate(complaint_id=walk.id, via="link")
    walk.to("offered")
    agreement = Agreement.unscoped.order_by("-pk").first()
    if agreement is None:
        with acting_as(firm.wang):
            agreement = c.offer_agreement(complaint_id=walk.id)
    restated = Restatement.unscoped.order_by("-pk").first()
    return {
        "/p/c/%s/": links.case_token(walk.id, now),
        "/p/r/%s/": token_of(links.restatement_link(walk.id, restated.pk, now)),
        "/p/a/%s/": token_of(links.agreement_link(walk.id, agreement.pk, now + timedelta(days=1))),
        "/p/v/%s/": token_of(links.rating_link(walk.id, now)),
        "/p/t/%s/": shared_token(walk.id),
        "/p/s/%s/": survey_token(walk.id),
        "/login/device/%s/": pass_for("wang", now),
    }


OTHERS = ("portal.form", PURPOSE, "login.device", "live")


def status(path: str) -> int:
    return Client().get(path).status_code


def test_a_token_opens_its_own_door_and_no_other(ends) -> None:
    now = clock.now()
    payload = unsign(links.CASE, ends["/p/c/%s/"])
    strays = [sign(purpose, payload, now + timedelta(days=1)) for purpose in OTHERS] + [proof.issue(now).token]
    for end, good in ends.items():
        assert status(end % good) in (200, 303), end
        for other in [*(t for e, t in ends.items() if e != end), *strays]:
            assert status(end % other) in (404, 422), end


def test_a_token_cut_short_changed_or_of_another_installation_opens_nothing(ends, settings) -> None:
    for end, good in ends.items():
        body, _dot, signature = good.partition(".")
        swapped = ("B" if body[6] != "B" else "C").join((body[:6], body[7:]))
        for bad in (body, f"{body}.", f".{signature}", good[:-4], f"{swapped}.{signature}", f"{body}.{signature[::-1]}",
                    f"{body}.{signature}.{signature}", "é.é", "%00.%00", "W10.W10"):  # fmt: skip
            assert status(end % bad) in (404, 422), (end, bad)
    settings.SECRET_KEY = "another-installation"
    for end, good in ends.items():
        assert status(end % good) in (404, 422), end


def test_a_token_ends(ends) -> None:
    with clock.frozen(clock.now() + timedelta(days=91)):
        for end, good in ends.items():
            assert status(end % good) in (410, 422), end


def test_the_cookie_of_an_opened_case_cannot_be_made_or_stretched(ends) -> None:
    matter = unsign(links.CASE, ends["/p/c/%s/"])
    now = clock.now()
    cookies = {
        "made": sign(links.CASE, [matter], now + timedelta(hours=1)),
        "late": sign(PURPOSE, [matter], now - timedelta(seconds=1)),
        "other": sign(PURPOSE, [matter + 1], now + timedelta(hours=1)),
    }
    for why, value in cookies.items():
        client = Client()
        client.cookies[COOKIE] = value
        answer = client.post(f"/p/c/{ends['/p/c/%s/']}/add/", {"text": "x", "ticket": proof.issue(now).token})
        assert answer.status_code == 403, why


def test_a_ticket_names_only_what_its_holder_may_hear(theirs) -> None:  # noqa: F811
    client = Client()
    client.force_login(theirs.stranger)
    matter, thread = Matter.unscoped.order_by("-pk").first(), Conversation.unscoped.order_by("-pk").first()
    foreign = {
        f"matter:{matter.pk}", f"conversation:{thread.pk}", f"staff:{theirs.staff['wang'].pk}",
        f"unit:{theirs.units['desk'].pk}", "settings", "everything", "*", f"matter:{matter.pk} ",
    }  # fmt: skip
    ticket = client.get("/live-ticket/", {"topics": " ".join(foreign)}).json()["ticket"]
    assert not foreign & set(unsign("live", ticket)["topics"])
    for purpose in ("portal.form", links.CASE, "login.device"):
        with pytest.raises(Invalid):
            unsign(purpose, ticket)
