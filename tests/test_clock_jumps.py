"""The clock of the machine is set forward or back (a step of NTP, a virtual machine that wakes up): nothing is lost,
nothing is done twice, nobody is locked out for the length of the jump. The promise clock has its own:
`promises/tests/test_clock.py`.
"""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from procrastinate.contrib.django import app as jobs
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.worlds import world
from yinuo.calendars.queries import calendar_for
from yinuo.calendars.spans import ClockKind, Span
from yinuo.channels.contract import Receipt
from yinuo.channels.email import flows as mail
from yinuo.channels.email.commands.mailboxes import save_mailbox
from yinuo.channels.email.models import OutboundMessage
from yinuo.channels.portal import proof
from yinuo.channels.sms import flows as sms
from yinuo.channels.sms.models import SmsMessage
from yinuo.channels.webhook import commands as webhooks
from yinuo.channels.webhook.models import Delivery
from yinuo.channels.webhook.rules import WAITS, Outcome
from yinuo.conversations.commands import open_conversation, queue_reply, upload_attachment
from yinuo.conversations.models import Attachment
from yinuo.customers.commands import create_customer
from yinuo.customers.models import ChannelIdentity
from yinuo.identity import entering
from yinuo.identity.commands import create_api_key, create_staff, create_unit, edit_unit, seed_roles
from yinuo.identity.models import ApiKey, Unit
from yinuo.identity.queries import actor_for, actor_for_key
from yinuo.jobs import periodic
from yinuo.jobs.deferring import defer
from yinuo.jobs.tasks import files, housekeeping
from yinuo.jobs.tasks import sms as sms_jobs
from yinuo.jobs.tasks import webhooks as webhook_jobs
from yinuo.kernel import clock, steady, throttle, tokens
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.command import permit_writes
from yinuo.kernel.errors import AlreadyDone, Invalid, TooMany
from yinuo.kernel.models import Once

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
HOUR, DAY, YEAR = timedelta(hours=1), timedelta(days=1), timedelta(days=365)
JUMPS = [HOUR, YEAR]
SYSTEM = Actor.system("test")


@world
def made_house() -> SimpleNamespace:
    with clock.frozen(NOW), acting_as(SYSTEM):
        seed_roles()
        unit = create_unit(name="客服中心", code="desk", kind="company", parent_id=None)
        staff = create_staff(username="li", name="李", unit_id=unit.pk, role_codes=["agent"], password="desk-7788-x")
        customer = create_customer(
            kind="person", name="张三", identities=[("email", "zhang@example.cn")], verified_how="agent"
        )
        box = save_mailbox(
            name="一诺", address="kf@yinuo.cn", smtp_host="127.0.0.1", smtp_port=1, smtp_security="none", active=True,
            receipt_enabled=False,
        )  # fmt: skip
        return SimpleNamespace(unit=unit, staff=staff, agent=actor_for(staff), customer=customer, box=box)


@pytest.fixture
def house(made_house):
    with clock.frozen(NOW), acting_as(SYSTEM):
        yield made_house


# Tries and sign-in


@pytest.mark.parametrize("back", JUMPS)
def test_nobody_is_locked_out_for_longer_than_the_window(house, back):
    with clock.frozen(NOW + back):
        for _n in range(entering.TRIES):
            entering.count_entry("li", "10.0.0.0/24", "", clock.now())
    with pytest.raises(TooMany) as caught:
        entering.count_entry("li", "10.0.0.0/24", "", NOW)
    assert caught.value.retry_after <= entering.WINDOW.total_seconds(), "and the count still holds"
    entering.count_entry("li", "10.0.0.0/24", "", NOW + entering.WINDOW)


@pytest.mark.parametrize("back", JUMPS)
def test_what_is_done_once_in_a_while_is_done_again_after_the_clock_went_back(house, back):
    window = timedelta(minutes=10)
    assert throttle.first_in("mail:full", window, NOW + back)
    assert throttle.first_in("mail:full", window, NOW)
    assert not throttle.first_in("mail:full", window, NOW + timedelta(seconds=1))
    assert not throttle.first_in("mail:full", window, NOW - timedelta(seconds=1)), "two machines a second apart"


def test_a_form_open_while_the_clock_went_back_is_not_waited_for(house):
    ticket = proof.issue(NOW + HOUR)
    proof.check_wait(ticket, NOW)
    with pytest.raises(Invalid):
        proof.check_wait(proof.issue(NOW), NOW + timedelta(seconds=1))


# Links and keys


