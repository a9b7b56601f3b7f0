"""Signing secrets are sealed; one that was replaced signs along for a day."""

from typing import Any

from django.db import migrations, models

from yinuo.channels.webhook.sealing import seal
from yinuo.kernel.guard import permit_writes


def seal_what_is_there(apps: Any, _schema_editor: Any) -> None:
    rows = apps.get_model("webhook", "Endpoint")._base_manager
    with permit_writes("migration"):
        for pk, secret in rows.filter(secret__startswith="whsec_").values_list("pk", "secret"):  # noqa: S106
            rows.filter(pk=pk).update(secret=seal(secret))


class Migration(migrations.Migration):
    dependencies = [("webhook", "0001_initial")]

    operations = [
        migrations.AlterField("endpoint", "secret", models.TextField()),
        migrations.AddField("endpoint", "former_secret", models.TextField(blank=True, db_default="", default="")),
        migrations.AddField("endpoint", "former_until", models.DateTimeField(null=True)),
        migrations.RunPython(seal_what_is_there, migrations.RunPython.noop),
    ]
