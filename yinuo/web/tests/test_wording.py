"""Wording rules as a person keeps them, and how an answer that is kept back comes back."""

import csv
import html
import io

import openpyxl
import pytest

from yinuo.complaints.tests.conftest import Walk
from yinuo.conversations.models import Interaction
from yinuo.kernel.actor import Actor
from yinuo.wording.commands import add_rule, lay_down
from yinuo.wording.models import WordingPass, WordingRule

pytestmark = pytest.mark.django_db
BAD = "公司的规定就是这样"


def text_of(answer) -> str:
    return html.unescape(answer.content.decode())


def test_pages_take_few_statements(sign_in, django_assert_num_queries) -> None:
    client = sign_in("super")
    for address, most in (("/settings/wording/", 6), ("/settings/wording/new/", 3)):
        client.get(address)
        with django_assert_num_queries(most):
            assert client.get(address).status_code == 200


def test_a_kept_back_answer_stays_and_only_a_supervisor_may_let_it_pass(firm, wang, client_of) -> None:
    walk = Walk(firm)
    address = f"/complaints/{walk.id}/reply/"
    answer = wang.post(address, {"text": BAD, "coached": "1"})
    page = text_of(answer)
    assert answer.status_code == 409 and BAD in page and "放行并发送" not in page
    sun = client_of("sun")
    assert "放行并发送" in text_of(sun.post(address, {"text": BAD, "coached": "1"}))
    answer = sun.post(address, {"text": BAD, "coached": "1", "wording": "pass", "wording_reason": " "})
    assert answer.status_code == 422 and "请说明为什么" in text_of(answer)
    answer = sun.post(address, {"text": BAD, "coached": "1", "wording": "pass", "wording_reason": "客户要书面依据"})
    assert answer.status_code == 303 and Interaction.unscoped.filter(text=BAD).exists()
    assert WordingPass.unscoped.get().reason == "客户要书面依据"


def test_without_scripts_the_form_comes_back_once_with_what_the_coach_says(firm, wang) -> None:
    walk = Walk(firm)
    address, sent = f"/complaints/{walk.id}/reply/", {"text": "这个我办不了，您自己去问"}
    answer = wang.post(address, sent)
    page = text_of(answer)
    assert answer.status_code == 422 and "可以说" in page and 'name="coached"' in page and sent["text"] in page
    assert wang.post(address, {**sent, "coached": "1"}).status_code == 303


def test_the_coach_gets_the_rules_once_per_edition(firm, wang, client_of) -> None:
    lay_down(by=Actor.system("test"))
    where = wang.get("/wording/rules/")["Location"]
    answer = wang.get(where)
    assert "immutable" in answer["Cache-Control"] and len(answer.json()["rules"]) >= 120
    assert wang.get(where, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    sun = client_of("sun")
    sent = {"phrases": "这事(儿|)凉拌", "why": "推诿", "category": "refusal", "level": "block", "active": "on"}
    assert sun.post("/settings/wording/new/", sent).status_code == 303
    assert wang.get("/wording/rules/")["Location"] != where and wang.get(where).status_code == 404
    assert "须主管同意" in text_of(sun.post("/settings/wording/try/", {"text": "这事儿凉拌吧", "about": ""}))
    assert wang.get("/settings/wording/").status_code == 403


def test_what_is_exported_can_be_imported_and_a_wrong_line_is_named(firm, client_of) -> None:
    lay_down(by=Actor.system("test"))
    sun = client_of("sun")
    book = openpyxl.load_workbook(io.BytesIO(sun.get("/settings/wording/export.xlsx").content))
    rows = [[str(cell or "") for cell in row] for row in book.worksheets[0].iter_rows(values_only=True)]
    assert len([row for row in rows if row[1]]) == WordingRule.unscoped.count() + 1

    def upload(lines: list[list[str]], name: str = "规则.csv"):
        words = "\n".join(",".join(f'"{cell}"' for cell in line) for line in lines)
        file = io.BytesIO(words.encode("gb18030", "replace"))
        file.name = name
        return sun.post("/settings/wording/import/", {"file": file})

    fresh = ["", "(不归|不属)我科", "我来联系", "推诿", "生硬拒绝", "不妥", "投诉", "", "是"]
    changed = [*rows[1][:3], "改过的原因", *rows[1][4:]]
    wrong = ["", "(好", "", "", "没有这类", "不妥", "", "", "是"]
    answer = upload([rows[0], fresh, wrong])
    assert "括号" in text_of(answer) and "请选择类别" in text_of(answer)
    assert not WordingRule.unscoped.filter(phrases=fresh[1]).exists(), "one wrong line, nothing is imported"
    answer = upload([rows[0], fresh, changed])
    assert answer.status_code == 303
    assert WordingRule.unscoped.get(phrases=fresh[1]).kinds == ["complaint"]
    assert WordingRule.unscoped.get(pk=rows[1][0]).why == "改过的原因"
    assert "只能读" in text_of(upload([rows[0]], "规则.exe"))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_says_who_made_it_and_comes_back_unchanged(firm, client_of, kind) -> None:
    """What a spreadsheet would take for a formula is quoted in the file, and is itself again afterwards."""
    rule = add_rule(
        phrases="-5度也算正常\n=1+1算什么",
        instead="@同事来回答\n'=原样",
        why="+太生硬",
        category="habit",
        by=Actor.system("test"),
    )
    sun = client_of("sun")
    data = sun.get(f"/settings/wording/export.{kind}").content
    if kind == "csv":
        assert "孙" in data.decode("utf-8-sig").splitlines()[-1] and "导出" in data.decode("utf-8-sig")
        cells = [cell for row in csv.reader(io.StringIO(data.decode("utf-8-sig"))) for cell in row]
    else:
        book = openpyxl.load_workbook(io.BytesIO(data))
        cells = [str(cell or "") for row in book.worksheets[0].iter_rows(values_only=True) for cell in row]
    assert not [cell for cell in cells if cell[:1] and cell[0] in "=+-@"]
    file = io.BytesIO(data)
    file.name = f"规则.{kind}"
    answer = sun.post("/settings/wording/import/", {"file": file})
    assert answer.status_code == 303 and not WordingRule.unscoped.filter(version__gt=1).exists()
    again = WordingRule.unscoped.get(pk=rule.pk)
    assert again.fields == rule.fields
