"""Registering whatever waits: group after group, and one at a time where a group cannot."""

import logging
from typing import Any

from django.db import DataError, InterfaceError, OperationalError
from django.utils.translation import gettext as _

from yinuo.complaints.commands.accepted import refuse_accepted, register_accepted
from yinuo.complaints.intake.group import MOST, register_group, waiting_among
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.errors import YinuoError

log = logging.getLogger("yinuo.intake")
INTAKE = Actor.system("intake")


def drain(*, plain: bool = True, most: int = MOST) -> int:
    """Register what waits, in order of arrival; how many were looked at. With `plain` false each goes by the command.

    What fails is refused with its reason and holds nobody up. While the database is away all of it stays as it is.
    """
    looked_at = after = 0
    with acting_as(INTAKE):
        while True:
            try:
                seen, left = register_group(after, most, plain=plain)
            except (OperationalError, InterfaceError):
                raise
            except Exception:
                log.exception("a group of intakes could not be registered; they are taken one at a time")
                seen, left = register_group(after, most, plain=False)
            if not seen:
                return looked_at
            settle(left)
            after, looked_at = seen[-1], looked_at + len(seen)


def settle(ids: list[int]) -> None:
    """Each by itself: registered, or refused with what was wrong."""
    for accepted_id, received_at in waiting_among(ids):
        try:
            register_accepted(accepted_id=accepted_id, at=received_at)
        except DataError:
            _refuse(accepted_id, "out_of_range", _("有内容超出了数据库能保存的范围"))
        except (OperationalError, InterfaceError):
            raise
        except YinuoError as wrong:
            _refuse(accepted_id, wrong.code, wrong.message, wrong.fields)
        except Exception:
            log.exception("intake %s could not be registered", accepted_id)
            _refuse(accepted_id, "internal", _("程序出了意外，已记下；请把编号告诉管理员"))


def _refuse(accepted_id: int, code: str, detail: str, errors: Any = None) -> None:
    refuse_accepted(accepted_id=accepted_id, problem={"code": code, "detail": detail, "errors": dict(errors or {})})
