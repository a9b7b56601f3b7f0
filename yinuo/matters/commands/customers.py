"""What a merge of two customers means for their matters."""

from datetime import datetime

from django.contrib.postgres.search import SearchVectorField
from django.db.models import F, Func, QuerySet, Value
from django.utils.translation import gettext as _

from yinuo.customers.models import CustomerMerge
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.search import RawQuery, name_tokens, tsvector
from yinuo.matters.commands.timeline import add_entries
from yinuo.matters.models import Matter

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
