"""Plain values that once-keys kept before: forgotten."""

from typing import Any

from django.db import migrations

from yinuo.kernel.guard import permit_writes


def forget(apps: Any, schema_editor: Any) -> None:
    with permit_writes("migration"):
        schema_editor.execute(
            "UPDATE kernel_once SET result = NULL WHERE command = 'customer.reveal'"
            " OR (command = 'api' AND result ->> 'body' LIKE '{\"values\"%')",
            params=None,
        )


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial")]
    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
