"""What follows from what: one line per reaction, run in the transaction of the command that caused it.

A reaction climbs (a promise broke, so the complaint escalates) or defers a job (a reply was queued, so send it).
"""

from datetime import datetime

from django.db import transaction

from yinuo.approvals.commands import hand_on
from yinuo.channels.email.commands.outbound import prepare_outbound
from yinuo.channels.portal import telling as portal
from yinuo.channels.webhook.rules import EVENTS
from yinuo.complaints.intake import accepting
from yinuo.conversations.commands import replies_plainly
from yinuo.customers.commands import watch_reveals
from yinuo.jobs import complaint_reactions as complaints
from yinuo.jobs import knowledge_reactions as knowledge
from yinuo.jobs import mails
from yinuo.jobs import promise_dates as dates
from yinuo.jobs import promise_decisions as decisions
from yinuo.jobs import promise_judging as judging
from yinuo.jobs import promise_reactions as promises
from yinuo.jobs import promise_waits as waits
from yinuo.jobs import survey_reactions as surveys
from yinuo.jobs.deferring import deferred
from yinuo.jobs.reply_at_once import reply_at_once
from yinuo.jobs.tasks import holds, sms, webhooks
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.events import Event, on
from yinuo.matters.commands import follow_customer
from yinuo.matters.plain import follow_interaction


def register() -> None:
    """Called once when the apps are ready; every reaction of the product is a line here."""
    on("mail.stored", _ring_for_mail)
    on("interaction.queued", _prepare_mail)
    on("interaction.received", _follow)
    on("interaction.added", _follow)
    on("report.queued", deferred("reports.send", "mail_id", unique="reports.send:{mail_id}"))
    on("security.happened", deferred("security.mail", "event_id", unique="security.mail:{event_id}"))
    on("mail.queued", deferred("mail.send", "outbound_id", unique="mail.send:{outbound_id}"))
    on("customer.merged", _customer_changed)
    on("customer.split", _customer_changed)
    on("customer.renamed", deferred("customers.renamed", "customer_id", "old", lock="renamed:{customer_id}"))
    on("customer.revealed", _watch_reveals)
    on("staff.changed", _hand_on_approvals)
    on("intake.waits", _ring_for_intakes)
    _surveys()
    on("template.saved", knowledge.refuse_kept_back)
    _promises()
    _complaints()
    _portal()
    _holds()
    _webhooks()
    replies_plainly(reply_at_once)  # what follows from a plain reply, written with it


def _promises() -> None:
    on("interaction.received", promises.answer_and_count_on)
    on("interaction.added", promises.a_reply_is_a_reply)
    on("matter.opened", promises.nothing_was_asked)
    on("complaint.replied", promises.reply_beside_the_thread)
    on("complaint.replied", waits.waits_for_information)
    on("complaint.restated", waits.waits_for_confirmation)
    on("complaint.restatement_answered", waits.customer_answered)
    on("complaint.agreement_offered", waits.waits_for_agreement)
    on("conversation.changed", promises.closed_without_reply)
    on("complaint.received", promises.makes("complaint.received", since="received_at"))
    on("complaint.assessed", judging.judged_anew)
    on("complaint.stage_changed", promises.stage_changed)
    on("complaint.called_back", promises.meets("callback.done"))
    on("complaint.reception_requested", promises.makes("reception.requested"))
    on("complaint.reception_booked", dates.reception_booked)
    on("complaint.reception_recorded", promises.meets("reception.held"))
    on("complaint.reception_missed", dates.reception_over)
    on("complaint.correction_planned", dates.correction_planned)
    on("complaint.recurrence_checked", dates.recurrence_checked)
    on("complaint.review_requested", promises.makes("review.requested"))
    on("complaint.review_decided", promises.meets("review.decided"))
    on("task.created", promises.makes("task.created"))
    on("task.done", promises.task_done)
    on("task.canceled", promises.task_canceled)
    on("task.assigned", promises.task_assigned)
    on("matter.assigned", promises.matter_assigned)
    on("calendar.changed", promises.calendar_changed)
    on("promise.change_requested", decisions.ask_for_change)
    on("promise.compensation_due", decisions.ask_for_compensation)
    on("promise.compensation_waits", decisions.ask_for_compensation)
    on("promise.compensation_approved", decisions.pay_compensation)
    on("approval.decided", decisions.decided)


def _complaints() -> None:
    on("approval.decided", complaints.decided)
    on("approval.beyond_authority", complaints.beyond_authority)
    on("complaint.received", complaints.important_customer)
    on("interaction.added", complaints.answered_in_the_inbox)
    on("task.done", complaints.task_done)
    on("complaint.assessed", complaints.grave)


def _holds() -> None:
    on("hold.placed", holds.plan)
    on("hold.asked", holds.ask)
    on("hold.recalled", holds.give_back)
    on("hold.returned", holds.give_back)
    on("approval.decided", holds.decided)


def _webhooks() -> None:
    on("webhook.queued", webhooks.plan_delivery)
    for event in EVENTS:  # every offered event, told to whoever subscribed
        on(event, webhooks.tell_subscribers)


def _surveys() -> None:
    """Before the promises: what a low score opens makes its promise at once."""
    on("complaint.stage_changed", surveys.complaint_closed)
    on("complaint.called_back", surveys.after("complaint.called_back"))
    on("matter.closed", surveys.after("matter.closed"))
    on("matter.closed", promises.meets("matter.closed"))
    on("survey.due", surveys.carry)
    on("survey.low", promises.makes("survey.low"))


def _portal() -> None:
    """After the promises: a receipt says by when they are due."""
    on("portal.submitted", portal.send_receipt)
    on("complaint.restated", portal.send_restatement)
    on("complaint.agreement_offered", portal.send_agreement)
    on("complaint.stage_changed", portal.send_rating)
    on("interaction.published", portal.publish_reply)
    on("portal.code_by_sms", sms.prepare)
    on("sms.queued", sms.plan)


def _hand_on_approvals(event: Event, at: datetime) -> None:
    """Who has left, or may not approve any more, holds nobody's request up."""
    with acting_as(Actor.system("approvals")):
        hand_on(staff_id=event.data["staff_id"], at=at)


def _prepare_mail(event: Event, at: datetime) -> None:
    """A queued reply gets its row for sending in its own transaction; only e-mail is queued so far."""
    with acting_as(Actor.system("mail")):
        prepare_outbound(interaction_id=event.data["interaction_id"], at=at)


def _follow(event: Event, at: datetime) -> None:
    """What a customer says, or is told, stands on the timeline of every open matter of that conversation."""
    with acting_as(Actor.system("timeline")):
        follow_interaction(interaction_id=event.data["interaction_id"], at=at)


def _ring_for_intakes(event: Event, at: datetime) -> None:
    """Somebody wants an accepted intake tried again."""
    transaction.on_commit(accepting.bell.ring)


def _ring_for_mail(event: Event, at: datetime) -> None:
    """A mail is stored, or a person wants one tried again."""
    transaction.on_commit(mails.bell.ring)


def _customer_changed(event: Event, at: datetime) -> None:
    """Two files of one customer became one, or were parted again: their open matters say so."""
    with acting_as(Actor.system("timeline")):
        follow_customer(merge_id=event.data["merge_id"], at=at)


def _watch_reveals(event: Event, at: datetime) -> None:
    """Whoever looks at unusually many masked fields is noticed."""
    if event.data["staff_id"]:
        with acting_as(Actor.system("privacy")):
            watch_reveals(staff_id=event.data["staff_id"], at=at)
