"""What the demo company knows: articles of four trades, some in review, one expired; and its reply templates."""

import tomllib
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from yinuo.identity.models import Staff
from yinuo.identity.queries import actor_for
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.clock import CST
from yinuo.knowledge import commands
from yinuo.knowledge.models import Article
from yinuo.matters.models import Matter
from yinuo.operations.demo.company import Company
from yinuo.operations.demo.desk import office

WORDS = Path(__file__).with_name("knowledge.toml")
READERS = ("agent", "agent2", "agent3", "agent4", "supervisor", "supervisor2", "manager", "leader", "warehouse",
           "finance", "production", "marketing")  # fmt: skip


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(WORDS.read_text(encoding="utf-8"))


def told() -> bool:
    return Article.objects.exists()


def build(made: Company, *, say: Callable[[str], None]) -> None:
    people = {login: actor_for(Staff.objects.get(pk=person.pk)) for login, person in made.staff.items()}
    for given in _words()["articles"]:
        _article(given, made, people)
    with acting_as(Actor.system("clock")):
        while commands.expire_due():
            pass
    _second_edition(people)
    for given in _words()["templates"]:
        _template(given, people)
    articles, templates = len(_words()["articles"]), len(_words()["templates"])
    say(_("  知识文章 %(articles)d 篇，回复模板 %(templates)d 个") % {"articles": articles, "templates": templates})


def _article(given: dict[str, Any], made: Company, people: dict[str, Actor]) -> None:
    at = office(clock.now() - timedelta(days=given["days"] + 1))
    names = ("title", "body", "kind", "category", "keywords", "matters", "visibility")
    unit = made.units[given["unit"]].pk if "unit" in given else None
    writer, reviewer = people[given["writer"]], people[given["reviewer"]]
    row = commands.create_article(**{n: given[n] for n in names}, unit_id=unit, by=writer, at=at)
    state = given.get("state", "published")
    if state == "draft":
        return
    commands.submit_article(article_id=row.pk, by=writer, at=at + timedelta(hours=1))
    if state == "review":
        return
    passed = min(office(at + timedelta(hours=2)), clock.now())
    day = passed.astimezone(CST).date() + timedelta(days=given.get("looks", 180))
    commands.publish_article(article_id=row.pk, review_by=day, by=reviewer, at=passed)
    readers = ("production", "supervisor", "manager") if unit else READERS
    for n, login in enumerate(readers[: given["useful"]]):
        commands.rate_article(article_id=row.pk, useful=n % 6 != 5, by=people[login], at=passed + timedelta(days=1))
    if given["visibility"] == "quotable":
        _used(people, given["useful"] + 2, article_id=row.pk)


def _second_edition(people: dict[str, Actor]) -> None:
    """One article was made better since, and passed again."""
    given = _words()["articles"][0]
    row = Article.objects.get(title=given["title"])
    names = ("title", "kind", "category", "keywords", "matters", "visibility")
    body = given["body"].replace("# 常见原因", "5. 请客户把旧滤芯留着，不要扔" + "\n\n# 常见原因")
    writer, at = people[given["writer"]], office(clock.now() - timedelta(days=10))
    commands.edit_article(
        article_id=row.pk, body=body, **{n: given[n] for n in names}, note="补充：请客户留着旧滤芯",
        expected_version=None, by=writer, at=at,
    )  # fmt: skip
    commands.submit_article(article_id=row.pk, by=writer, at=at + timedelta(hours=1))
    commands.publish_article(article_id=row.pk, by=people[given["reviewer"]], at=at + timedelta(hours=4))


def _template(given: dict[str, Any], people: dict[str, Actor]) -> None:
    owner = people[given.get("owner", "supervisor")]
    row = commands.create_template(
        name=given["name"], text=given["text"], stage=given.get("stage", ""), channel=given.get("channel", ""),
        shared="owner" not in given, by=owner, at=office(clock.now() - timedelta(days=30)),
    )  # fmt: skip
    _used(people, given["uses"], template_id=row.pk)


def _used(people: dict[str, Actor], times: int, **what: int) -> None:
    """Put into answers of an agent, now and then."""
    with acting_as(people["agent"]):
        mine = list(Matter.objects.filter(owner_id=people["agent"].staff_id).order_by("-pk")[:40])
    for n in range(times if mine else 0):
        at = min(office(clock.now() - timedelta(days=n % 14 + 1)), clock.now())
        commands.use_knowledge(matter_id=mine[n % len(mine)].pk, by=people["agent"], at=at, **what)
