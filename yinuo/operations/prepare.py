"""What must be true before the parts start: the schema is current, and somebody can log in."""

import contextlib
import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from yinuo.operations.catalogue import make_ready
from yinuo.operations.database import database, embedded
from yinuo.operations.words import ROOT, Trouble, _, home


@contextlib.contextmanager
def django() -> Iterator[None]:
    """Django, set up on the database of this installation."""
    with database() as url:
        os.environ["DATABASE_URL"] = url
        import django as framework

        framework.setup()
        try:
            yield
        finally:
            from django.db import connections

            connections.close_all()


def run(*, demo: bool, result: str) -> None:
    make_ready()
    with django():
        _migrate()
        first = _first_people(demo=demo)
        logins = _demo_logins()
    if result:
        once = [line for line in first if line not in logins] or unseen(Path(result))
        note = {"version": schema_version(), "logins": logins, "once": once}
        with os.fdopen(os.open(result, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            json.dump(note, out, ensure_ascii=False)


def schema_version() -> str:
    """Changes whenever a migration of ours, or a library that brings some, changes."""
    digest = hashlib.sha256((ROOT / "requirements.lock").read_bytes())
    for path in sorted((ROOT / "yinuo").glob("**/migrations/*.py")):
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()


def note_in(place: Path) -> Path:
    """It goes where the database goes; one beside a given server belongs to that server's address."""
    if embedded():
        return place / "pg" / "prepared.json"
    return place / f"prepared-{hashlib.sha256(os.environ['DATABASE_URL'].encode()).hexdigest()[:12]}.json"


def remembered(note: Path) -> dict[str, object] | None:
    """What an earlier start noted, if nothing has changed since."""
    try:
        known = dict(json.loads(note.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return None
    return known if known.get("version") == schema_version() else None


def doubt(note: Path) -> None:
    """What was prepared is about to change; a password nobody has seen yet stays told in the note."""
    if known := remembered(note):
        note.write_text(json.dumps(known | {"version": ""}, ensure_ascii=False), encoding="utf-8")


def shown(note: Path) -> None:
    """The user has seen it: a password that is shown once does not stay on disk. Until then it does, for a start
    that is stopped before its last line would leave an administrator nobody can sign in as.
    """
    if known := remembered(note):
        note.write_text(json.dumps(known | {"once": []}, ensure_ascii=False), encoding="utf-8")


def unseen(note: Path) -> list[str]:
    """What an earlier start had to tell once and never did."""
    try:
        return list(json.loads(note.read_text(encoding="utf-8"))["once"])
    except (OSError, ValueError, KeyError, TypeError):
        return []


def migrate_only() -> None:
    with django():
        _migrate()
    print(_("数据库结构已是最新。"))


def demo_only(*, customers: int, seed: int) -> None:
    doubt(note_in(home()))  # should this be killed in its middle, the next start looks again and goes on with it
    with django():
        _migrate()
        for line in _demo(customers=customers, seed=seed):
            print(line)


def require_current() -> None:
    """Refuse to work on a schema this version does not know, instead of failing somewhere inside."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise Trouble(_("数据库结构还不是当前版本，请先运行 yinuo migrate。"))


def _migrate() -> None:
    from django.core.management import call_command
    from django.db import Error, connection
    from django.db.migrations.executor import MigrationExecutor

    from yinuo.kernel.guard import permit_writes

    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            print(_("正在升级数据库结构（{count} 步）……").format(count=len(plan)), flush=True)
            with permit_writes("migrate"):
                call_command("migrate", interactive=False, verbosity=0)
    except Error as error:
        if "No space left on device" in str(error):
            raise
        raise Trouble(_("升级数据库结构失败：{reason}").format(reason=str(error).strip().splitlines()[0])) from error


def _first_people(*, demo: bool) -> list[str]:
    """An empty installation gets the demo company, or one administrator with a password shown once."""
    from yinuo.identity.models import Staff
    from yinuo.operations.demo import unfinished

    if not Staff.objects.exists():
        return _demo() if demo else _administrator()
    if demo and unfinished():
        return _demo()
    return _demo_logins()


def _administrator() -> list[str]:
    from django.db import transaction

    from yinuo.approvals.commands import seed_rules
    from yinuo.identity.commands import create_staff, create_unit, seed_roles
    from yinuo.kernel.actor import Actor, acting_as
    from yinuo.promises.commands import load_pack

    password = secrets.token_urlsafe(9)
    with acting_as(Actor.system("setup")), transaction.atomic():
        seed_roles()
        seed_rules()
        load_pack(name="common")  # without a standard nobody would be owed an answer
        unit = create_unit(name=_("总公司"), code="company", kind="company", parent_id=None)
        create_staff(
            username="admin",
            name=_("管理员"),
            password=password,
            unit_id=unit.pk,
            role_codes=["administrator"],
        )
    return [_("第一个管理员：admin，密码 {password}（只显示这一次，登录后请修改）").format(password=password)]


def _demo(*, customers: int = 2000, seed: int = 1) -> list[str]:
    from yinuo.operations import demo

    print(_("正在装入演示公司……"), flush=True)
    demo.run(customers=customers, seed=seed)
    return _demo_logins()


def _demo_logins() -> list[str]:
    from yinuo.operations import demo

    return demo.login_lines()
