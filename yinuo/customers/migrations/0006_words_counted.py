from django.db import migrations

from yinuo.kernel.migrating import words_counted


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_squashed_0005_phone_tails")]

    operations = [words_counted("customers_customer")]
