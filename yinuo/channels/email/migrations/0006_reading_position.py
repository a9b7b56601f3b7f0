from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("email", "0005_one_index_each"),
    ]

    operations = [
        migrations.RenameField(model_name="mailbox", old_name="connected_at", new_name="reads_after"),
        migrations.AddField(
            model_name="mailbox",
            name="renumbered_to",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
    ]
