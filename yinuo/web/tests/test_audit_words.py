"""The audit is read by people: no command, field or value of it is shown as programs write it."""

import ast
import re
from pathlib import Path

import pytest

from yinuo.jobs import reactions  # noqa: F401  every command is known once they are
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.command import COMMANDS
from yinuo.kernel.models import AuditEntry
from yinuo.matters.commands import assign_matter
from yinuo.web import urls  # noqa: F401
from yinuo.web.audit.commands import NOUNS, VERBS
from yinuo.web.audit.details import details
from yinuo.web.audit.fields import FIELDS
from yinuo.web.audit.who import SYSTEMS, who_in_words

ROOT = Path(__file__).resolve().parents[2]


def own_files():
    return [p for p in ROOT.rglob("*.py") if not {"tests", "migrations"} & set(p.parts)]


def test_every_command_has_words() -> None:
    parts = [name.partition(".") for name in COMMANDS if not name.startswith("test.")]
    assert {noun for noun, _dot, _verb in parts} - set(NOUNS) == set()
    assert {verb for _noun, _dot, verb in parts} - set(VERBS) == set()


def test_every_field_written_down_has_a_name() -> None:
    named = set()
    for path in own_files():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("record", "record_seldom"):
                given = [inner for arg in node.args[1:] if isinstance(arg, ast.Dict) for inner in ast.walk(arg)]
                named |= {
                    key.value for one in given if isinstance(one, ast.Dict) for key in one.keys
                    if isinstance(key, ast.Constant)
                }  # fmt: skip
    assert len(named) > 100 and named - set(FIELDS) == set()


def test_every_part_of_the_product_has_a_name() -> None:
    named = {n for p in own_files() for n in re.findall(r'Actor\.system\("([^"]+)"\)', p.read_text("utf-8"))}
    assert named - set(SYSTEMS) == set() and who_in_words("system", "something-new") == "系统"


@pytest.mark.parametrize(
    ("subject", "data", "shown"),
    [
        ("matters.matter", {"from": 1, "to": None, "reason": ""}, [("原来", "林晓雯"), ("改为", "无"), ("原因", "无")]),
        ("complaints.complaint", {"move": "assess", "frm": "acknowledged", "to": "assessed"},
         [("原阶段", "告知"), ("办理", "完成评审"), ("改为", "初步评审")]),
        ("customers.customer", {"changed": ["name", "profile.job"], "kind": "organisation"}, [("改了", "名称、职务"), ("类型", "单位")]),
        ("wording.wordingrule", {"before": {"level": "hint"}, "after": {"level": "block", "active": True}},
         [("级别", "提示 → 须主管同意"), ("在用", "无 → 是")]),
        ("surveys.surveyplan", {"trigger": "complaint.called_back"}, [("起因", "投诉回访后")]),
        ("promises.promise", {"due_at": "2026-12-01T10:00:00+00:00", "obligation": "interim_reply"},
         [("期限", "2026-12-01 周二 18:00"), ("义务", "阶段答复")]),
    ],
)  # fmt: skip
def test_values_are_said_in_words(subject, data, shown) -> None:
    assert details(AuditEntry(subject_type=subject, data=data), {1: "林晓雯"}) == shown


@pytest.mark.django_db
def test_the_page_names_people_and_folds_details(sign_in, company, django_assert_num_queries) -> None:
    from yinuo.web.tests.conftest import make_case

    case = make_case(company, 1)
    with acting_as(Actor.system("clock")):
        assign_matter(
            matter_id=case.matter.pk, owner_id=company.staff["super"].pk, expected_version=case.matter.version
        )
    client = sign_in("admin")
    client.get("/audit/?q=matter.assign")
    with django_assert_num_queries(6):
        page = client.get("/audit/?q=matter.assign").content.decode()
    text = re.sub(r"<[^>]+>", " ", page[page.index("<tbody") :])
    assert "承诺时钟" in text and "事项 · 分派" in text and "原来：林晓雯；改为：陈思远" in text
    assert "<details" in page and '"from"' not in text and not re.search(r"matter\.assign|\bclock\b", text)
