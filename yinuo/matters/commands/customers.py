"""What a merge of two customers, or a new name of one, means for their matters."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVectorField
from django.db.models import F, Func, QuerySet, TextField, Value
from django.utils.translation import gettext as _

from yinuo.customers.models import Customer, CustomerMerge
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.search import RawQuery, name_tokens, tsvector
from yinuo.kernel.text import grams
from yinuo.matters.commands.locking import lock_matters
from yinuo.matters.commands.timeline import add_entries
from yinuo.matters.models import Matter, TimelineEntry

#: Where a merge keeps which words of the survivor's name were new to which matters.
ADDED = "found_by"


@command("matter.follow_customer", internal=True)
def follow_customer(*, merge_id: int, by: Actor, at: datetime) -> int:
    """The matters that went over (or came back) are found by the customer's name of now; open ones tell it."""
    merge = CustomerMerge.unscoped.select_related("survivor", "absorbed").get(pk=merge_id)
    record(merge, {"split": merge.split_at is not None})
    moved = Matter.unscoped.filter(pk__in=merge.moved["rows"].get("matters.Matter.customer", []))
    if merge.split_at:
        whose = moved.filter(customer=merge.absorbed)
        _forget_name(whose, merge.moved.get(ADDED, {}))
        text = _("撤销合并：客户恢复为“%(name)s”") % {"name": merge.absorbed.name}
    else:
        whose = moved
        text = _("客户“%(old)s”与“%(name)s”是同一位，档案已合并") % {
            "old": merge.absorbed.name, "name": merge.survivor.name,
        }  # fmt: skip
        merge.moved[ADDED] = _add_name(whose, merge.survivor.name)
        merge.save(update_fields=["moved"])
    rows = [{"matter": m, "kind": "merged_customer", "text": text, "public": False} for m in whose.filter(open=True)]
    return len(add_entries(rows=rows, by=by, at=at)) if rows else 0


@command("matter.follow_name", internal=True)
def follow_name(
    *, customer_id: int, old: str, matter_ids: Sequence[int], also: Mapping[int, Sequence[str]], by: Actor, at: datetime
) -> int:
    """These matters of a renamed customer are found by the name of now, and no more by those words of the old one that
    are not their own. `also`: what else each is found by. A fixed number of statements but for matters whose own words
    share some with the name, which are written one kind after the other.
    """
    customer = Customer.unscoped.get(pk=customer_id)
    earlier = Customer.unscoped.filter(merged_into=customer_id).values_list("name", flat=True)
    names = name_tokens(customer.name, *earlier)
    gone = {token for token in name_tokens(old) if token} - set(names)
    lock_matters(matter_ids)
    matters = Matter.unscoped.filter(pk__in=matter_ids, customer_id=customer_id)
    alike: dict[frozenset[str], list[int]] = {}
    for pk, own in _own_words(matters, also).items():
        alike.setdefault(frozenset(gone - own), []).append(pk)
    for tokens, ids in alike.items():
        old_words = Value(sorted(tokens), output_field=ArrayField(TextField()))
        kept = Func(F("search"), old_words, function="ts_delete", output_field=SearchVectorField())
        Matter.unscoped.filter(pk__in=ids).update(
            search=Func(kept, tsvector(names), template="%(expressions)s", arg_joiner=" || ")
        )
    record(customer, {"old": old, "rows": sum(map(len, alike.values()))})
    return sum(map(len, alike.values()))


def _own_words(matters: QuerySet[Matter], also: Mapping[int, Sequence[str]]) -> dict[int, set[str]]:
    """What each is found by whatever its customer is called: title, number, what was said and registered."""
    texts = {m.pk: [m.title, m.number, *also.get(m.pk, ())] for m in matters.only("title", "number")}
    told = TimelineEntry.unscoped.filter(matter_id__in=list(texts))
    for pk, text, said in told.values_list("matter_id", "text", "interaction__text"):
        texts[pk] += [text, (said or "")[:20_000]]
    return {pk: {token for text in found for token in grams(text)} for pk, found in texts.items()}


def _add_name(matters: QuerySet[Matter], name: str) -> dict[str, list[int]]:
    """The name joins what they are found by; answers which words were new to which matters, for a later split."""
    new: dict[str, list[int]] = {}
    for token in sorted({t for t in name_tokens(name) if t}):
        lacking = list(
            matters.exclude(search=RawQuery([token], whole=True)).order_by("pk").values_list("pk", flat=True)
        )
        if lacking:
            new[token] = lacking
    words = tsvector(name_tokens(name))
    matters.update(search=Func(F("search"), words, template="%(expressions)s", arg_joiner=" || "))
    return new


def _forget_name(matters: QuerySet[Matter], added: dict[str, list[int]]) -> None:
    """They are found by that name no more, but still by every word that was theirs before."""
    for token, ids in added.items():
        gone = Func(F("search"), Value(token), function="ts_delete", output_field=SearchVectorField())
        matters.filter(pk__in=ids).update(search=gone)
