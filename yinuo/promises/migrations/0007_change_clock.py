from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("promises", "0006_one_index_each"),
    ]

    operations = [
        migrations.AddField(
            model_name="promisechange",
            name="clock",
            field=models.CharField(blank=True, db_default="", default="", max_length=14),
        ),
    ]
