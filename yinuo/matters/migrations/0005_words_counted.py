from django.db import migrations

from yinuo.kernel.migrating import words_counted


class Migration(migrations.Migration):
    dependencies = [("matters", "0004_boards_count_by_indexes")]

    operations = [words_counted("matters_matter")]