@pytest.mark.parametrize(
    "purpose", ["complaint.agreement", "complaint.restatement", "complaint.rating", "login.device"]
)
def test_a_signed_link_is_judged_by_the_time_it_is_opened_and_by_nothing_kept(purpose):
    token = tokens.sign(purpose, [7, 1], NOW + 14 * DAY)
    for at, good in ((NOW + YEAR, False), (NOW, True), (NOW - YEAR, True), (NOW + 13 * DAY, True)):
        with clock.frozen(at):
            if good:
                assert tokens.unsign(purpose, token) == [7, 1]
            else:
                with pytest.raises(Invalid, match="过期"):
                    tokens.unsign(purpose, token)


def test_a_key_to_the_api_that_ran_out_too_early_is_good_again(house):
    secret = create_api_key(name="ERP", staff_id=house.staff.pk, grants=["complaint.register"])["secret"]
    with permit_writes("test"):
        ApiKey.objects.update(expires_at=NOW + 30 * DAY, last_used_at=NOW + YEAR)
    for at, good in ((NOW + YEAR, False), (NOW, True), (NOW - DAY, True)):
        assert (actor_for_key(secret, at=at) is not None) == good


# Once-keys and whatever is deleted by age


def rename(name, **given):
    unit = Unit.objects.get(code="desk")
    edit_unit(
        unit_id=unit.pk, name=name, head_id=None, parent_id=None, active=True, expected_version=unit.version, **given
    )


@pytest.mark.parametrize("jump", [40 * DAY, YEAR, -YEAR])
def test_a_request_repeated_after_a_jump_is_still_the_same_request(house, jump):
    rename("一", once="r1")
    housekeeping.prune()
    with clock.frozen(NOW + jump):
        for _n in range(6):  # an hour of a wrong clock
            housekeeping.prune()
        with pytest.raises(AlreadyDone):
            rename("二", once="r1")
    housekeeping.prune()
    with pytest.raises(AlreadyDone):
        rename("二", once="r1")


def test_after_a_real_rest_what_is_old_goes_after_all(house):
    rename("一", once="r1")
    housekeeping.prune()
    with clock.frozen(NOW + 32 * DAY):
        for _n in range(32 * 24 + 1):
            steady.unhurried(clock.now())
        assert housekeeping.prune()["kernel_once"] == 1
    assert not Once.objects.exists()


def test_files_of_a_form_still_open_survive_a_jump(house):
    with acting_as(house.agent):
        upload_attachment(file=b"%PDF-1.4 x", name="a.pdf", upload_key="form-1")
    files.sweep()
    with clock.frozen(NOW + YEAR):
        files.sweep()
    assert Attachment.unscoped.count() == 1


# What is tried again: mail, webhooks, text messages


@pytest.fixture
def letter(house, monkeypatch):
    """A mail on its way out, and the servers that took it."""
    taken = []
    monkeypatch.setattr(mail, "compose", lambda row, mailbox: b"")
    monkeypatch.setattr(mail, "deliver", lambda *given: taken.append(given) or Receipt("", "250 ok"))
    identity = ChannelIdentity.unscoped.get(customer=house.customer)
    thread = open_conversation(channel="email", customer_id=house.customer.pk, subject="来信", identity_id=identity.pk)
    with acting_as(house.agent):
        said = queue_reply(conversation_id=thread.pk, text="您好")
    return SimpleNamespace(row=OutboundMessage.unscoped.get(interaction=said), taken=taken)


@pytest.mark.parametrize("kept", [{"state": "queued", "next_try_at": 1}, {"state": "sending", "claimed_until": 1}])
@pytest.mark.parametrize("jump", [30 * DAY, YEAR, -DAY, -YEAR])
def test_a_mail_planned_or_claimed_at_another_time_goes_out_once(letter, kept, jump):
    when = {name: NOW + jump if value == 1 else value for name, value in kept.items()}
    with permit_writes("test"):
        OutboundMessage.unscoped.filter(pk=letter.row.pk).update(attempts=1, **when)
    for at in (NOW, NOW, NOW + jump, NOW):
        with clock.frozen(at):
            mail.send_due()
    assert len(letter.taken) == 1


def test_a_mail_being_handed_over_while_the_clock_jumps_is_not_sent_again(letter, monkeypatch):
    def slow(*given):
        letter.taken.append(given)
        with clock.frozen(NOW + YEAR):
            mail.send_due()
        return Receipt("", "250 ok")

    monkeypatch.setattr(mail, "deliver", slow)
    assert mail.send_queued(letter.row.pk) == "sent" and len(letter.taken) == 1


@pytest.fixture
def hook(house, settings, monkeypatch):
    settings.WEBHOOK_ALLOW = ["127.0.0.1"]
    sent = []
    monkeypatch.setattr(webhook_jobs, "post", lambda *given: sent.append(given) or Outcome(200, "ok"))
    made = webhooks.create_endpoint(name="ERP", url="http://127.0.0.1:9/", events=["matter.opened"])
    with permit_writes("test"):
        row = Delivery.unscoped.create(
            endpoint_id=made["id"], message_id="m1", event="matter.opened", payload="{}", created_at=NOW, next_at=NOW
        )
    return SimpleNamespace(row=row, sent=sent)


