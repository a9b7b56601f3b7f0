"""Several values of one row, each on a row of its own, so that one look at the rows counts them by many things."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Func, TextField


def unnested(*values: Any) -> Func:
    """One row per value; several such columns keep step."""
    array = Func(*values, template="ARRAY[%(expressions)s]", output_field=ArrayField(TextField()))
    return Func(array, function="unnest", output_field=TextField(), set_returning=True)
