"""/notices: what the person behind the key wishes to be told of."""

from typing import Any

from django.http import HttpRequest
from ninja import Schema

from yinuo.api.operations import Flag, Given, Noun, Number
from yinuo.identity import wishes as rules
from yinuo.identity.commands import set_wishes
from yinuo.identity.models import Staff
from yinuo.kernel.actor import current_actor

router = Noun("/notices", "notices")


class NoticesOut(Schema):
    shown: list[str]
    desktop: list[str]
    sound: list[str]
    volume: int
    hide: bool
    quiet: bool
    quiet_from: str
    quiet_to: str
    quiet_days: list[str]
    quiet_off_work: bool
    through: bool


class NoticesPatch(Given):
    shown: list[str] | None = None
    desktop: list[str] | None = None
    sound: list[str] | None = None
    volume: Number | None = None
    hide: Flag | None = None
    quiet: Flag | None = None
    quiet_from: str | None = None
    quiet_to: str | None = None
    quiet_days: list[str] | None = None
    quiet_off_work: Flag | None = None
    through: Flag | None = None


def shown(staff: Staff) -> dict[str, Any]:
    return rules.said(rules.read(staff.wishes))


def mine() -> dict[str, Any]:
    return shown(Staff.objects.get(pk=current_actor().staff_key))


@router.get_(
    "/settings", needs="self.use", returns=NoticesOut, summary="Which notices I get, how, and when it is quiet"
)
def settings(request: HttpRequest) -> dict[str, Any]:
    return mine()


@router.patch_("/settings", does=set_wishes, returns=NoticesOut, summary="Change which notices I get")
def change(request: HttpRequest, body: NoticesPatch) -> dict[str, Any]:
    given = {name: value for name, value in body.model_dump(exclude_unset=True).items() if value is not None}
    return shown(set_wishes(**{**mine(), **given}))
