"""A small company: two branches, a leader who may manage keys, an administrator."""

from types import SimpleNamespace

from tests.worlds import world
from yinuo.identity.commands import create_staff, create_unit, seed_roles
from yinuo.identity.models import Role, Staff
from yinuo.identity.queries import actor_for
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.command import permit_writes

PASSWORD = "Chang-jiang-77"
SYSTEM = Actor.system("test")


@world
def company():
    with acting_as(SYSTEM):
        seed_roles()
        root = create_unit(name="总公司", code="root", kind="company", parent_id=None)
        east = create_unit(name="华东分公司", code="east", kind="branch", parent_id=root.pk)
        west = create_unit(name="西部分公司", code="west", kind="branch", parent_id=root.pk)
        desk = create_unit(name="受理组", code="desk", kind="desk", parent_id=east.pk)
        people = {
            name: create_staff(username=name, name=name, password=PASSWORD, unit_id=unit.pk, role_codes=roles)
            for name, unit, roles in (
                ("agent", desk, ["agent"]),
                ("super", east, ["supervisor"]),
                ("boss", root, ["leader"]),
                ("admin", root, ["administrator"]),
                ("stock", west, ["warehouse"]),
            )
        }
    return SimpleNamespace(root=root, east=east, west=west, desk=desk, **people)


def acting(staff: Staff) -> Actor:
    return actor_for(Staff.objects.get(pk=staff.pk))


def grant(code: str, *grants: str) -> None:
    """Give a role more."""
    role = Role.objects.get(code=code)
    with permit_writes("test"):
        Role.objects.filter(pk=role.pk).update(grants=sorted({*role.grants, *grants}))
