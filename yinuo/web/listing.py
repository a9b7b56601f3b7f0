"""Lists: search, filter chips, sorting and keyset paging, all in the URL and in two SQL statements."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from yinuo.kernel.actor import current_actor
from yinuo.kernel.planned import planned, planned_count
from yinuo.kernel.scope import near_first
from yinuo.web.cursor import Mark, beyond, pack, unpack, value_of

COUNT_LIMIT = 1000

Narrow = Callable[[QuerySet[Any], str], QuerySet[Any]]


@dataclass(frozen=True)
class Filter:
    """A group of chips. `choices` are (value, label); `narrow` turns a value into a smaller list; `compact`: a menu."""

    name: str
    label: Any
    choices: Iterable[tuple[Any, Any]]
    narrow: Narrow
    default: str = ""
    compact: bool = False


@dataclass(frozen=True)
class Sort:
    """An order: one field ("-" for falling), the primary key breaks ties. `nullable` puts blanks last."""

    name: str
    label: Any
    field: str
    nullable: bool = False


@dataclass(frozen=True)
class Column:
    """A heading; with `sort` it is a link that sorts. `wide` columns are dropped on a small screen."""

    label: Any
    sort: str = ""
    cls: str = ""
    wide: bool = False


@dataclass(frozen=True)
class _Chosen:
    """What the address asks for. Two with the same `key` make the same statement, for actors of one kind."""

    key: Hashable
    rows: Callable[[], QuerySet[Any]] = field(compare=False)

    def counted(self, order: str) -> QuerySet[Any]:
        # in an order that has an index to walk, so that the count stops early
        return near_first(self.rows().order_by(order).values("pk"), current_actor(), COUNT_LIMIT + 1)

    def page(self, order: str, nullable: bool, backwards: bool, size: int, mark: Mark) -> QuerySet[Any]:
        name, down = order.lstrip("-"), order.startswith("-") != backwards
        rows = self.rows()
        if mark is not None:
            rows = rows.filter(beyond(name, down, mark, nullable=nullable and not backwards))
        last = True if nullable else None
        first = F(name).desc(nulls_last=last) if down else F(name).asc(nulls_last=last)
        return rows.order_by(first, "-pk" if down else "pk")[: size + 1]


@planned_count(strict=False)
def _counted(chosen: _Chosen, order: str) -> QuerySet[Any]:
    return chosen.counted(order)


@planned("edge", "pk", strict=False)
def _page(
    chosen: _Chosen, order: str, nullable: bool, backwards: bool, size: int, *, edge: Any = None, pk: Any = None
) -> QuerySet[Any]:
    return chosen.page(order, nullable, backwards, size, None if pk is None else (edge, pk))


@dataclass
class Listing:
    """One page of rows, with everything the macro `ui.listing` needs.

    With `plan`, a name for what `query` makes, the statements are worked out once for all who ask for the same: then
    `query` and the filters must take the actor and the moment from where they are asked for, never from outside.
    """

    request: HttpRequest
    query: QuerySet[Any] | Callable[[], QuerySet[Any]]
    columns: Sequence[Column] = ()
    sorts: Sequence[Sort] = (Sort("new", "", "-pk"),)
    filters: Sequence[Filter] = ()
    search: Narrow | None = None
    placeholder: Any = ""
    empty: Any = ""
    size: int = 25
    view: Callable[[Any], Any] | None = None
    plan: Hashable = ""
    rows: list[Any] = field(init=False, default_factory=list)
    count: int = field(init=False, default=0)
    older: str = field(init=False, default="")
    newer: str = field(init=False, default="")

    def __post_init__(self) -> None:
        params = self.request.GET
        self.q = " ".join(params.get("q", "").replace("\x00", "").split())[:100]
        self.sort = next((s for s in self.sorts if s.name == params.get("sort")), self.sorts[0])
        self.chosen: dict[str, str] = {}
        for item in self.filters:
            value = params.get(item.name, item.default)
            if value and value in {str(choice) for choice, _label in item.choices}:
                self.chosen[item.name] = value
        self._load(params.get("after", ""), params.get("before", ""))

    def _narrowed(self) -> QuerySet[Any]:
        rows = self.query() if callable(self.query) else self.query
        for item in self.filters:
            if item.name in self.chosen:
                rows = item.narrow(rows, self.chosen[item.name])
        return self.search(rows, self.q) if self.q and self.search else rows

    def _load(self, after: str, before: str) -> None:
        backwards = bool(before)
        mark = unpack(before or after)
        chosen = _Chosen((self.plan, *self.chosen.items()), self._narrowed)
        try:
            found = self._found(chosen, backwards, mark)
        except (TypeError, ValueError, ValidationError):
            if mark is None:
                raise
            backwards, after, mark = False, "", None  # a cursor of another list: what it names is nothing to sort by
            found = self._found(chosen, backwards, mark)
        name = self.sort.field.lstrip("-")
        more = len(found) > self.size
        found = found[: self.size]
        if backwards:
            found.reverse()
        if found and (more or backwards):
            self.older = pack(value_of(found[-1], name), found[-1].pk)
        if found and ((backwards and more) or (after and mark is not None)):
            self.newer = pack(value_of(found[0], name), found[0].pk)
        self.rows = [self.view(row) for row in found] if self.view else found

    def _found(self, chosen: _Chosen, backwards: bool, mark: Mark) -> list[Any]:
        """The rows of the page and one more; counts all, in the list's first order whatever the page's."""
        shape = (self.sort.field, self.sort.nullable, backwards, self.size)
        if self.plan and not self.q:
            edge, pk = mark or (None, None)
            self.count = _counted(chosen, self.sorts[0].field)
            return _page(chosen, *shape, edge=edge, pk=pk)
        self.count = chosen.counted(self.sorts[0].field).count()
        return list(chosen.page(*shape, mark))

    @property
    def narrowed(self) -> bool:
        """Whether somebody asked for less than what the list shows by itself."""
        usual = {f.name: f.default for f in self.filters}
        beside = ("sort", "after", "before", "tab")
        return any(v and v != usual.get(k) for k, v in self.request.GET.items() if k not in beside)

    @property
    def count_text(self) -> str:
        """How many there are; above the limit it says so instead of counting a million rows."""
        if self.count > COUNT_LIMIT:
            return _("%d 条以上") % COUNT_LIMIT
        return _("共 %d 条") % self.count

    def link(self, **changes: Any) -> str:
        """The address of this list with some parameters changed."""
        kept = {key: values for key, values in self._parameters.items() if key not in changes}
        more = {key: str(value) for key, value in changes.items() if value not in (None, "")}
        return "?" + urlencode(kept | more, doseq=True)

    @cached_property
    def _parameters(self) -> dict[str, list[str]]:
        """Of this list's address, without its place in the list."""
        return {key: values for key, values in self.request.GET.lists() if key not in ("after", "before")}

    def sort_link(self, name: str) -> str:
        """Sort by this; a second click turns the order round where there is a twin named name + "-"."""
        twin = name[:-1] if name.endswith("-") else name + "-"
        turned = self.sort.name == name and any(s.name == twin for s in self.sorts)
        return self.link(sort=twin if turned else name)

    def sorted_by(self, name: str) -> str:
        """aria-sort of a heading."""
        if self.sort.name.rstrip("-") != name.rstrip("-"):
            return "none"
        return "descending" if self.sort.field.startswith("-") else "ascending"
