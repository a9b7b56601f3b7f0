"""Whose a promise was when it broke; of those that have broken, the one who was told of it then."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from yinuo.kernel.guard import permit_writes

TOLD = """
    UPDATE promises_promise p SET broken_owner_id = e.told_id
    FROM (SELECT DISTINCT ON (promise_id) promise_id, told_id FROM promises_promiseevent
          WHERE kind = 'broken' ORDER BY promise_id, planned_at DESC) e
    WHERE p.state = 'broken' AND e.promise_id = p.id
"""
UNTOLD = """
    UPDATE promises_promise p SET broken_owner_id = p.owner_id
    WHERE p.state = 'broken'
      AND NOT EXISTS (SELECT FROM promises_promiseevent e WHERE e.promise_id = p.id AND e.kind = 'broken')
"""


def remember(apps, schema_editor):
    with permit_writes("migration"), schema_editor.connection.cursor() as cursor:
        cursor.execute(TOLD)
        cursor.execute(UNTOLD)


class Migration(migrations.Migration):
    dependencies = [
        ("promises", "0008_snoozes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="promise",
            name="broken_owner",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunPython(remember, migrations.RunPython.noop),
    ]
