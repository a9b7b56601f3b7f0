"""What stands beside the form: guidance for the stage, for the customer, similar cases; and every field of the form."""

import re

import pytest

from yinuo.complaints import commands as c
from yinuo.complaints.tests.conftest import Walk
from yinuo.kernel.actor import acting_as

STAGES = ("received", "acknowledged", "assessed", "investigating", "proposing", "offered", "executing", "callback")


@pytest.mark.parametrize("stage", STAGES)
def test_each_stage_shows_clear_fairness_and_its_own_steps(firm, wang, stage) -> None:
    case = Walk(firm).to(stage)
    page = wang.get(f"/complaints/{case.id}/").content.decode()
    for words in ("CLEAR 五步", "三种公平", "结果公平", "过程公平", "态度公平", "不要做"):
        assert words in page, words
    assert re.search(r'<div class="d-guide">\s*<p>\S', page), "what this stage is for"


def test_the_kind_of_customer_brings_its_hints(firm, wang) -> None:
    case = Walk(firm).to("assessed")
    assert "d-person" not in wang.get(f"/complaints/{case.id}/").content.decode()
    with acting_as(firm.wang):
        c.assess(
            complaint_id=case.id, judgement="justified", kind="product", subkind="", temperament="angry",
            manner="emotional",
        )  # fmt: skip
    page = wang.get(f"/complaints/{case.id}/").content.decode()
    assert "愤怒" in page and "情绪型" in page and "先处理心情" in page


@pytest.mark.parametrize("stage", ["investigating", "proposing"])
def test_similar_past_cases_stand_beside_the_proposal(firm, wang, stage) -> None:
    Walk(firm, content="发动机加注机油后异响，怀疑质量问题").to("closed")
    case = Walk(firm, content="加注机油后发动机异响").to(stage)
    page = wang.get(f"/complaints/{case.id}/").content.decode()
    assert f'hx-get="/complaints/{case.id}/similar/"' in page
    found = wang.get(f"/complaints/{case.id}/similar/").content.decode()
    assert "异响" in found


def test_the_registration_form_has_every_field(wang) -> None:
    page = wang.get("/complaints/register/").content.decode()
    fields = (
        "name", "phone", "channel", "content", "demand", "demand_amount", "product", "batch", "produced_on", "used_on",
        "occurred_on", "equipment", "conditions", "used_before",
    )  # fmt: skip
    for name in fields:
        assert f'name="{name}"' in page, name
    assert "data-files=" in page and 'capture="environment"' in page, "files by drag and paste, and the phone's camera"
    assert "complaint-register" in page, "kept as a draft while typed"
