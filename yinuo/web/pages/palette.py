"""The command palette's list: everything this person may open, with the pinyin by which it is found."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from yinuo.kernel.text import pinyin_full, pinyin_initials
from yinuo.web.routes import SIGNED_IN, page
from yinuo.web.shell import NEW, OWN, RAIL, SETTINGS, menu


@require_GET
def palette(request: HttpRequest) -> JsonResponse:
    """Actions of the menus, in groups. No statement of its own; customers and matters come from the search."""
    groups = ((_("前往"), RAIL), (_("新建"), NEW), (_("设置"), SETTINGS), (_("我的"), OWN))
    actor = request.actor  # type: ignore[attr-defined]
    found = [_line(group, entry) for group, entries in groups for entry in menu(entries, actor)]
    return JsonResponse({"actions": found})


def _line(group: str, entry: dict[str, Any]) -> dict[str, str]:
    label, about = str(entry["label"]), str(entry["about"])
    return {
        "group": group,
        "label": label,
        "about": about,
        "url": entry["url"],
        "keys": f"{pinyin_initials(label)} {pinyin_full(label)}",
    }


routes = [page("palette/", palette, needs=SIGNED_IN, name="palette")]
