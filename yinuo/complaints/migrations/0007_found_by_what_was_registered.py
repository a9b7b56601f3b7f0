"""Matters there already are found by all that was registered of their complaint, and by the number left with it."""

from django.db import migrations

from yinuo.kernel.guard import permit_writes

SQL = """
    UPDATE matters_matter m SET search = found.search
    FROM (SELECT w.id, coalesce(w.search, '') || coalesce(c.search, '')
              || array_to_tsvector(ARRAY(SELECT right(ltrim(c.phone, '+'), n) FROM generate_series(4, 11) n
                                         WHERE length(c.phone) >= 4)) AS search
          FROM complaints_complaint c JOIN matters_matter w ON w.id = c.matter_id) found
    WHERE m.id = found.id AND m.search IS DISTINCT FROM found.search
"""


def index(apps, schema_editor):
    with permit_writes("migration"), schema_editor.connection.cursor() as cursor:
        cursor.execute(SQL)


class Migration(migrations.Migration):
    dependencies = [
        ("complaints", "0006_one_index_each"),
        ("matters", "0002_one_index_each"),
    ]

    operations = [migrations.RunPython(index, migrations.RunPython.noop)]
