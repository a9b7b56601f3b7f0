"""An event reaches the subscriber signed, is tried for days, and the log says how it went."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from procrastinate.contrib.django.models import ProcrastinateJob
from standardwebhooks import Webhook

from yinuo.channels.webhook import commands, queries
from yinuo.channels.webhook.models import Attempt, Delivery, Endpoint
from yinuo.channels.webhook.rules import WAITS, Outcome
from yinuo.jobs.tasks.webhooks import deliver, prune, sweep
from yinuo.kernel import clock
from yinuo.kernel.audit import record
from yinuo.kernel.command import COMMANDS, command, permit_writes
from yinuo.kernel.errors import Invalid, Refused, Stale
from yinuo.kernel.events import emit
from yinuo.kernel.models import AuditEntry, Once

pytestmark = pytest.mark.django_db


@pytest.fixture
def happen():
    @command("test.happen", needs="test")
    def happen(*, event, fail=False, by, at):
        record("test")
        emit(event, matter_id=7, move="acknowledge")
        if fail:
            raise RuntimeError

    yield happen
    COMMANDS.pop("test.happen")


def run_waiting(name="webhook.deliver"):
    for job in ProcrastinateJob.objects.filter(task_name=name, status="todo").order_by("id"):
        deliver.func(**job.args)


def subscribe(receiver, *events):
    return commands.create_endpoint(name="ERP", url=receiver.url, events=list(events or ["matter.opened"]))


def test_an_event_arrives_signed(system, receiver, happen):
    made = subscribe(receiver)
    happen(event="matter.opened")
    happen(event="interaction.bounced")
    run_waiting()
    [(path, headers, body)] = receiver.got
    assert path == "/hook"
    read = Webhook(made["secret"]).verify(body, {k.lower(): v for k, v in headers.items()})
    assert read["type"] == "matter.opened"
    assert read["data"] == {"matter_id": 7, "move": "acknowledge"}
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.message_id) == ("delivered", 1, headers["webhook-id"])
    tried = Attempt.objects.get()
    assert (tried.status, tried.response, tried.error) == (200, "ok", "")


def sealed_texts():
    return [text for row in Endpoint.unscoped.values_list("secret", "former_secret") for text in row if text]


def test_the_secret_stands_nowhere_as_it_is(system, receiver, happen):
    made = subscribe(receiver)
    again = commands.rotate_secret(endpoint_id=made["id"], once="k")
    everything = str([list(m.objects.values() if m in (Once,) else m.unscoped.values())
                      for m in (Endpoint, Delivery, Once, AuditEntry)])  # fmt: skip
    for secret in (made["secret"], again["secret"]):
        assert secret.removeprefix("whsec_") not in everything
    assert len(sealed_texts()) == 2 and "whsec_" not in str(sealed_texts())


def test_a_replaced_secret_signs_along_for_a_day(system, receiver, happen):
    made = subscribe(receiver)
    new = commands.rotate_secret(endpoint_id=made["id"])
    happen(event="matter.opened")
    run_waiting()
    [(_path, headers, body)] = receiver.got
    for one in (made, new):
        Webhook(one["secret"]).verify(body, {k.lower(): v for k, v in headers.items()})
    later = clock.now() + timedelta(hours=25)
    assert queries.signing_secrets(Endpoint.objects.get(), later) == [new["secret"]]
    last = commands.rotate_secret(endpoint_id=made["id"], at_once=True)
    assert queries.signing_secrets(Endpoint.objects.get(), clock.now()) == [last["secret"]]


def test_secrets_of_before_are_sealed_by_the_migration(system, receiver):
    old = subscribe(receiver)
    with permit_writes("test"):
        Endpoint.unscoped.update(secret=old["secret"])
    sealing = import_module("yinuo.channels.webhook.migrations.0002_sealed_secrets")
    for _twice in range(2):
        sealing.seal_what_is_there(apps, None)
    assert "whsec_" not in str(sealed_texts())
    assert queries.signing_secrets(Endpoint.objects.get(), clock.now()) == [old["secret"]]


def test_another_installations_key_is_a_failed_attempt_that_says_so(system, receiver, happen, settings):
    subscribe(receiver)
    happen(event="matter.opened")
    settings.SECRET_KEY = "another"
    run_waiting()
    assert "更换签名密钥" in Attempt.objects.get().error
    assert receiver.got == [] and Delivery.objects.get().state == "waiting"


def test_what_did_not_happen_is_not_told(system, receiver, happen):
    subscribe(receiver)
    with pytest.raises(RuntimeError):
        happen(event="matter.opened", fail=True)
    assert not Delivery.objects.exists()
    assert not ProcrastinateJob.objects.filter(task_name="webhook.deliver").exists()


def test_an_event_nobody_wants_costs_no_statement(system, receiver, happen, django_assert_num_queries):
    happen(event="interaction.bounced")  # learns that nobody subscribed
    with django_assert_num_queries(3):  # savepoint, audit, release
        happen(event="interaction.bounced")


def test_a_failure_is_tried_again_later_under_the_same_id(system, receiver, happen):
    subscribe(receiver)
    happen(event="matter.opened")
    receiver.answers = [(500, b"broken", {}), (200, b"", {})]
    run_waiting()
    row = Delivery.objects.get()
    assert row.state == "waiting"
    assert timedelta(seconds=3) < row.next_at - clock.now() < timedelta(seconds=6)
    retry = ProcrastinateJob.objects.filter(task_name="webhook.deliver").order_by("id").last()
    assert abs(retry.scheduled_at - row.next_at) < timedelta(seconds=1)
    deliver.func(delivery_id=row.pk)
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("delivered", 2)
    assert receiver.got[0][1]["webhook-id"] == receiver.got[1][1]["webhook-id"]
    deliver.func(delivery_id=row.pk)  # a job that starts again after a crash
    assert len(receiver.got) == 2


def test_a_delivery_whose_job_was_lost_goes_out_after_all(system, receiver, happen):
    subscribe(receiver)
    happen(event="matter.opened")
    ProcrastinateJob.objects.filter(task_name="webhook.deliver").delete()
    assert sweep.func() == 0  # its own job may still come
    with clock.frozen(clock.now() + timedelta(minutes=20)):
        assert sweep.func() == 1
        run_waiting()
        assert sweep.func() == 0
    assert Delivery.objects.get().state == "delivered" and len(receiver.got) == 1


def test_it_gives_up_after_days_and_a_person_may_send_it_again(system, receiver, happen):
    subscribe(receiver)
    happen(event="matter.opened")
    row = Delivery.objects.get()
    for _try in range(len(WAITS) + 1):
        commands.record_attempt(delivery_id=row.pk, outcome=Outcome(503))
    row.refresh_from_db()
    assert (row.state, row.next_at) == ("failed", None)
    commands.redeliver(delivery_id=row.pk)
    deliver.func(delivery_id=row.pk)
    row.refresh_from_db()
    assert row.state == "delivered"


def test_an_endpoint_that_fails_for_days_is_switched_off_and_says_so(system, receiver, happen):
    subscribe(receiver)
    happen(event="matter.opened")
    row, now = Delivery.objects.get(), clock.now()
    commands.record_attempt(delivery_id=row.pk, outcome=Outcome(None, error="refused"), at=now)
    assert Endpoint.objects.get().active
    assert [e.failing_since for e in queries.in_trouble()] == [now]
    commands.record_attempt(delivery_id=row.pk, outcome=Outcome(500), at=now + timedelta(days=5))
    endpoint = Endpoint.objects.get()
    assert not endpoint.active
    assert "自动停用" in endpoint.disabled_why
    with pytest.raises(Refused):
        commands.redeliver(delivery_id=row.pk)
    happen(event="matter.opened")
    assert Delivery.objects.count() == 1
    commands.edit_endpoint(
        endpoint_id=endpoint.pk,
        name="ERP",
        url=receiver.url,
        events=endpoint.events,
        active=True,
        expected_version=endpoint.version,
    )
    assert queries.in_trouble() == []


def test_a_success_forgives(system, receiver, happen):
    subscribe(receiver)
    happen(event="matter.opened")
    row = Delivery.objects.get()
    commands.record_attempt(delivery_id=row.pk, outcome=Outcome(500))
    commands.record_attempt(delivery_id=row.pk, outcome=Outcome(204))
    assert queries.in_trouble() == []


def test_gone_means_gone(system, receiver, happen):
    subscribe(receiver)
    happen(event="matter.opened")
    receiver.answers = [(410, b"", {})]
    run_waiting()
    assert Delivery.objects.get().state == "failed"
    assert not Endpoint.objects.get().active


def test_redirects_are_not_followed_and_long_answers_are_cut(system, receiver, happen):
    subscribe(receiver)
    happen(event="matter.opened")
    receiver.answers = [(302, b"x" * 100_000, {"location": "http://127.0.0.1:1/"})]
    run_waiting()
    assert Attempt.objects.get().status == 302
    assert len(Attempt.objects.get().response) == 2000
    assert len(receiver.got) == 1


def test_the_forms_are_checked(system, settings):
    settings.WEBHOOK_ALLOW = []
    good = {"name": "x", "url": "https://example.com/hook", "events": ["task.done"]}
    for wrong, field in (
        ({"url": "http://example.com/"}, "url"),
        ({"url": "https://user:pass@example.com/"}, "url"),
        ({"url": "file:///etc/passwd"}, "url"),
        ({"url": "https://exa mple.com/"}, "url"),
        ({"url": "https://example.com:99999/"}, "url"),
        ({"name": " \u200b"}, "name"),
        ({"events": []}, "events"),
        ({"events": ["no.such"]}, "events"),
    ):
        with pytest.raises(Invalid) as problem:
            commands.create_endpoint(**{**good, **wrong})
        assert list(problem.value.fields) == [field]
    made = commands.create_endpoint(**good)
    with pytest.raises(Stale):
        commands.edit_endpoint(endpoint_id=made["id"], active=True, expected_version=9, **good)
    assert commands.rotate_secret(endpoint_id=made["id"])["secret"] != made["secret"]


def test_old_log_goes_after_thirty_days(system, receiver, happen):
    subscribe(receiver)
    with clock.frozen(clock.now() - timedelta(days=31)):
        happen(event="matter.opened")
    happen(event="matter.opened")
    prune.func()
    assert Delivery.objects.count() == 1
