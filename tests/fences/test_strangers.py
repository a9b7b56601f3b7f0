"""Fence 1, from the other side: somebody with every grant but no part in a case can neither read it nor act on it.

Every public command that takes an id, and every page and API operation with a number in its address, is tried with the
ids of a case that belongs to others.
"""

import inspect
import io
import re
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client
from django.urls import get_resolver

from tests.fences.theirs import plant
from yinuo.approvals.models import Approval
from yinuo.complaints.models import AcceptedIntake, Complaint
from yinuo.conversations.models import Attachment, Conversation, HeldMessage, Interaction
from yinuo.customers.commands import create_customer
from yinuo.customers.models import Customer, GradeChange, RevealAlert
from yinuo.identity.commands import create_api_key, create_staff, create_unit
from yinuo.identity.grants import GRANT_CODES
from yinuo.identity.models import Role
from yinuo.identity.queries import actor_for
from yinuo.insight.models import Display, ReportPlan
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as
from yinuo.kernel.command import COMMANDS, permit_writes
from yinuo.kernel.errors import Denied, Missing, YinuoError
from yinuo.kernel.scope import Scoped
from yinuo.knowledge.models import Article, ReplyTemplate
from yinuo.matters.models import Matter, Task
from yinuo.promises.commands import load_pack
from yinuo.promises.models import Promise

SECRETS = ("发动机异响", "13812345678", "138****5678", "chen@example.cn", "陈建国", "内部意见很保密")


@pytest.fixture
def theirs(db):
    """Somebody else's case with everything on it, and a stranger with nearly every grant and the reach "own"."""
    firm = plant("内部意见很保密", "内部意见很保密")
    with acting_as(firm.system):
        elsewhere = create_unit(name="别处", code="elsewhere", kind="branch", parent_id=None)
        # without staff.manage: who manages staff sees what waits for an approver who left (tested with approvals)
        grants = sorted(GRANT_CODES - {"staff.manage"})
        role = Role(code="all", name="全权", grants=grants, matter_scope="own", customer_scope="own")
        with permit_writes("test"):
            role.save()
        firm.stranger = create_staff(
            username="stranger", name="外人", password="desk-7788-x", unit_id=elsewhere.pk, role_codes=["all"]
        )
    return firm


def an_id(model: Any) -> int:
    rows = model.unscoped if issubclass(model, Scoped) else model._base_manager
    return rows.order_by("-pk").values_list("pk", flat=True).first() or 0


def ids() -> dict[str, int]:
    """The newest row of every model, by the names that arguments and addresses give it."""
    found = {f"{re.sub('(?<!^)(?=[A-Z])', '_', m.__name__).lower()}_id": an_id(m) for m in apps.get_models()
             if m.__module__.startswith("yinuo.") and m._meta.pk.name in ("id", "matter")}  # fmt: skip
    return {
        **found, "complaint_id": an_id(Complaint), "matter_id": an_id(Complaint), "into_id": an_id(Complaint),
        "accepted_id": found["accepted_intake_id"], "receipt_id": found["accepted_intake_id"],
        "change_id": found.get("promise_change_id", 0), "correction_id": found.get("corrective_action_id", 0),
    }  # fmt: skip


#: Ids that are no part of a case: whose name they bear is checked by the command itself, or they are open to all.
COMMON = {
    "staff_id",
    "unit_id",
    "owner_id",
    "role_id",
    "manager_id",
    "assignee_id",
    "substitute_id",
    "to_id",
    "head_id",
}
#: What a command needs besides ids, to come as far as looking at them.
PLAUSIBLE: dict[str, dict[str, Any]] = {
    "approval.decide": {"decision": "approved"},
    "intake.register_by_hand": {"channel": "phone", "content": "外人登记"},
    "complaint.merge": {"complaint_ids": "earlier"},
    "complaint.register": {"channel": "phone", "content": "外人登记", "name": "外人", "customer_id": "customer_id"},
    "contact.register": {"channel": "phone", "text": "外人登记", "customer_id": "customer_id"},
    "customer.merge": {"survivor_id": "customer_id", "absorbed_id": "earlier_customer"},
    "matter.raise": {"kind": "enquiry"},
    "hold.place": {
        "command": "complaint.reply",
        "kind": "later",
        "conversation_id": None,
    },
    "promise.make_by_standard": {"standard": "lubricant.shipment"},
}
#: About the house, not about customers: guarded by the grant alone (or by whose it is, tested where they live).
ABOUT_THE_HOUSE = {
    "staff.edit", "staff.create", "staff.set_absence", "unit.create", "unit.edit", "mailbox.save", "key.revoke",
    "wording.change_rule", "wording.switch_rule",
    "complaint.recall_proposal",  # says "nothing to recall" about a case one does not see, whichever it is
}  # fmt: skip


