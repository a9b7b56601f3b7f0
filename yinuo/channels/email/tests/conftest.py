"""A company with one mailbox, and the real servers behind it."""

import pytest
from django.db import connection

from yinuo.channels.email.commands.intake import store_raw
from yinuo.channels.email.commands.mailboxes import save_mailbox
from yinuo.channels.email.flows import understand_stored
from yinuo.channels.email.models import RawMessage
from yinuo.channels.email.tests.servers import Dovecot, smtp_server
from yinuo.identity.commands import create_staff, create_unit, seed_roles
from yinuo.identity.queries import actor_for
from yinuo.kernel.actor import Actor, acting_as

ROOT = Actor.system("test")


@pytest.fixture
def root(db):
    with acting_as(ROOT) as actor:
        yield actor


@pytest.fixture
def unit(root):
    seed_roles()
    return create_unit(name="客服中心", code="desk", kind="company", parent_id=None)


@pytest.fixture
def agent(unit):
    staff = create_staff(username="li", name="李客服", unit_id=unit.pk, role_codes=["agent"], password="desk-7788-x")
    return actor_for(staff)


@pytest.fixture
def smtp():
    with smtp_server() as (inbox, port):
        inbox.port = port
        yield inbox


@pytest.fixture
def box(unit, smtp):
    return save_mailbox(
        name="一诺客服",
        address="kf@yinuo.cn",
        smtp_host="127.0.0.1",
        smtp_port=smtp.port,
        smtp_security="none",
        active=True,
    )


@pytest.fixture(scope="session")
def dovecot_server():
    server = Dovecot()
    server.start()
    yield server
    server.close()


@pytest.fixture
def receive(box):
    """Store and understand one raw message the way the receiver and its job do; returns its row."""

    def run(raw: bytes, *, mailbox=None, silent: bool = False) -> RawMessage:
        row, _ = store_raw(mailbox_id=(mailbox or box).pk, external_id=f"t:{hash(raw)}", raw=raw, silent=silent)
        understand_stored(row.pk)
        return RawMessage.unscoped.select_related("interaction__conversation__customer").get(pk=row.pk)

    return run


@pytest.fixture
def own_queue(transactional_db):
    """Tests that commit leave jobs behind, which the flush between tests does not know: they are put away here."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_periodic_defers, procrastinate_workers CASCADE")
