"""Customers there already are found by every end of their telephone numbers, as those made from now on."""

from django.db import migrations

from yinuo.kernel.guard import permit_writes

SQL = """
    UPDATE customers_customer c SET search = coalesce(c.search, '') || t.tails
    FROM (SELECT i.customer_id, array_to_tsvector(array_agg(DISTINCT right(ltrim(i.value, '+'), n))) AS tails
          FROM customers_channelidentity i CROSS JOIN generate_series(4, 11) n
          WHERE i.kind = 'phone' AND i.active AND length(ltrim(i.value, '+')) >= 4 GROUP BY i.customer_id) t
    WHERE c.id = t.customer_id
"""


def index(apps, schema_editor):
    with permit_writes("migration"), schema_editor.connection.cursor() as cursor:
        cursor.execute(SQL)


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0004_one_index_each"),
    ]

    operations = [migrations.RunPython(index, migrations.RunPython.noop)]
