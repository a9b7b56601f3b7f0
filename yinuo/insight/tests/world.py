"""A world counted by hand: ten matters, eight promises, three kinds of events."""

from datetime import timedelta
from decimal import Decimal

from yinuo.complaints.models import Complaint, CorrectiveAction, ExternalEscalation, Publication
from yinuo.complaints.tests.conftest import NOW
from yinuo.kernel.command import permit_writes
from yinuo.matters.models import Matter
from yinuo.promises.models import Promise, PromiseEvent, Standard
from yinuo.surveys.models import Edition, Questionnaire, SurveyAnswer

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
# kind, channel, owner, unit, opened so many days ago, closed so many days ago, of a complaint: kind, subkind, score, paid, reopened
MATTERS = [
    ("complaint", "phone", "wang", "desk", 1, None, "", "", None, None, 0),
    ("complaint", "phone", "wang", "desk", 2, 1, "product", "defect", 5, 200, 0),
    ("complaint", "email", "li", "desk", 3, 1, "product", "defect", 4, None, 1),
    ("complaint", "phone", "li", "desk", 10, 2, "service", "", 1, 1000, 0),
    ("complaint", "visit", None, "store", 20, None, "product", "packaging", None, None, 0),
    ("enquiry", "email", "wang", "desk", 0, None, None, None, None, None, 0),
    ("enquiry", "phone", "wang", "desk", 5, 4, None, None, None, None, 0),
    ("praise", "letter", None, "hq", 6, 6, None, None, None, None, 0),
    ("complaint", "phone", "wang", "desk", 40, 36, "product", "defect", 2, 50, 0),  # the period before
    ("complaint", "phone", "li", "desk", 366, 365, "process", "", 3, None, 0),  # last year
]
# of matter no., owner, state, obligation, made so many hours ago, due in so many hours, kept so many hours ago, warned
PROMISES = [
    (0, "wang", "open", "interim_reply", 30, 4, None, False),  # today
    (0, "wang", "broken", "answer", 30, -20, None, False),  # late
    (1, "wang", "kept", "answer", 48, -40, 45, False),
    (2, "li", "kept", "first_answer", 72, -60, 66, False),
    (3, "li", "broken", "answer", 240, -200, 190, False),
    (5, "wang", "open", "answer", 1, 60, None, True),  # at risk
    (6, "wang", "kept", "answer", 120, -90, 119, False),
    (8, "wang", "kept", "answer", 960, -900, 950, False),  # the period before
]
# of matter no. (None: nobody knows), kind of questionnaire, so many days ago, score: the callback of 1 stands, and of 6 the last answer
ANSWERS = [
    (1, "csat", 0, 1),
    (6, "csat", 3, 1),
    (6, "csat", 2, 4),
    (7, "nps", 2, 10),
    (None, "csat", 2, 5),
    (5, "csat", 0, 5),
]


def fill(firm):
    """The rows, and the matters in the order of `MATTERS`."""
    made = []
    with permit_writes("test"):
        standards = {
            code: Standard.objects.create(
                key=f"t.{code}", title=f"标准 {code}", trigger="personal", data={"key": f"t.{code}"}, made_at=NOW, by_name="t",
            )
            for code in ("answer", "first_answer", "interim_reply")
        }  # fmt: skip
        for n, row in enumerate(MATTERS):
            made.append(_matter(firm, n, row))
        for n, who, state, code, began, due, kept, warned in PROMISES:
            promise = Promise.unscoped.create(
                matter=made[n], customer=firm.customer, standard=standards[code], obligation=code, title=f"承诺 {code}",
                owner=firm.staff[who], unit=firm.units["desk"], state=state,
                outstanding=state == "open" or (state == "broken" and kept is None), made_at=NOW - began * HOUR,
                starts_at=NOW - began * HOUR, due_at=NOW + due * HOUR, kept_at=NOW - kept * HOUR if kept else None,
                explanation="", clock="calendar_hours", amount=4, warned=warned,
            )  # fmt: skip
            if state == "broken":
                PromiseEvent.unscoped.create(
                    promise=promise, kind="escalated", planned_at=promise.due_at, at=promise.due_at + HOUR
                )
        case = {"complaint_id": made[3].pk, "at": NOW - DAY}
        ExternalEscalation.unscoped.create(**case, body="12315")
        Publication.unscoped.create(**case, title="通报", text="内容")
        for recurrence in ("effective", "recurred"):
            CorrectiveAction.unscoped.create(
                complaint_id=made[2 if recurrence == "effective" else 3].pk, at=NOW - 5 * DAY, root_cause="根因", action="措施",
                due_on=NOW.date(), check_on=NOW.date(), recurrence=recurrence, checked_at=NOW - DAY,
            )  # fmt: skip
        _answered(firm, made)
    return made


def _answered(firm, made):
    for kind in ("csat", "nps"):
        asked = Questionnaire.unscoped.create(kind=kind, name=kind, created_at=NOW)
        edition = Edition.unscoped.create(questionnaire=asked, number=1, title=kind, created_at=NOW)
        for n, of, ago, score in ANSWERS:
            if of == kind:
                SurveyAnswer.unscoped.create(
                    questionnaire=asked, edition=edition, matter=None if n is None else made[n], unit=firm.units["desk"],
                    on=(NOW - ago * DAY).date(), way="email", score=score, anonymous=n is None,
                )  # fmt: skip


def _matter(firm, n, row):
    kind, channel, who, unit, opened, closed, reason, fine, score, paid, again = row
    opened_at, closed_at = NOW - opened * DAY - HOUR, None if closed is None else NOW - closed * DAY
    matter = Matter.unscoped.create(
        number=f"T{n:03d}", kind=kind, title=f"事项 {n}", customer=firm.customer, channel=channel,
        owner=firm.staff[who] if who else None, unit=firm.units[unit], state="open" if closed is None else "closed",
        open=closed is None, opened_at=opened_at, closed_at=closed_at, last_activity_at=closed_at or opened_at,
    )  # fmt: skip
    if kind == "complaint":
        Complaint.unscoped.create(
            matter=matter, stage="assessed" if closed is None else "closed", stage_since=opened_at, channel=channel,
            received_at=opened_at, content="内容", kind=reason, subkind=fine, satisfaction=score, reopened=again,
            agreed_total=None if paid is None else Decimal(paid),
        )  # fmt: skip
    return matter
