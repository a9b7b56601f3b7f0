"""Something of every kind, with names as long as they come, and an address for every route that shows a page."""

from datetime import time, timedelta
from types import SimpleNamespace

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from yinuo.approvals.models import Approval
from yinuo.channels.email.commands.intake import store_raw
from yinuo.channels.email.commands.mailboxes import save_mailbox
from yinuo.channels.email.flows import understand_stored
from yinuo.channels.email.models import RawMessage
from yinuo.channels.portal import links
from yinuo.channels.portal.sharing import share, share_token
from yinuo.channels.webhook.commands import create_endpoint, send_test
from yinuo.complaints.intake.accepting import accept
from yinuo.complaints.intake.draining import drain
from yinuo.complaints.models import Agreement, Restatement
from yinuo.complaints.tests.conftest import Walk
from yinuo.conversations.commands import add_interaction, open_conversation
from yinuo.customers.commands import add_contact_person, add_identity, create_customer, merge_customers, propose_grade
from yinuo.customers.models import CustomerMerge, GradeChange, RevealAlert
from yinuo.identity.alerts import link_token
from yinuo.identity.commands import create_api_key, create_staff, disown_by_link, note_sign_in, set_sign_on
from yinuo.identity.entering import pass_for
from yinuo.identity.grants import GRANT_CODES
from yinuo.identity.models import Role, SecurityEvent
from yinuo.identity.queries import actor_for_key
from yinuo.insight.commands.displays import create_display
from yinuo.insight.commands.plans import save_plan
from yinuo.insight.queries.keeping import display_token
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.guard import permit_writes
from yinuo.knowledge.commands import create_article, create_template, edit_article, publish_article, submit_article
from yinuo.matters.commands import add_entry, create_task, open_matter
from yinuo.promises.commands import make_personal_promise
from yinuo.promises.commands.standards import load_pack
from yinuo.promises.models import Standard
from yinuo.surveys.commands import ask_by_hand, enter_answer, save_questionnaire, seed_questionnaires
from yinuo.surveys.commands import save_plan as save_survey_plan
from yinuo.surveys.links import answer_token
from yinuo.surveys.models import SurveyAnswer, SurveyPlan
from yinuo.wording.commands import lay_down
from yinuo.wording.models import WordingEdition, WordingRule

WIDE = "W" * 80
FLOOD = "没完没了的名字" * 9 + "😀👨‍👩‍👧‍👦" + WIDE


