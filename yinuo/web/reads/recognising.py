"""Who somebody on the phone or at the counter may be, while what they say is written down."""

from typing import Any

from django.utils.translation import gettext_lazy

from yinuo.complaints.queries.listing import complaints_page
from yinuo.customers.models import Customer
from yinuo.customers.queries import Duplicate, duplicates
from yinuo.kernel.actor import current_actor

WHY = {
    "phone": gettext_lazy("电话相同"),
    "email": gettext_lazy("邮箱相同"),
    "name": gettext_lazy("同名"),
    "uscc": gettext_lazy("信用代码相同"),
    "picked": gettext_lazy("已选定"),
    "wechat": gettext_lazy("微信相同"),
    "pinyin": gettext_lazy("读音相同"),
}


def recognise(phone: str, name: str, picked: str = "", email: str = "") -> dict[str, Any]:
    """Who this may be, for the form; the sole verified match by phone is chosen already."""
    phone, name, actor = phone.strip(), name.strip(), current_actor()
    looked = len(phone) >= 7 or len(name) >= 2 or "@" in email
    pairs = [(kind, value) for kind, value in (("phone", phone), ("email", email)) if value]
    found = duplicates(name=name if len(name) >= 2 else "", identities=pairs) if looked else []
    sure = [d for d in found if d.by == "phone" and d.verified]  # anybody may have typed an unproved one on the portal
    who = []
    if picked and picked not in {str(d.customer.pk) for d in found}:
        one = Customer.objects.filter(pk=number(picked) or 0, merged_into=None).first()
        found = [Duplicate(one, "picked"), *found] if one else found
        sure = found[:1] if one else sure
    for d in found[:5]:
        chosen_one = str(d.customer.pk) == picked if picked else len(sure) == 1 and d is sure[0]
        bits = [d.customer.get_kind_display(), d.customer.region, d.customer.get_status_display()]
        shown = chosen_one and (actor.may("complaint.handle") or actor.may("complaint.register"))
        open_rows = complaints_page({"customer": str(d.customer.pk), "open": "1"}, size=3).rows if shown else []
        who.append(
            {
                "customer": d.customer,
                "why": WHY.get(d.by, d.by),
                "verified": d.verified,
                "chosen": chosen_one,
                "line": " · ".join(b for b in bits if b),
                "open": open_rows,
            }
        )
    return {"who": who, "looked": looked, "new_allowed": not sure}


def number(text: str) -> int | None:
    """A primary key in an address, or None."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None
