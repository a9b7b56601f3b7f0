"""What the keys of dimensions are called."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from yinuo.complaints.queries.listing import label
from yinuo.complaints.rules.choices import Kind, Subkind
from yinuo.conversations.models import Channel
from yinuo.identity.models import Staff, Unit
from yinuo.matters.models import Matter
from yinuo.promises.models import Standard


class Names:
    """Looks up staff and standards once each, when first asked; `units` are given."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self.units = {str(u.pk): u.name for u in units}
        self._staff: dict[str, str] | None = None
        self._standards: dict[str, str] | None = None

    def of(self, by: str, key: str) -> str:
        if by == "reason":
            kind, _colon, code = key.partition(":")
            return label(Subkind if kind == "sub" else Kind, code) or _("未评审")
        if not key:
            return _("个人承诺") if by == "standard" else _("无人负责") if by == "owner" else _("未定")
        if by == "channel":
            return label(Channel, key) or key
        if by == "trade":
            return label(Matter.Kind, key) or key
        return {"owner": self.staff, "unit": lambda: self.units, "standard": self.standards}[by]().get(key, key)

    def staff(self) -> dict[str, str]:
        if self._staff is None:
            self._staff = {str(pk): name for pk, name in Staff.objects.values_list("pk", "name")}
        return self._staff

    def standards(self) -> dict[str, str]:
        if self._standards is None:
            rows = Standard.objects.order_by("version").values_list("key", "title")
            self._standards = dict(rows)
        return self._standards