def arguments(name: str, function: Any, known: dict[str, int]) -> dict[str, Any]:
    """Values for a call that names foreign ids wherever it can."""
    tomorrow = clock.now() + timedelta(days=1)
    by_type = {"int": 1, "bool": True, "datetime": tomorrow, "date": tomorrow.date(), "Decimal": 1}
    given: dict[str, Any] = {}
    for one in inspect.signature(function).parameters.values():
        if one.name in ("by", "at") or one.kind is one.VAR_KEYWORD:
            continue
        kind = str(getattr(one.annotation, "__name__", one.annotation)).split(" ")[0]
        if one.name in known:
            given[one.name] = known[one.name]
        elif one.default is one.empty:
            given[one.name] = by_type.get(kind, "内容内容")
    given |= {"expected_version": 1} if "expected_version" in inspect.signature(function).parameters else {}
    for key, value in PLAUSIBLE.get(name, {}).items():
        given[key] = known.get(value, value) if isinstance(value, str) else value
    if name == "hold.place":
        given["values"] = {"complaint_id": known["matter_id"], "text": "外人的话"}
    if "complaint_ids" in given:
        given["complaint_ids"] = [known["earlier"]]
    return given


def test_no_command_acts_on_a_case_one_has_no_part_in(theirs) -> None:
    me = actor_for(theirs.stranger)
    known = {k: v for k, v in ids().items() if k not in COMMON}
    known["earlier"] = theirs.cases[0].id
    with acting_as(theirs.system):
        load_pack(name="lubricant")
        known["earlier_customer"] = create_customer(kind="person", name="另一位", identities=[]).pk
    tried, passed = 0, {}
    for name, declared in sorted(COMMANDS.items()):
        given = arguments(name, declared.function, known)
        if declared.internal or name in ABOUT_THE_HOUSE or not {k for k in given if k.endswith("_id")} - COMMON:
            continue
        tried += 1
        run = getattr(inspect.getmodule(declared.function), declared.function.__name__)
        try:
            with transaction.atomic(), acting_as(me):
                run(**given)
                passed[name] = "done"
        except (Missing, Denied):
            pass
        except YinuoError as error:
            passed[name] = f"{type(error).__name__}: {error.message}"
    assert passed == {}
    assert tried > 90


def addresses() -> dict[str, tuple[str, ...]]:
    """Every address with numbers in it, and the names of the numbers."""
    found = {}

    def walk(patterns: Any, before: str = "/") -> None:
        for one in patterns:
            route = before + str(one.pattern)
            if hasattr(one, "url_patterns"):
                walk(one.url_patterns, route)
            elif names := tuple(re.findall(r"<int:(\w+)>", route)):
                found[route] = names

    walk(get_resolver().url_patterns)
    return found


#: `pk` means another thing under each noun.
NOUNS = {
    "/boards/displays/": Display, "/boards/schedules/": ReportPlan,
    "/holds/": HeldMessage, "/knowledge/templates/": ReplyTemplate, "/knowledge/insert/template/": ReplyTemplate, "/knowledge/": Article,
    "/complaints/accepted/": AcceptedIntake, "/reveal-alerts/": RevealAlert,
    "/customers/<int:pk>/": Customer, "/customers/merges/": None, "/inbox/": Conversation, "/mail/": Interaction,
    "/matters/": Matter, "/promises/changes/": "promise_change_id", "/promises/": Promise, "/tasks/": Task,
    "/files/": Attachment, "/approvals/": Approval, "/customers/": Customer,
}  # fmt: skip
OF_THE_HOUSE = (
    "/wording/rules/",
    "/api/v1/wording/",
    "/settings/",
    "/absence/",
    "/security/",
    "/views/",
    "/customers/merges/",
    "/api/v1/webhooks",
)


