from django.db import migrations

from yinuo.identity.giving import give_new_grants

DESK, DEPARTMENTS = ("agent", "supervisor", "leader"), ("warehouse", "finance", "production", "marketing")
GIVEN = {
    "knowledge.read": (*DESK, *DEPARTMENTS, "administrator", "auditor"),
    "knowledge.write": (*DESK, *DEPARTMENTS),
    "knowledge.publish": ("supervisor", "leader"),
    "template.write": DESK,
    "template.share": ("supervisor", "leader"),
}


def give_the_grants(apps, _schema_editor):
    give_new_grants(apps, GIVEN)


class Migration(migrations.Migration):
    dependencies = [
        ("knowledge", "0001_articles_and_templates"),
        ("identity", "0002_absences"),
    ]

    operations = [migrations.RunPython(give_the_grants, migrations.RunPython.noop)]
