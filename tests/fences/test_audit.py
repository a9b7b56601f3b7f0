"""Fence 4: the audit is append-only, whoever asks."""

import pytest
from django.db import connection
from django.db.utils import DatabaseError

from yinuo.kernel.actor import acting_as
from yinuo.kernel.command import permit_writes
from yinuo.kernel.models import AuditEntry


@pytest.mark.parametrize(
    "sql", ["UPDATE kernel_auditentry SET command = 'x'", "DELETE FROM kernel_auditentry", "TRUNCATE kernel_auditentry",
            "DELETE FROM kernel_auditseal WHERE true", "TRUNCATE kernel_auditseal"],
)  # fmt: skip
def test_the_database_refuses_to_rewrite_the_audit(company, sql) -> None:
    from yinuo.kernel.models import AuditSeal

    with permit_writes("test"):
        AuditSeal.objects.create(entry_id=AuditEntry.unscoped.latest("id").pk, hash="0" * 64)
        with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
            cursor.execute(sql)


def test_only_an_auditor_reads_it(company) -> None:
    with acting_as(company.boss):
        assert not AuditEntry.objects.exists()