def build(firm):
    """The company of the complaint tests, and one of everything else."""
    with acting_as(firm.system):
        staff = create_staff(
            username="chief", name=WIDE[:40], password="desk-7788-x", unit_id=firm.units["hq"].pk,
            role_codes=["administrator", "auditor", "leader", "supervisor", "agent"],
        )  # fmt: skip
        for pack in ("common", "lubricant"):
            load_pack(name=pack)
        long = create_customer(
            kind="organisation", name=FLOOD[:100], identities=[("phone", "13977778888"), ("email", f"{'w' * 60}@example.cn")],
            verified_how="agent", region=WIDE[:60], industry=WIDE[:60],
        )  # fmt: skip
        add_identity(customer_id=long.pk, kind="phone", value="13977778889")
        twin = create_customer(
            kind="person", name="陈建国", identities=[("phone", "13977770000")], verified_how="agent"
        )
        box = save_mailbox(
            name=WIDE[:60], address="kf@yinuo.cn", unit_id=firm.units["desk"].pk, smtp_host="127.0.0.1", smtp_port=9,
            smtp_security="none", receipt_enabled=False,
        )  # fmt: skip
        raw, _new = store_raw(
            mailbox_id=box.pk, external_id="1",
            raw=f"From: {WIDE}@example.cn\r\nTo: kf@yinuo.cn\r\nSubject: {WIDE}\r\nMessage-ID: <1@x>\r\n\r\n{WIDE * 4}\r\n".encode(),
        )  # fmt: skip
        understand_stored(raw.pk)
        endpoint = create_endpoint(name=WIDE[:60], url=f"https://example.com/{WIDE}", events=["task.done"])
        thread = open_conversation(
            channel="email",
            customer_id=long.pk,
            subject=FLOOD,
            unit_id=firm.units["desk"].pk,
            owner_id=firm.staff["wang"].pk,
        )
        add_interaction(conversation=thread, direction="in", text=FLOOD * 3, author_name=FLOOD[:60])
        matter = open_matter(
            kind="enquiry", title=FLOOD[:190], customer=long, state="open", conversation=thread,
            owner_id=firm.staff["wang"].pk, unit_id=firm.units["desk"].pk,
        )  # fmt: skip
        add_entry(matter=matter, kind="opened", text=FLOOD)
        task = create_task(matter_id=matter.pk, title=FLOOD[:190], detail=FLOOD, assignee_id=firm.staff["wang"].pk)
    with acting_as(firm.wang):
        add_contact_person(organisation_id=long.pk, person=WIDE[:40], phone="13900001111", role="user", title=WIDE[:30])
        promise = make_personal_promise(matter_id=matter.pk, title=FLOOD[:190], due_at=clock.now() + timedelta(hours=3))
        propose_grade(customer_id=long.pk, grade="A", reason=WIDE)
    words = {
        "title": FLOOD[:120],
        "body": f"# {FLOOD}\n- {FLOOD}\n1. {FLOOD}",
        "category": WIDE[:40],
        "keywords": WIDE[:40],
    }
    with acting_as(firm.system):
        article = create_article(**words, kind="procedure", visibility="quotable", matters=["complaint"])
        submit_article(article_id=article.pk)
        publish_article(article_id=article.pk)
        edit_article(article_id=article.pk, **{**words, "body": FLOOD}, note=FLOOD[:300], expected_version=None)
        template = create_template(name=WIDE[:60], text=f"{{客户称呼}}{FLOOD}{{待填：{FLOOD[:30]}}}", shared=True)
        delivery = send_test(endpoint_id=endpoint["id"])
        secret = create_api_key(name=WIDE[:60], staff_id=staff.pk, grants=GRANT_CODES)["secret"]
    with permit_writes("test"):
        looked = {"since": clock.now() - timedelta(hours=1), "at": clock.now(), "count": 99, "told": [staff.pk]}
        alert = RevealAlert.unscoped.create(staff=firm.staff["wang"], **looked)
    key = actor_for_key(secret, at=clock.now())[0]
    sent = {"channel": "api", "content": FLOOD * 3, "name": WIDE, "phone": "13977778888", "customer_id": 987654}
    intake = accept(sent, by=key, at=clock.now())["id"]
    drain()
    with acting_as(firm.system):
        merge_customers(survivor_id=firm.customer.pk, absorbed_id=twin.pk, reason="同一人")
    asked_with = ask_and_answer(firm, matter, staff)
    locked = alarm(firm, staff)
    with acting_as(firm.system):
        set_sign_on(
            active=True,
            name=WIDE[:40],
            issuer="https://login.example.com",
            client_id=WIDE,
            match="email",
            expected_version=1,
        )
    Walk(firm, content=FLOOD * 2, name=FLOOD[:60], phone="13977778888").to("received")
    asked = Walk(firm, content=FLOOD * 2, name=FLOOD[:60], phone="13977778888").to("approving")
    offered = Walk(firm).to("offered")
    closed = Walk(firm, content=FLOOD[:150]).to("closed")
    with acting_as(firm.qian):
        display = create_display(name=WIDE[:60], days=7)
        plan = save_plan(title=WIDE[:80], recipient_ids=[firm.staff["qian"].pk], day=31, hour=time(8), formats=["pdf"])
    return SimpleNamespace(
        display=display, plan=plan, staff=staff, customer=long, article=article, template=template, matter=matter, task=task, thread=thread, promise=promise, box=box, raw=raw,
        endpoint=endpoint["id"], delivery=delivery.pk, alert=alert.pk, intake=intake, asked_with=asked_with, locked=locked, asked=asked, offered=offered, closed=closed,
    )  # fmt: skip


