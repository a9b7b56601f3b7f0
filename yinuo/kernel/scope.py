"""Fence 1: scope fails closed. `objects` shows what the current actor may see and raises without one."""

from functools import cache
from typing import Any, ClassVar, Self

from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import get_language

from yinuo.kernel.actor import Actor, Scope, current_actor


class ScopedManager(models.Manager[Any]):
    """Filters every query by the model's `visible_q`. Creating rows is left alone: commands guard writes."""

    use_in_migrations = False

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(self.model.visible_q(current_actor()))

    def create(self, **values: Any) -> Any:
        return self.model.unscoped.create(**values)

    def bulk_create(self, *rows: Any, **options: Any) -> list[Any]:
        return list(self.model.unscoped.bulk_create(*rows, **options))


class Scoped(models.Model):
    """A row somebody may or may not see.

    A root model overrides `visible_q`; a child names its parent's field in `scope_parent` and is seen through it.
    """

    scope_parent: ClassVar[str | None] = None

    objects: ClassVar[models.Manager[Self]] = ScopedManager()
    unscoped: ClassVar[models.Manager[Self]] = models.Manager()

    class Meta:
        abstract = True
        base_manager_name = "unscoped"

    @classmethod
    def visible_q(cls, actor: Actor, prefix: str = "") -> Q:
        """The rows `actor` sees, as a filter whose lookups start with `prefix` (the path from a child)."""
        if cls.scope_parent is None:
            raise TypeError(f"{cls.__name__} declares neither visible_q nor scope_parent")
        parent = cls._meta.get_field(cls.scope_parent).related_model
        if isinstance(parent, str):
            parent = apps.get_model(parent)
        return parent.visible_q(actor, f"{prefix}{cls.scope_parent}__")  # type: ignore[union-attr, no-any-return]

    @classmethod
    def near_q(cls, _actor: Actor) -> Q | None:
        """Of what `visible_q` lets through, the part that the row itself tells by columns with an index, where the rest
        takes looking elsewhere. None where there is no such difference. A count begins there.
        """
        return None

    def _get_FIELD_display(self, field: Any) -> str:
        """As Django's, which makes the dictionary of choices and translates anew for every value of every row."""
        value = getattr(self, field.attname)
        return str(_choices(field, get_language()).get(value, value if value is not None else ""))


@cache
def _choices(field: Any, language: str | None) -> dict[Any, str]:
    return {value: str(label) for value, label in field.flatchoices}


def everyone() -> Q:
    return Q()


def nobody() -> Q:
    """Matches no row."""
    return Q(pk__in=[])


def staff_scope(actor: Actor, scope: Scope, prefix: str, *, owner: str = "owner_id", unit: str = "unit_id") -> Q:
    """Own: rows I own. Team: those plus my unit's subtree. All: every row."""
    if scope is Scope.ALL:
        return Q()
    mine = Q(**{prefix + owner: actor.staff_id}) if actor.staff_id else nobody_at(prefix)
    if scope is Scope.TEAM and actor.unit_ids:
        return mine | Q(**{f"{prefix}{unit}__in": sorted(actor.unit_ids)})
    return mine


def near_first(
    rows: models.QuerySet[Any], actor: Actor, most: int, nearby: models.QuerySet[Any] | None = None
) -> models.QuerySet[Any]:
    """At most so many of `rows`, the near ones before the others: who has enough nearby looks no further. The order of
    `rows` is kept for the others alone: of the near ones any will do.

    Every row is in one of the two halves, whatever `near_q` says: it decides how long it takes, not what is seen.
    `nearby` are the same rows out of all there are, for which nothing but `near_q` is looked at.
    """
    near = rows.model.near_q(actor) if issubclass(rows.model, Scoped) else None
    if near is None:
        return rows[:most]
    first = (rows if nearby is None else nearby).filter(near).order_by()[:most]
    return first.union(rows.exclude(near)[:most], all=True)[:most]


def among(field: str, chosen: models.QuerySet[Any]) -> Q:
    """As `field__in=chosen`, for a part of an OR: the few `chosen` are fetched once, before the rest.

    Of a subquery in an OR the planner believes that every row of a join pays for it anew, and reads whole tables to
    avoid that.
    """
    any_of = Func(ArraySubquery(chosen), function="ANY")
    return Q(Func(F(field), any_of, arg_joiner=" = ", template="%(expressions)s", output_field=models.BooleanField()))


def nobody_at(prefix: str) -> Q:
    return Q(**{f"{prefix}pk__in": []})
