"""接口来件: a refused one is seen, tried again, set aside, or registered by hand under the number the sender has."""

import json
from datetime import timedelta

import pytest

from yinuo.complaints.intake.accepting import accept
from yinuo.complaints.intake.draining import drain
from yinuo.complaints.models import AcceptedIntake, Complaint
from yinuo.customers.queries.watching import reveals_of
from yinuo.identity.commands import create_api_key
from yinuo.identity.grants import GRANT_CODES
from yinuo.identity.queries import actor_for_key
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.models import AuditEntry
from yinuo.operations.work import BAD, GOOD, WARNING, intakes

ROOT = Actor.system("test")
BODY = {
    "channel": "api",
    "content": "发动机漏油，要求退货",
    "name": "陈晓燕",
    "phone": "13812345678",
    "product": "柴机油",
}


@pytest.fixture
def key(company):
    with acting_as(ROOT):
        secret = create_api_key(name="网站表单", staff_id=company.staff["agent"].pk, grants=GRANT_CODES)["secret"]
    return actor_for_key(secret, at=clock.now())[0]


@pytest.fixture
def refused(key):
    receipt = accept(BODY | {"customer_id": 987654}, by=key, at=clock.now())
    drain()
    return AcceptedIntake.unscoped.get(pk=receipt["id"])


def test_it_is_listed_shown_masked_and_told(agent, refused):
    assert refused.number in agent.get("/complaints/accepted/").content.decode()
    page = agent.get(f"/complaints/accepted/{refused.pk}/").content.decode()
    assert "没有这位客户" in page and "138****5678" in page and "发动机漏油" in page and "网站表单" in page
    assert "13812345678" not in page and "接口" in page and "customer_id" not in page
    assert refused.number in agent.get("/notifications/").content.decode()
    assert "/complaints/accepted/" in agent.get("/complaints/").content.decode()
    nothing = agent.get("/complaints/accepted/?state=waiting").content.decode()
    assert refused.number not in nothing


def test_the_input_is_downloaded_with_a_trace(agent, refused):
    answer = agent.get(f"/complaints/accepted/{refused.pk}/raw/")
    assert json.loads(answer.content)["phone"] == "13812345678"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    noted = AuditEntry.unscoped.get(command="intake.note_raw", subject_id=refused.pk)
    # phone and address in full: it counts towards what is told as unusual
    assert reveals_of(noted.actor_id, clock.now() - timedelta(minutes=1)).count() == 1


def test_registered_by_hand_under_its_number_with_the_phone_of_the_input(agent, refused):
    page = agent.get(f"/complaints/register/?accepted={refused.pk}").content.decode()
    assert refused.number in page and "发动机漏油" in page and "13812345678" not in page
    form = {"channel": "api", "content": BODY["content"], "name": BODY["name"], "accepted_id": refused.pk, "once": "k"}
    answer = agent.post("/complaints/register/", form)
    assert answer.status_code == 303, answer.content.decode()[:3000]
    row = Complaint.unscoped.select_related("matter").get()
    assert (row.matter.number, row.phone, row.received_at) == (refused.number, "+8613812345678", refused.received_at)
    refused.refresh_from_db()
    assert (refused.state, refused.matter_id) == ("registered", row.pk)
    assert agent.post("/complaints/register/", form | {"once": "k2"}).status_code == 409  # never two of one
    assert Complaint.unscoped.count() == 1


def test_tried_again_or_set_aside_with_a_reason(agent, refused):
    path = f"/complaints/accepted/{refused.pk}/"
    assert agent.post(f"{path}retry/", {"once": "r"}).status_code == 303
    refused.refresh_from_db()
    assert (refused.state, refused.problem) == ("waiting", None)
    drain()
    assert agent.post(path, {"reason": "", "once": "a"}).status_code == 422
    assert agent.post(path, {"reason": "重复提交", "once": "b"}).status_code == 303
    refused.refresh_from_db()
    assert (refused.state, refused.reason) == ("set_aside", "重复提交")
    assert AuditEntry.unscoped.filter(command="intake.set_aside", actor_kind="staff").count() == 1


def test_who_does_not_reach_the_key_sees_nothing(sign_in, refused):
    stranger = sign_in("stock")
    for path in ("", f"{refused.pk}/", f"{refused.pk}/raw/"):
        assert stranger.get(f"/complaints/accepted/{path}").status_code in (403, 404)


def test_the_doctor_tells_of_what_waits_too_long(company, key):
    with acting_as(Actor.system("doctor")):
        assert [f.level for f in intakes()] == [GOOD]
        accept(BODY | {"customer_id": 987654}, by=key, at=clock.now() - timedelta(minutes=3))
        late = intakes()
        assert late[0].level == BAD and "worker" in late[0].advice
        drain()
        assert [f.level for f in intakes()] == [WARNING]
