"""Make a database to measure on: the demo company with MATTERS matters, and an API key in `--key-file`.

DATABASE_URL=postgresql://… python -m bench.fill --matters 100000 --key-file /path/to/key
"""

import argparse
import os
from pathlib import Path


def main() -> None:
    options = argparse.ArgumentParser(prog="bench.fill", description=__doc__)
    options.add_argument("--matters", type=int, default=100_000)
    options.add_argument("--key-file", type=Path, required=True)
    given = options.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yinuo.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from yinuo.operations import demo
    from yinuo.operations.demo.bulk import MATTERS_PER_CUSTOMER

    call_command("migrate", verbosity=0)
    demo.run(customers=int(given.matters / MATTERS_PER_CUSTOMER))
    make_key(given.key_file)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("SELECT count(*) FROM matters_matter")
        print("matters:", cursor.fetchone()[0])


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