def alarm(firm, staff):
    """Somebody was told of a new device, and somebody else said that it was not them."""
    with acting_as(firm.system):
        other = create_staff(
            username="locked", name=FLOOD[:50], password="desk-7788-x", unit_id=staff.unit_id, role_codes=["agent"]
        )
        for person in (staff, other):
            for device in ("old", "new"):
                note_sign_in(staff_id=person.pk, ip="203.0.113.7", device=device, agent=WIDE)
        disown_by_link(event_id=SecurityEvent.unscoped.get(staff=other).pk)
    return other


def ask_and_answer(firm, matter, staff):
    """A questionnaire with the longest words, one answer to it, one invitation that waits, and a plan."""
    rows = [
        {"type": "scale", "title": FLOOD[:200], "low": 0, "high": 10, "ends": [WIDE[:40], WIDE[:40]]},
        {"type": "choice", "title": WIDE, "options": [WIDE, FLOOD[:70]]}, {"type": "text", "title": FLOOD[:99], "required": False},
    ]  # fmt: skip
    with acting_as(firm.system):
        seed_questionnaires()
        own = save_questionnaire(
            kind="own", name=WIDE, title=FLOOD[:110], intro=FLOOD[:200], questions=rows, low_at_most=3
        )
        save_survey_plan(name=WIDE, questionnaire_id=own.pk, trigger="matter.closed", sample=50, grade="A")
        first = ask_by_hand(questionnaire_id=own.pk, matter_id=matter.pk, way="phone")
        enter_answer(invitation_id=first.pk, given={"q1": "1", "q2": WIDE, "q3": FLOOD * 2}, wants_call=True)
        return ask_by_hand(questionnaire_id=own.pk, customer_id=firm.customer.pk)


def shared_token(matter_id):
    with acting_as(Actor.customer(customer_id=None, name="x", matter_ids=frozenset({matter_id}))):
        return share_token(share(matter_id=matter_id))


