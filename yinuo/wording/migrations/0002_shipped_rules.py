from django.db import migrations

from yinuo.kernel.guard import permit_writes
from yinuo.wording.shipped import shipped


def lay_down(apps, schema_editor):
    rule, edition = apps.get_model("wording", "WordingRule"), apps.get_model("wording", "WordingEdition")
    with permit_writes("migration"):
        rule.objects.bulk_create(rule(**one) for one in shipped())
        edition.objects.create(pk=1, no=1)


class Migration(migrations.Migration):
    dependencies = [("wording", "0001_initial")]

    operations = [migrations.RunPython(lay_down, migrations.RunPython.noop)]