@pytest.mark.parametrize("jump", [2 * DAY, YEAR, -2 * HOUR, -YEAR])
def test_a_webhook_planned_at_another_time_is_delivered_once(hook, jump):
    with permit_writes("test"):
        Delivery.unscoped.filter(pk=hook.row.pk).update(attempts=3, next_at=NOW + jump)
    for at in (NOW, NOW, NOW + jump):
        with clock.frozen(at):
            webhook_jobs.sweep.func()
            for job in ProcrastinateJob.objects.filter(task_name="webhook.deliver", status="todo"):
                webhook_jobs.deliver.func(**job.args)
    assert len(hook.sent) == 1
    assert max(WAITS) < webhook_jobs.LONGEST < 2 * DAY


def test_a_text_message_queued_at_a_later_time_is_looked_after(house):
    thread = open_conversation(channel="sms", customer_id=house.customer.pk, subject="验证码")
    with permit_writes("test"):
        said = thread.interactions.model.unscoped.create(
            conversation=thread, customer=house.customer, channel="sms", direction="out", at=NOW, text="码"
        )
        row = SmsMessage.unscoped.create(interaction=said, reference="r", code="1", queued_at=NOW + YEAR)
    ProcrastinateJob.objects.all().delete()
    assert sms.late() == [row.pk]
    for _twice in range(2):
        sms_jobs.sweep.func()
    assert ProcrastinateJob.objects.filter(task_name="sms.send").count() == 1


# Jobs


def test_a_job_planned_further_ahead_than_any_is_brought_forward(house):
    ProcrastinateJob.objects.all().delete()
    defer("sms.send", at=clock.now() + YEAR * 50, sms_id=1)
    defer("webhook.deliver", at=datetime.now(UTC) + max(WAITS), delivery_id=1)
    assert housekeeping.bring_forward() == 1 and housekeeping.bring_forward() == 0


@pytest.mark.parametrize(("jump", "each"), [(7 * 86400, 1), (-86400, 1), (-365 * 86400, 1), (0, 0)])
def test_each_periodic_job_runs_once_after_a_jump_and_goes_on(jump, each):
    steady_one = periodic.SteadyDeferrer(jobs.periodic_registry)
    start = datetime(2026, 3, 2, 10, 0, 30, tzinfo=UTC).timestamp()
    list(steady_one.get_previous_tasks(at=start))
    every_minute = [task.task.name for task, _when in steady_one.get_previous_tasks(at=start + jump)]
    assert every_minute.count("housekeeping.seal") == each
    following = [task.task.name for task, _when in steady_one.get_previous_tasks(at=start + jump + 60)]
    assert following.count("housekeeping.seal") == 1


def test_a_worker_makes_the_steady_deferrer():
    from procrastinate import worker

    periodic.install()
    assert worker.periodic.PeriodicDeferrer is periodic.SteadyDeferrer


def test_a_worker_is_dead_when_its_heart_stands_still_not_when_the_clock_jumps(house, monkeypatch):
    moment = SimpleNamespace(at=1000.0)
    monkeypatch.setattr(steady, "time", SimpleNamespace(monotonic=lambda: moment.at))
    monkeypatch.setattr(housekeeping, "_heartbeats", steady.Standstill())
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
        defer("housekeeping.seal")
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s", [cursor.fetchone()[0]])
        for n, shift in enumerate((0, -86400, 86400, 5)):  # each look finds another time of day
            beat = "UPDATE procrastinate_workers SET last_heartbeat = now() + make_interval(secs => %s)"
            cursor.execute(beat, [shift])
            moment.at += 60 * (n + 1)
            assert housekeeping.wake_lost() == 0
        moment.at += 61  # and no beat since
        assert housekeeping.wake_lost() == 1
    assert ProcrastinateJob.objects.get().status == "todo"


# Calendars


def test_what_a_calendar_says_of_a_day_does_not_depend_on_when_it_is_asked(house):
    span = Span.of(ClockKind.WORKING_DAYS, 3)
    said = set()
    for jump in (timedelta(), HOUR, YEAR, -YEAR):
        with clock.frozen(NOW + jump):
            said.add(calendar_for(house.unit.pk).add(NOW, span).at)
    assert len(said) == 1


def test_the_time_for_deleting_is_never_ahead_and_catches_up_by_hours(house):
    assert steady.unhurried(NOW) == NOW
    assert steady.unhurried(NOW + YEAR) == NOW + HOUR
    assert steady.unhurried(NOW - DAY) == NOW - DAY