def arguments(world):
    """What stands for each part of an address: by route name, else by the noun it begins with."""
    agreement = Agreement.unscoped.order_by("-pk").first()
    restated = Restatement.unscoped.order_by("pk").first()
    now = clock.now()
    told = SecurityEvent.unscoped.filter(staff=world.staff).first()
    case = {"complaint_id": world.asked.id, "child": 1}
    return {
        "login_device": {"token": pass_for("nobody", now)},
        "login_disown": {"token": link_token(told)},
        "security_event": {"pk": told.pk},
        "session": {"session": "x"},
        "passkey": {"pk": 1},
        "portal_write": {"kind": "complaint"},
        "portal_case": {"token": links.case_token(world.asked.id, now)},
        "portal_restatement": {"token": links.restatement_link(restated.complaint_id, restated.pk, now).rstrip("/").rsplit("/", 1)[1]},
        "portal_agreement": {"token": links.agreement_link(agreement.complaint_id, agreement.pk, agreement.expires_at).rstrip("/").rsplit("/", 1)[1]},
        "portal_rating": {"token": links.rating_link(world.closed.id, now).rstrip("/").rsplit("/", 1)[1]},
        "portal_": {"token": "x", "attachment_id": 1},
        "agreement_print": {"complaint_id": agreement.complaint_id, "agreement_id": agreement.pk},
        "agreement_pdf": {"complaint_id": agreement.complaint_id, "agreement_id": agreement.pk},
        "registration": case,
        "callbacks": case,
        "agreement_signature": {"complaint_id": agreement.complaint_id, "agreement_id": agreement.pk},
        "approval_rule": {"kind": "proposal"},
        "approval": {"approval_id": Approval.unscoped.filter(state="pending").first().pk},
        "complaint": case,
        "complaint_like": {"complaint_id": world.asked.id, "source_id": world.closed.id},
        "customer_split": {"pk": CustomerMerge.unscoped.first().pk},
        "customer_reveal": {"pk": world.customer.pk, "field": "phone"},
        "customer": {"pk": world.customer.pk, "change": GradeChange.unscoped.first().pk, "link": 1, "contact": 1, "purchase": 1},
        "customer_rule": {"kind": "grade"},
        "reveal_alert": {"pk": world.alert},
        "conversation": {"pk": world.thread.pk},
        "mailbox": {"pk": world.box.pk},
        "mail_": {"pk": world.raw.pk},
        "mail_original": {"pk": RawMessage.unscoped.get(pk=world.raw.pk).interaction_id},
        "intake": {"pk": world.intake},
        "matter": {"pk": world.matter.pk},
        "promise_tell": {"pk": 1},
        "promise_verb": {"pk": world.promise.pk, "name": "extend"},
        "promise": {"pk": world.promise.pk},
        "role": {"pk": Role.objects.get(code="agent").pk},
        "person_unlock": {"pk": world.locked.pk},
        "person": {"pk": world.staff.pk, "absence_id": 1},
        "absence": {"absence_id": 1},
        "standard": {"key": Standard.objects.first().key},
        "pack": {"name": "bank"},
        "survey_ask": {"?": f"?customer={world.customer.pk}"},
        "style_plain": {"theme": "dark"},
        "style_piece": {"name": "now"},
        "task": {"pk": world.task.pk},
        "questionnaire": {"questionnaire_id": world.asked_with.questionnaire_id},
        "survey_results_of": {"questionnaire_id": world.asked_with.questionnaire_id},
        "survey_export": {"questionnaire_id": world.asked_with.questionnaire_id},
        "survey_answer": {"survey_answer_id": SurveyAnswer.unscoped.first().pk},
        "survey_enter": {"invitation_id": world.asked_with.pk},
        "survey_cancel": {"invitation_id": world.asked_with.pk},
        "survey_plan": {"survey_plan_id": SurveyPlan.unscoped.first().pk},
        "portal_survey": {"token": answer_token(world.asked_with.pk, now + timedelta(days=9))},
        "portal_shared": {"token": shared_token(world.asked.id)},
        "unit": {"pk": world.staff.unit_id},
        "article": {"pk": world.article.pk, "number": 2},
        "reply_template": {"pk": world.template.pk},
        "attachment": {"pk": 1},
        "key": {"pk": 1},
        "view": {"view_id": 1},
        "board_export": {"key": "team", "form": "xlsx"},
        "display": {"pk": world.display.pk},
        "schedule": {"pk": world.plan.pk},
        "screen": {"token": display_token(world.display)},
        "wording": {"pk": first_rule(), "edition": WordingEdition.unscoped.get().no, "kind": "csv"},
        "hold": {"pk": 1},
        "way": {"?": f"?matter={world.matter.pk}"},
        "webhook": {"pk": world.endpoint, "delivery_id": world.delivery},
    }  # fmt: skip


def first_rule() -> int:
    """The rules that came with the product: between tests every table is emptied."""
    lay_down(by=Actor.system("test"))
    return WordingRule.unscoped.order_by("pk").first().pk


def routes():
    """Every named route of the pages, with the names of its arguments and what it needs."""

    def walk(patterns, names):
        for found in patterns:
            here = [*names, *found.pattern.converters]
            if isinstance(found, URLResolver):
                if "api" not in str(found.pattern):
                    yield from walk(found.url_patterns, here)
            elif isinstance(found, URLPattern) and found.name:
                yield found.name, here, getattr(found.callback, "needs", "PUBLIC")

    yield from walk(get_resolver().url_patterns, [])


def address_of(name, wanted, given):
    """The address of a route, or None if nothing was said about an argument of it."""
    if not wanted:
        return reverse(name) + given.get(name, {}).get("?", "")
    best = max(
        (key for key in given if name == key or name.startswith(key if key.endswith("_") else key + "_")),
        key=len,
        default="",
    )
    values = given.get(best, {})
    if not set(wanted) <= set(values):
        return None
    return reverse(name, kwargs={key: values[key] for key in wanted})
