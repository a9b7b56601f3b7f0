from django.db import migrations

from yinuo.kernel.guard import permit_writes

DESK, DEPARTMENTS = ("agent", "supervisor", "leader"), ("warehouse", "finance", "production", "marketing")
# Built-in roles made before this version get the new grants; new ones are made with them.
GIVEN = {
    "knowledge.read": (*DESK, *DEPARTMENTS, "administrator", "auditor"),
    "knowledge.write": (*DESK, *DEPARTMENTS),
    "knowledge.publish": ("supervisor", "leader"),
    "template.write": DESK,
    "template.share": ("supervisor", "leader"),
}
GRANT = """
    UPDATE identity_role SET grants = array_append(grants, %s)
    WHERE builtin AND code = ANY (%s) AND NOT %s = ANY (grants)
"""


def give_the_grants(_apps, schema_editor):
    with permit_writes("migration"), schema_editor.connection.cursor() as cursor:
        for grant, roles in GIVEN.items():
            cursor.execute(GRANT, [grant, list(roles), grant])


class Migration(migrations.Migration):
    dependencies = [
        ("knowledge", "0001_articles_and_templates"),
        ("identity", "0002_absences"),
    ]

    operations = [migrations.RunPython(give_the_grants, migrations.RunPython.noop)]
