"""How the company presents itself to its customers: its name, its telephone and when somebody answers there."""

from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from yinuo.channels.portal.models import Front
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Stale
from yinuo.kernel.text import clean_line


def front() -> Front:
    """One statement, also on a page where nobody acts. What nobody has set is what the machine was started with."""
    row = Front.unscoped.first() or Front(version=0)
    row.name, row.phone = row.name or settings.COMPANY_NAME, row.phone or settings.HOTLINE
    return row


@command("portal.present", needs="staff.manage")
def present(*, name: str, phone: str, hours: str = "", expected_version: int, by: Actor, at: datetime) -> Front:
    """Change what customers read. `expected_version`: 0 while nothing was ever set."""
    row = Front.objects.select_for_update(no_key=True).first() or Front(version=0)
    if row.version != expected_version:
        raise Stale(_("门户上的名称刚被别人改过"), current=row)
    called, number = clean_line(name, 60), clean_line(phone, 40)
    wrong = {}
    if not called:
        wrong["name"] = _("请填写客户认得的公司名称")
    if number and sum(map(str.isdigit, number)) < 3:
        wrong["phone"] = _("请填写能拨通的电话，例如 400-000-0000")
    if wrong:
        raise Invalid(_("还有几处要改"), fields=wrong)
    row.pk, row.name, row.phone, row.hours = 1, called, number, clean_line(hours, 80)
    row.version += 1
    row.save()
    record(row, {"name": row.name, "phone": row.phone, "hours": row.hours})
    return row
