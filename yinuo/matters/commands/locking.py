"""The matter a command works on: locked, and whom to tell."""

from django.utils.translation import gettext as _

from yinuo.kernel.errors import Missing, Stale
from yinuo.matters.models import Matter


def topics_of(matter: Matter) -> list[str]:
    topics = [f"matter:{matter.pk}", f"matters:{matter.kind}"]
    topics += [f"staff:{matter.owner_id}"] if matter.owner_id else []
    topics += [f"unit:{matter.unit_id}"] if matter.unit_id else []
    return topics


def locked_matter(matter_id: int, expected_version: int | None = None) -> Matter:
    """The matter, locked until the transaction ends, if the actor may see it."""
    matter = Matter.objects.filter(pk=matter_id).select_for_update(of=("self",)).first()
    if matter is None:
        raise Missing(_("没有这个事项，或您无权查看"))
    if expected_version is not None and matter.version != expected_version:
        raise Stale(_("这个事项刚被别人改过，请核对后再提交"), current=matter)
    return matter
