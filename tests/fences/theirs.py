"""Somebody else's case with everything that can hang on it, for whoever tries to read it or to act on it."""

from datetime import timedelta
from types import SimpleNamespace

from yinuo.complaints import commands as c
from yinuo.complaints.intake.accepting import accept
from yinuo.complaints.intake.draining import drain
from yinuo.complaints.tests.conftest import Walk, build
from yinuo.conversations.commands import add_interaction, open_conversation, upload_attachment
from yinuo.conversations.models import Attachment
from yinuo.customers.commands import add_note, propose_grade
from yinuo.identity.commands import create_api_key
from yinuo.identity.grants import GRANT_CODES
from yinuo.identity.queries import actor_for_key
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as
from yinuo.kernel.command import permit_writes
from yinuo.matters.commands import create_task
from yinuo.promises.commands import make_personal_promise, request_extension


def plant(inside: str, about: str) -> SimpleNamespace:
    """A company with two cases of one customer. `inside` is what is written in the cases, `about` on the customer."""
    firm = build()
    walk = Walk(firm).to("closed")
    second = Walk(firm, content="发动机异响又一次").to("approving")
    with acting_as(firm.zhao):
        soon, day = clock.now() + timedelta(days=2), clock.now().date()
        c.request_reception(complaint_id=second.id, topic=inside)
        c.request_review(complaint_id=walk.id, reason=inside)
        c.plan_correction(
            complaint_id=walk.id, root_cause=inside, action="x" * 10, due_on=day + timedelta(days=20),
            check_on=day + timedelta(days=60),
        )  # fmt: skip
        c.plan_repair(complaint_id=walk.id, goal=inside, steps="上门", due_on=day + timedelta(days=20))
        c.propose_improvement(complaint_id=walk.id, title=inside, demand=inside, suggestion=inside)
        c.propose_responsibility(complaint_id=walk.id, staff_id=firm.staff["cang"].pk, fault=inside)
        create_task(matter_id=second.id, title=inside, unit_id=firm.units["store"].pk)
        made = make_personal_promise(matter_id=second.id, title=inside, due_at=soon)
        request_extension(promise_id=made.pk, reason=inside, due_at=soon + timedelta(days=2))
        add_note(customer_id=firm.customer.pk, with_whom="us", happened_on=day, text=about)
        propose_grade(customer_id=firm.customer.pk, grade="A", reason=about)
    with acting_as(firm.system):
        thread = open_conversation(channel="email", customer_id=firm.customer.pk, subject=inside)
        said = add_interaction(conversation=thread, direction="in", text=inside)
        upload_attachment(file=b"x", name="a.txt", upload_key="their-upload")
        with permit_writes("test"):
            Attachment.unscoped.update(interaction=said)
        secret = create_api_key(name="网站", staff_id=firm.staff["wang"].pk, grants=GRANT_CODES)["secret"]
    sent = {"channel": "api", "content": inside, "phone": "13812345678", "customer_id": 987654}
    accept(sent, by=actor_for_key(secret, at=clock.now())[0], at=clock.now())  # type: ignore[index]
    drain()
    firm.cases = (walk, second)
    return firm
