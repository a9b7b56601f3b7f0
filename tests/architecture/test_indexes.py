"""An index costs every write: none repeats what another one does already."""

import pytest
from django.db import connection

#: Every row of a case has a foreign key to it by inheritance; those with versions have a second index that begins so.
INHERITED = {"complaints_agreement", "complaints_proposal", "complaints_restatement"}
#: Who gets a monthly report: Django makes this table of pairs and both its indexes itself.
PAIRS = {"insight_reportplan_recipients"}
REPEATS = """
    WITH kept AS (
        SELECT x.indrelid::regclass::text AS held_by, x.indexrelid::regclass::text AS name, x.indisunique AS once,
               x.indkey::text || ' ' AS columns, x.indclass::text || ' ' AS kinds, x.indpred IS NULL AS whole
        FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_am m ON m.oid = i.relam
             JOIN pg_class t ON t.oid = x.indrelid
        WHERE m.amname = 'btree' AND x.indexprs IS NULL AND t.relnamespace = current_schema()::regnamespace)
    SELECT a.held_by, a.name, b.name FROM kept a JOIN kept b ON a.held_by = b.held_by AND a.name <> b.name
    WHERE a.whole AND b.whole AND NOT a.once AND b.columns LIKE a.columns || '%' AND b.kinds LIKE a.kinds || '%'
"""


@pytest.mark.django_db
def test_no_index_begins_another_one() -> None:
    with connection.cursor() as cursor:
        cursor.execute(REPEATS)
        found = cursor.fetchall()
    ours = [row for row in found if not row[0].startswith(("auth_", "django_", "identity_staff_", "procrastinate_"))]
    assert {table for table, _name, _by in ours} == INHERITED | PAIRS, ours
