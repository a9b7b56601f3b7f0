"""A desk with two writers, two who let articles pass, and a department elsewhere."""

from datetime import UTC, datetime
from types import SimpleNamespace

from tests.worlds import world
from yinuo.identity.commands import create_staff, create_unit, seed_roles
from yinuo.identity.queries import actor_for
from yinuo.kernel.actor import Actor, acting_as
from yinuo.knowledge import commands as k

AT = datetime(2026, 11, 23, 2, tzinfo=UTC)
WORDS = {"title": "机油渗漏怎么查", "body": "先问清什么时候发现的", "kind": "procedure", "keywords": "漏油、密封圈"}


@world
def desk():
    with acting_as(Actor.system("test")):
        seed_roles()
        top = create_unit(name="公司", code="top", kind="company", parent_id=None)
        units = {"top": top}
        for code in ("east", "west"):
            units[code] = create_unit(name=code, code=code, kind="desk", parent_id=top.pk)
        made = {
            name: actor_for(
                create_staff(
                    username=name, name=name, password="quiet-river-9", unit_id=units[unit].pk, role_codes=[role]
                )
            )
            for name, unit, role in (
                ("ann", "east", "agent"), ("wu", "west", "agent"), ("chief", "east", "supervisor"),
                ("boss", "top", "leader"), ("stock", "west", "warehouse"),
            )
        }  # fmt: skip
    return SimpleNamespace(units=units, **made)


def article(by, **words):
    return k.create_article(**{**WORDS, **words}, by=by, at=AT)


def published(by, reviewer, at=AT, review_by=None, **words):
    row = article(by, **words)
    k.submit_article(article_id=row.pk, by=by, at=at)
    return k.publish_article(article_id=row.pk, review_by=review_by, by=reviewer, at=at)
