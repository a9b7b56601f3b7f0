"""What a merge of two customers means for their matters."""

from datetime import datetime

from django.db.models import F, Func
from django.utils.translation import gettext as _

from yinuo.customers.models import CustomerMerge
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.search import name_tokens, tsvector
from yinuo.matters.commands.timeline import add_entries
from yinuo.matters.models import Matter


@command("matter.follow_customer", internal=True)
def follow_customer(*, merge_id: int, by: Actor, at: datetime) -> int:
    """The matters that went over (or came back) are found by the customer's name of now; open ones tell it."""
    merge = CustomerMerge.unscoped.select_related("survivor", "absorbed").get(pk=merge_id)
    record(merge, {"split": merge.split_at is not None})
    moved = Matter.unscoped.filter(pk__in=merge.moved["rows"].get("matters.Matter.customer", []))
    if merge.split_at:
        whose = moved.filter(customer=merge.absorbed)
        text = _("撤销合并：客户恢复为“%(name)s”") % {"name": merge.absorbed.name}
    else:
        whose = moved
        text = _("客户“%(old)s”与“%(name)s”是同一位，档案已合并") % {
            "old": merge.absorbed.name, "name": merge.survivor.name,
        }  # fmt: skip
        words = tsvector(name_tokens(merge.survivor.name))
        whose.update(search=Func(F("search"), words, template="%(expressions)s", arg_joiner=" || "))
    rows = [{"matter": m, "kind": "merged_customer", "text": text, "public": False} for m in whose.filter(open=True)]
    return len(add_entries(rows=rows, by=by, at=at)) if rows else 0
