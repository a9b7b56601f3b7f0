"""Make a database to measure on: the demo company with so many customers, and an API key in `--key-file`.

    DATABASE_URL=postgresql://… python -m bench.fill [--customers 1000000] --key-file /path/to/key

Two matters a customer (5 % open), five interactions and one or two promises a matter. A run that was stopped is gone on
with by the next.
"""

import argparse
import os
import time
from pathlib import Path

#: The demo company's own believable history comes first.
BELIEVABLE = 2_000
COUNTED = (
    "customers_customer", "matters_matter", "conversations_interaction", "promises_promise", "matters_timelineentry",
    "complaints_complaint",
)  # fmt: skip


def main() -> None:
    options = argparse.ArgumentParser(
        prog="bench.fill", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--customers", type=int, default=1_000_000)
    options.add_argument("--key-file", type=Path, required=True)
    given = options.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yinuo.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from yinuo.kernel.actor import acting_as
    from yinuo.operations import demo
    from yinuo.operations.demo import bulk

    began = time.monotonic()
    call_command("migrate", verbosity=0)
    demo.run(customers=min(BELIEVABLE, given.customers))
    with acting_as(demo.SYSTEM):
        bulk.fill(customers=given.customers, seed=1, say=demo.say, shape=bulk.CROWDED)
    make_key(given.key_file)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        for table in COUNTED:
            cursor.execute(f"SELECT count(*) FROM {table}")
            print(f"{table:28} {cursor.fetchone()[0]:>12,}")
        cursor.execute("SELECT count(*) FROM matters_matter WHERE open")
        print(f"{'open matters':28} {cursor.fetchone()[0]:>12,}")
        cursor.execute("SELECT pg_size_pretty(pg_database_size(current_database()))")
        print(f"{'size':28} {cursor.fetchone()[0]:>12}")
    print(f"{'seconds':28} {time.monotonic() - began:>12,.0f}")


def make_key(path: Path) -> None:
    """A key that acts for the demo's leader (sees everything) with every grant that person has."""
    from yinuo.identity.commands import create_api_key
    from yinuo.identity.grants import GRANT_CODES
    from yinuo.identity.models import Staff
    from yinuo.kernel.actor import Actor, acting_as

    with acting_as(Actor.system("bench")):
        leader = Staff.objects.get(username="leader")
        path.write_text(create_api_key(name="bench", staff_id=leader.pk, grants=GRANT_CODES)["secret"])


if __name__ == "__main__":
    main()
