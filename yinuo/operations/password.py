"""`yinuo password LOGIN`: whoever has the machine gives a person a new password, when nobody is left who could."""

import secrets

from yinuo.operations.prepare import django
from yinuo.operations.words import Trouble, _


def run(login: str) -> None:
    with django():
        print(
            _("{login} 的新密码：{password}（只显示这一次，登录后请修改）").format(login=login, password=renewed(login))
        )


def renewed(login: str) -> str:
    """A random password for one sign-in of an active person; a second step is set up anew, open sessions end."""
    from yinuo.identity.commands import reset_password, reset_second_step, unlock
    from yinuo.identity.models import Staff
    from yinuo.identity.second_step import steps_of
    from yinuo.kernel.actor import Actor, acting_as
    from yinuo.kernel.errors import YinuoError

    staff = Staff.objects.filter(username=login.strip().lower(), is_active=True).first()
    if staff is None:
        raise Trouble(_("没有叫“{login}”的员工，或已停用。").format(login=login))
    password = secrets.token_urlsafe(9)
    try:
        with acting_as(Actor.system("operator")):
            if staff.locked_at:
                unlock(staff_id=staff.pk, new=password, reason="yinuo password")
            reset_password(staff_id=staff.pk, new=password)
            if steps_of(staff.pk).any:
                reset_second_step(staff_id=staff.pk, reason="yinuo password")
    except YinuoError as refused:
        raise Trouble(refused.message) from refused
    return password