def filled(route: str, names: tuple[str, ...], known: dict[str, int]) -> str:
    noun = next((m for start, m in NOUNS.items() if route.startswith(start)), None)
    for name in names:
        value = known.get(name)
        if name == "pk":
            value = known[noun] if isinstance(noun, str) else an_id(noun)
        elif name == "change":
            value = an_id(GradeChange)
        elif name in ("child", "row_id"):
            verb = route.split("/")[-3] if name == "child" else route.split("/")[3]
            value = next((v for k, v in known.items() if k.startswith(verb.split("-")[0].rstrip("s")[:6]) and v), 1)
        route = route.replace(f"<int:{name}>", str(value or 1))
    return re.sub(r"<slug:field>", "phone", re.sub(r"<slug:name>", "extend", route))


def test_no_page_and_no_operation_shows_it(theirs) -> None:
    known, client = ids(), Client(raise_request_exception=True)
    client.force_login(theirs.stranger)
    with acting_as(theirs.system):
        secret = create_api_key(name="x", staff_id=theirs.stranger.pk, grants=GRANT_CODES)["secret"]
    bearer, leaks, seen = {"Authorization": f"Bearer {secret}"}, {}, 0
    for route, names in addresses().items():
        if route.startswith(OF_THE_HOUSE) or "/p/" in route:
            continue
        address = filled(route, names, known)
        answer = client.get(address, headers=bearer if route.startswith("/api/") else {})
        page = answer.content.decode("utf-8", "replace") if not answer.streaming else "streamed"
        seen += 1
        refused = (403, 404, 405, 422) if route.startswith("/api/") else (403, 404, 405)
        if answer.status_code not in refused or any(secret in page for secret in SECRETS):
            leaks[address] = answer.status_code
    assert leaks == {}
    assert seen > 80


LISTS = (
    "/surveys/", "/surveys/answers/", "/surveys/asked/", "/surveys/answers/export/", "/surveys/ask/?matter=%(matter_id)s",
    "/surveys/ask/?customer=%(customer_id)s", "/api/v1/surveys/answers", "/api/v1/surveys/invitations",
    "/", "/?show=aside", "/day/team/", "/bulk/assign/?k=m%(matter_id)s", "/bulk/snooze/?k=m%(matter_id)s", "/complaints/", "/complaints/board/", "/customers/", "/customers/duplicates/", "/inbox/", "/matters/", "/tasks/",
    "/promises/", "/promises/rates/", "/promises/settled/", "/approvals/?tab=all", "/notifications/", "/reports/",
    "/reports/export/", "/complaints/export/", "/boards/team/", "/boards/leader/", "/boards/wall/", "/boards/rows/?what=open",
    "/boards/rows/?what=today", "/boards/rows/?what=received&from=2020-01-01&to=2022-12-31", "/search/?q=发动机", "/search/?q=5678", "/search/?q=陈建国",
    "/complaints/register/who/?phone=13812345678", "/inbox/register/who/?phone=13812345678",
    "/complaints/register/similar/?content=发动机异响",
    "/customers/check/?name=陈建国&phone=13812345678", "/uploads/?upload_key=their-upload",
    "/complaints/accepted/", "/complaints/register/?accepted=%(accepted_id)s",
    "/complaints/register/?customer=%(customer_id)s", "/complaints/register/?conversation=%(conversation_id)s",
    "/promises/new/?matter=%(matter_id)s", "/inbox/register/?customer=%(customer_id)s",
    "/live-ticket/?topics=matter:%(matter_id)s", "/api/v1/complaints", "/api/v1/matters", "/api/v1/tasks",
    "/api/v1/promises", "/api/v1/conversations", "/api/v1/interactions", "/api/v1/customers",
    "/api/v1/customers/search?q=陈建国", "/api/v1/approvals",
)  # fmt: skip


def test_no_list_and_no_search_finds_it(theirs) -> None:
    client = Client()
    client.force_login(theirs.stranger)
    with acting_as(theirs.system):
        secret = create_api_key(name="x", staff_id=theirs.stranger.pk, grants=GRANT_CODES)["secret"]
    leaks = {}
    for path in LISTS:
        address = path % ids() if "%(" in path else path
        answer = client.get(address, headers={"Authorization": f"Bearer {secret}"} if "/api/" in path else {})
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        page = unzipped(body) if body[:2] == b"PK" else body.decode("utf-8", "replace")
        page = (
            page.replace('value="陈建国"', "").replace("陈建国", "") if "q=陈" in path else page
        )  # what was asked for
        found = [s for s in SECRETS if s in page]
        if answer.status_code >= 500 or found:
            leaks[address] = (answer.status_code, found)
    assert leaks == {}


def unzipped(body: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        return "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
