"""What leaves by webhook names rows and states; what people wrote is asked for with a key."""

from datetime import timedelta

import pytest

from yinuo.channels.webhook import queries
from yinuo.channels.webhook.models import Delivery, Endpoint
from yinuo.channels.webhook.rules import EVENTS
from yinuo.complaints.tests.conftest import Walk, build
from yinuo.jobs import reactions
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as
from yinuo.kernel.command import permit_writes
from yinuo.kernel.events import reactions_to
from yinuo.promises.commands import announce_due, make_personal_promise

SECRETS = ("发动机异响", "很保密的承诺", "13812345678", "陈建国", "批次不合格", "原路退回")


@pytest.mark.django_db
def test_nobodys_words_leave(monkeypatch) -> None:
    monkeypatch.setattr("yinuo.jobs.tasks.webhooks.defer", lambda *given, **more: None)
    firm = build()
    with permit_writes("test"):
        Endpoint.unscoped.create(
            name="ERP", url="https://erp.example.com/h", events=sorted(EVENTS), secret="whsec_x", created_at=clock.now()
        )
    queries.forget_subscribed()
    assert reactions_to("complaint.received") and reactions
    walk = Walk(firm)
    with acting_as(firm.wang):
        make_personal_promise(matter_id=walk.id, title="很保密的承诺", due_at=clock.now() + timedelta(hours=1))
    with clock.frozen(clock.now() + timedelta(days=2)), acting_as(firm.system):
        announce_due(limit=100)
    walk.to("proposing").to("offered")
    sent = {d.event: d.payload for d in Delivery.unscoped.all()}
    assert {"complaint.received", "promise.broken", "approval.decided"} <= set(sent)
    assert not [(name, secret) for name, body in sent.items() for secret in SECRETS if secret in body]
    assert '"matter_id"' in sent["promise.broken"]
    queries.forget_subscribed()
