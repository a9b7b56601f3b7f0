"""Run on a restored backup of the previous release: upgrades it, then looks as its people would. Prints JSON.

A process of its own: the data folder and the key are read once, when the settings are.
"""

import json
import sys
from datetime import timedelta
from pathlib import Path

from yinuo.operations import prepare
from yinuo.operations.reconciling.run import accounts


def look(url: str, place: Path) -> dict:
    from django.conf import settings
    from django.db import connection

    found: dict = {}
    with prepare.django():
        settings.ALLOWED_HOSTS = ["testserver"]
        prepare._migrate()
        with connection.cursor() as cursor:
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            tables = [name for (name,) in cursor.fetchall()]
            found["rows"] = {}
            for table in tables:
                cursor.execute(f'SELECT count(*) FROM "{table}"')
                found["rows"][table] = cursor.fetchone()[0]
        found["password"] = vault()
        catch_up()
        found["wrong"] = {
            one.key: one.wrong[:3]
            for one in accounts(url, place / "files", grace=timedelta(minutes=5), whole=True)
            if one.wrong
        }
        found["clock"] = wake()
        found["people"], found["pages"] = people()
    return found


def vault() -> str:
    from yinuo.channels.email.models import Mailbox
    from yinuo.channels.email.sealing import unseal

    return unseal(Mailbox.unscoped.get(address="old@example.com").imap_password)


def catch_up() -> None:
    """What came due since the backup was made, however long that is ago; what a worker does until nothing waits."""
    from procrastinate.contrib.django import app

    from yinuo.jobs.clock import announce_all
    from yinuo.jobs.connector import connector
    from yinuo.kernel.actor import Actor, acting_as
    from yinuo.kernel.sealing import seal_all

    with acting_as(Actor.system("clock")):
        assert not announce_all()
    with app.replace_connector(connector()) as working:
        working.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)
    seal_all(everything=True)


def wake() -> dict:
    """The clock at the moment the next promise that was made before the upgrade asked to be looked at."""
    from yinuo.kernel.actor import Actor, acting_as
    from yinuo.promises.commands import announce_due
    from yinuo.promises.models import Promise, PromiseEvent

    first = Promise.unscoped.filter(wakes_at__isnull=False).order_by("wakes_at").first()
    with acting_as(Actor.system("clock")):
        moved = announce_due(at=first.wakes_at)
    return {"moved": moved, "told": PromiseEvent.unscoped.filter(promise=first, at=first.wakes_at).count()}


def people() -> tuple[dict, dict]:
    """Who gets in with the password of before, and each page without a number, for the first of them who may."""
    from django.test import Client
    from django.urls import get_resolver

    from tests.fences.test_urls import walk
    from yinuo.complaints.models import Complaint
    from yinuo.customers.models import Customer

    clients, where = {}, {}
    for login in ("agent", "supervisor", "leader", "admin", "auditor"):
        clients[login] = client = Client(raise_request_exception=False)
        answer = client.post("/login/", {"username": login, "password": "yinuo-2026"}, follow=True)
        where[login] = [answer.status_code, answer.request["PATH_INFO"]]
    stages = {c.stage: c.pk for c in Complaint.unscoped.order_by("pk")}
    routes = [route for route, _pattern in walk(get_resolver().url_patterns) if "<" not in route]
    paths = [f"/{route}" for route in routes if not route.startswith(("api/", "metrics", "logout", "login/"))]
    paths += [f"/complaints/{number}/" for number in stages.values()]
    paths += [f"/customers/{Customer.unscoped.first().pk}/"]
    pages = {}
    for path in paths:
        answers = []
        for client in clients.values():
            answer = client.get(path)
            answers.append(401 if answer.get("Location", "").startswith("/login/") else answer.status_code)
            if answers[-1] < 400 or answers[-1] == 405:
                break
        pages[path] = answers
    return where, pages


if __name__ == "__main__":
    import os

    print("\n" + json.dumps(look(os.environ["DATABASE_URL"], Path(os.environ["YINUO_HOME"]))), file=sys.stdout)
