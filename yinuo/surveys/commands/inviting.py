"""Asking customers: after something happened, by plan, by hand. Nobody is asked twice within the days of rest."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from yinuo.customers.models import Customer
from yinuo.customers.queries import standing
from yinuo.customers.queries.segments import in_segment
from yinuo.identity.queries import intake_unit_id
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import nothing_done, record
from yinuo.kernel.clock import CST
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Refused
from yinuo.kernel.events import emit
from yinuo.matters.commands import add_entry
from yinuo.matters.models import Matter
from yinuo.surveys.commands.questionnaires import newest_edition
from yinuo.surveys.models import Edition, Invitation, SurveyPlan, SurveySetting
from yinuo.surveys.rules.asking import in_sample, next_round, rested

State = Invitation.State
BATCH = 500


def setting() -> SurveySetting:
    return SurveySetting.unscoped.filter(pk=1).first() or SurveySetting(pk=1)


@command("survey.ask_for_event", internal=True)
def ask_for_event(*, trigger: str, matter_id: int, by: Actor, at: datetime) -> int:
    """What the plans for this happening ask of this matter's customer; says how many invitations were made."""
    plans = list(SurveyPlan.unscoped.filter(trigger=trigger, active=True, questionnaire__active=True).order_by("pk"))
    matter = Matter.unscoped.select_related("customer").filter(pk=matter_id).first() if plans else None
    if matter is None:
        nothing_done()
        return 0
    made = 0
    for plan in plans:
        taken = in_sample(plan.sample, plan.pk, matter.customer_id, matter.number)
        if not taken or not _meant(plan, matter.customer, at):
            continue
        if Invitation.unscoped.filter(plan=plan, matter=matter).exists() or not _may_ask(matter.customer_id, at):
            continue
        _questionnaire, edition = newest_edition(plan.questionnaire_id)
        _invite(edition, matter.customer, matter, at + timedelta(days=plan.delay_days), by, at, plan=plan)
        made += 1
    if not made:
        nothing_done()
    return made


@command("survey.ask_by_plan", internal=True)
def ask_again_by_plan(*, plan_id: int, by: Actor, at: datetime) -> int:
    """One round of a periodic plan: a sample of those it is meant for who have had their rest."""
    plan = SurveyPlan.unscoped.select_for_update(no_key=True, of=("self",)).get(pk=plan_id)
    today = at.astimezone(CST).date()
    if not plan.active or plan.trigger != "periodic" or plan.next_on is None or plan.next_on > today:
        nothing_done()
        return 0
    round_ = plan.next_on.isoformat()
    plan.next_on = next_round(plan.next_on, plan.every_months or 1)
    while plan.next_on <= today:  # a program that was down for a year does not ask twelve times
        plan.next_on = next_round(plan.next_on, plan.every_months or 1)
    plan.save(update_fields=["next_on"])
    _questionnaire, edition = newest_edition(plan.questionnaire_id)
    made = _sample(plan, edition, round_, at)
    if made:
        _used(edition)
    record(plan, {"round": round_, "asked": made})
    return made


def _sample(plan: SurveyPlan, edition: Edition, round_: str, at: datetime) -> int:
    since = at - timedelta(days=setting().rest_days)
    lately = set(_asked().filter(created_at__gt=since).values_list("customer_id", flat=True))
    wanted = {"grade": plan.grade, "status": plan.status, "kind": plan.customer_kind}
    people = Customer.unscoped.filter(merged_into=None, **{k: v for k, v in wanted.items() if v}).order_by("pk")
    people = in_segment(people, plan.segment, at.astimezone(CST).date())
    made, rows = 0, []
    for pk, unit_id, owner_id in people.values_list("pk", "unit_id", "owner_id").iterator(chunk_size=5000):
        if pk in lately or not in_sample(plan.sample, plan.pk, pk, round_):
            continue
        rows.append(
            Invitation(
                edition=edition, questionnaire_id=plan.questionnaire_id, plan=plan, customer_id=pk,
                unit_id=unit_id or intake_unit_id(), owner_id=owner_id, created_at=at, due_at=at,
            )
        )  # fmt: skip
        if len(rows) >= BATCH:
            made += len(Invitation.unscoped.bulk_create(rows))
            rows = []
    return made + len(Invitation.unscoped.bulk_create(rows))


@command("survey.ask", needs="survey.ask")
def ask_by_hand(
    *, questionnaire_id: int, matter_id: int | None = None, customer_id: int | None = None, way: str = "",
    by: Actor, at: datetime,
) -> Invitation:  # fmt: skip
    """Ask one customer, about one matter or in general. Without a way: whichever reaches them."""
    if way and way not in Invitation.Way.values:
        raise Invalid(_("请选择怎么问"), fields={"way": _("请从列出的方式中选")})
    matter = Matter.objects.select_related("customer").filter(pk=matter_id).first() if matter_id else None
    if matter_id and matter is None:
        raise Missing(_("没有这件事项，或您无权查看"))
    customer = matter.customer if matter else standing(customer_id or 0)
    if customer is None:
        raise Missing(_("没有这位客户，或您无权查看"))
    if way == Invitation.Way.PORTAL and matter is None:
        raise Invalid(_("没有事项就没有进展页面"), fields={"way": _("请选择邮件、短信或电话")})
    _questionnaire, edition = newest_edition(questionnaire_id)
    if not _may_ask(customer.pk, at):
        days = setting().rest_days
        raise Refused(_("%(days)d 天内已经问过这位客户，先让客户歇一歇") % {"days": days}, code="asked_lately")
    return _invite(edition, customer, matter, at, by, at, way=way)


