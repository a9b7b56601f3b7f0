"""What each list reads under each of its filters and orders, on the database of `bench.fill`.

    DATABASE_URL=postgresql://… python -m bench.plans [--most 20000]

Prints the statements that go through more rows than `--most` or read a large table from end to end.
"""

import argparse
import os
import sys

LISTS = (
    "/", "/matters/", "/inbox/", "/customers/", "/promises/", "/complaints/", "/tasks/", "/approvals/", "/complaints/accepted/",
    "/audit/", "/notifications/", "/day/team/",
)  # fmt: skip
LARGE = 10_000
PEOPLE = ("leader", "supervisor", "agent")


def large_tables() -> set[str]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > %s", [LARGE])
        return {name for (name,) in cursor.fetchall()}


def main() -> None:
    options = argparse.ArgumentParser(
        prog="bench.plans", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--most", type=int, default=20_000)
    given = options.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yinuo.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.test import Client

    from tests.plans import chips, reads_of
    from yinuo.identity.models import Staff

    settings.ALLOWED_HOSTS = ["*"]
    large, looked, wrong = large_tables(), 0, 0
    for who in PEOPLE:
        client = Client()
        client.force_login(Staff.objects.get(username=who))
        for path in LISTS:
            first = client.get(path)
            if first.status_code != 200:
                print(f"{who} {path}: {first.status_code}")
                continue
            for query in ["", *chips(first.content.decode())]:
                looked += 1
                for read in reads_of(client, path + query):
                    if read.rows > given.most or read.whole & large:
                        wrong += 1
                        print(f"{who} {path}{query}: {read.rows:,} rows, whole {sorted(read.whole & large)}")
                        print(f"    {' '.join(read.sql.split())[:400]}")
    print(f"{looked} pages looked at, {wrong} statements to look at")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
