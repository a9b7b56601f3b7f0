"""Articles and reply templates by API."""

import pytest

from yinuo.api.tests.conftest import Api, key_for
from yinuo.identity.commands import create_staff
from yinuo.kernel.actor import Actor, acting_as

WORDS = {"title": "机油渗漏怎么查", "body": "先问清", "kind": "procedure", "keywords": "漏油", "visibility": "quotable"}


@pytest.fixture
def boss(company):
    with acting_as(Actor.system("test")):
        staff = create_staff(
            username="boss", name="周总", password="abcd-2234-x", unit_id=company["head"].pk, role_codes=["leader"]
        )
    return Api(key_for(staff))


def test_written_reviewed_found_and_used(api, boss) -> None:
    made = api.post("/articles", WORDS)
    assert made.status_code == 201
    row = made.json()
    path = f"/articles/{row['id']}"
    assert api.get("/articles").json()["items"] == [] and len(api.get("/articles?state=draft").json()["items"]) == 1
    assert api.post(f"{path}/publish", {}).json()["code"] == "refused"
    api.post(f"{path}/submit", {"version": row["version"]})
    assert api.post(f"{path}/publish", {}).json()["code"] == "own_words"
    stale = boss.post(f"{path}/publish", {"version": row["version"]})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    done = boss.post(f"{path}/publish", {}).json()
    assert (done["state"], done["edition"]) == ("published", 1)
    assert [a["id"] for a in api.get("/articles/search?q=漏油").json()["items"]] == [row["id"]]
    assert api.get("/articles/search?q=飞机").json()["items"] == []
    assert [e["state"] for e in api.get(f"{path}/editions").json()["items"]] == ["published"]
    assert api.post(f"{path}/rate", {"useful": True}).json()["helpful"] == 1
    assert api.post("/articles/uses", {"article_id": row["id"]}).status_code == 201
    assert boss.post(f"{path}/expire", {"reason": "改价"}).json()["state"] == "expired"
    assert boss.post(f"{path}/retire", {"reason": "停产"}).json()["state"] == "retired"
    assert api.get("/articles").json()["items"] == []
    assert boss.post(f"{path}/restore", {}).json()["state"] == "expired"
    wrong = api.post("/articles", {**WORDS, "kind": "poem", "title": " "})
    assert wrong.status_code == 422 and set(wrong.json()["errors"]) == {"kind", "title"}


def test_templates(api) -> None:
    made = api.post("/reply-templates", {"name": "受理", "text": "{客户称呼}您好"})
    assert made.status_code == 201 and made.json()["owner"]
    path = f"/reply-templates/{made.json()['id']}"
    over = api.post(f"{path}/edit", {"name": "受理", "text": "保证三天内给您办好", "version": 1})
    assert (over.status_code, over.json()["code"]) == (409, "wording_blocked")
    assert api.post(f"{path}/edit", {"name": "受理", "text": "{顾客}", "version": 1}).json()["errors"]["text"]
    assert api.get(path).json() == made.json()
    assert api.post(f"{path}/retire", {}).json()["retired_at"]
    assert api.get("/reply-templates").json()["items"] == []
    assert len(api.get("/reply-templates?state=retired").json()["items"]) == 1
