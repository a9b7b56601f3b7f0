from django.db import migrations

from yinuo.identity.giving import give_new_grants

GIVEN = {"wording.edit": ("supervisor", "leader", "administrator"), "wording.override": ("supervisor", "leader")}


def give_the_grants(apps, _schema_editor):
    give_new_grants(apps, GIVEN)


class Migration(migrations.Migration):
    dependencies = [("wording", "0002_shipped_rules"), ("identity", "0002_absences")]

    operations = [migrations.RunPython(give_the_grants, migrations.RunPython.noop)]