def _asked() -> Any:
    return Invitation.unscoped.exclude(state=State.CANCELED)


def _may_ask(customer_id: int, at: datetime) -> bool:
    Customer.unscoped.select_for_update(no_key=True, of=("self",)).get(pk=customer_id)  # two at once ask once
    last = _asked().filter(customer_id=customer_id).aggregate(last=Max("created_at"))["last"]
    return rested(last, at, setting().rest_days)


def _meant(plan: SurveyPlan, customer: Customer, at: datetime) -> bool:
    wanted = ((plan.grade, customer.grade), (plan.status, customer.status), (plan.customer_kind, customer.kind))
    if customer.merged_into_id is not None or not all(not want or want == has for want, has in wanted):
        return False
    this = Customer.unscoped.filter(pk=customer.pk)
    return not plan.segment or in_segment(this, plan.segment, at.astimezone(CST).date()).exists()


def _invite(
    edition: Edition, customer: Customer, matter: Matter | None, due: datetime, by: Actor, at: datetime, *,
    plan: SurveyPlan | None = None, way: str = "",
) -> Invitation:  # fmt: skip
    _used(edition)
    unit = matter.unit_id if matter else customer.unit_id or by.unit_id
    row = Invitation.unscoped.create(
        edition=edition, questionnaire_id=edition.questionnaire_id, plan=plan, customer=customer, matter=matter,
        matter_kind=matter.kind if matter else "", unit_id=unit or intake_unit_id(),
        owner_id=matter.owner_id if matter else customer.owner_id, wanted_way=way, asked_by_id=by.staff_id,
        created_at=at, due_at=due,
    )  # fmt: skip
    record(row, {"plan": plan.pk if plan else None, "way": way}, matter_id=matter.pk if matter else None)
    if due <= at:
        emit("survey.due", invitation_id=row.pk)
    return row


def _used(edition: Edition) -> None:
    """From now on this wording stays as it is."""
    if not edition.sent:
        Edition.unscoped.filter(pk=edition.pk).update(sent=True)


def locked_invitation(invitation_id: int, rows: Any = None) -> Invitation | None:
    """The invitation, its matter locked before it."""
    found = (rows if rows is not None else Invitation.unscoped).filter(pk=invitation_id).first()
    if found is None:
        return None
    if found.matter_id:
        Matter.unscoped.select_for_update(no_key=True, of=("self",)).get(pk=found.matter_id)
    kept: Invitation = (
        Invitation.unscoped.select_related("questionnaire", "edition", "customer", "unit", "matter")
        .select_for_update(no_key=True, of=("self",)).get(pk=invitation_id)
    )  # fmt: skip
    return kept


@command("survey.mark_sent", internal=True)
def mark_sent(*, invitation_id: int, way: str, by: Actor, at: datetime) -> Invitation:
    """It is on its way, stands on the progress page, or waits for somebody to call. Without a way: nobody can be
    reached.
    """
    row = locked_invitation(invitation_id)
    if row is None:
        raise Missing(_("没有这份邀请，或您无权查看"))
    states = {"": State.CANCELED, Invitation.Way.PHONE: State.TO_CALL}
    row.state, row.way = states.get(way, State.SENT), way
    row.sent_at = at if way else None
    row.expires_at = at + timedelta(days=setting().valid_days)
    row.save(update_fields=["state", "way", "sent_at", "expires_at"])
    record(row, {"state": row.state, "way": way}, matter_id=row.matter_id)
    if way:
        emit("survey.sent", topics=["surveys"], **_told(row))
        if row.matter:
            said = _("请客户填写“%(name)s”（%(way)s）")
            text = said % {"name": row.questionnaire.name, "way": row.get_way_display()}
            add_entry(matter=row.matter, kind="survey", text=text, data={"invitation": row.pk}, by=by, at=at)
    return row


def _told(row: Invitation) -> Mapping[str, Any]:
    return {
        "invitation_id": row.pk,
        "questionnaire_id": row.questionnaire_id,
        "matter_id": row.matter_id,
        "way": row.way,
    }


@command("survey.cancel", needs="survey.ask")
def cancel_invitation(*, invitation_id: int, by: Actor, at: datetime) -> Invitation:
    """Do not ask after all: the link opens nothing any more."""
    row = locked_invitation(invitation_id, Invitation.objects)
    if row is None:
        raise Missing(_("没有这份邀请，或您无权查看"))
    if not row.open:
        raise Refused(_("这份邀请已经结束，不用取消"))
    row.state = State.CANCELED
    row.save(update_fields=["state"])
    record(row, {"state": row.state}, matter_id=row.matter_id)
    return row


@command("survey.expire", internal=True)
def expire_invitations(*, limit: int = 5000, by: Actor, at: datetime) -> int:
    """Links whose days are over."""
    late = Invitation.unscoped.filter(state__in=(State.SENT, State.TO_CALL), expires_at__lt=at).order_by("pk")
    rows = list(
        late.select_for_update(no_key=True, skip_locked=True, of=("self",)).values_list("pk", flat=True)[:limit]
    )
    if not rows:
        nothing_done()
        return 0
    Invitation.unscoped.filter(pk__in=rows).update(state=State.EXPIRED)
    record("surveys.invitation", {"expired": len(rows)})
    return len(rows)
