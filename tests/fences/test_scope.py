"""Fence 1: what is not visible cannot be read, and nobody reads as nobody."""

import pytest
from django.apps import apps

from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.errors import NoActor
from yinuo.kernel.scope import Scoped
from yinuo.matters.models import Matter, TimelineEntry

SCOPED = [m for m in apps.get_models() if issubclass(m, Scoped)]
# Rows that are not about a customer: the org, words and rules everybody may read, and the kernel's own books.
UNSCOPED = {
    "kernel.auditseal", "kernel.notice", "kernel.once", "kernel.blob", "kernel.throttle",
    "identity.entryrules", "identity.staffsession", "identity.codeapp", "identity.signon", "identity.signonlink", "identity.knownplace", "identity.passkey", "identity.recoverycode",
    "identity.unit", "identity.role", "identity.staff", "identity.apikey", "approvals.approvalrule",
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("model", SCOPED, ids=lambda m: m._meta.label)
def test_a_query_without_an_actor_is_refused(model) -> None:
    with pytest.raises(NoActor):
        list(model.objects.all()[:1])


@pytest.mark.django_db
@pytest.mark.parametrize("model", SCOPED, ids=lambda m: m._meta.label)
def test_a_customer_without_a_link_sees_nothing(model, company) -> None:
    stranger = Actor.customer(customer_id=None, name="stranger")
    with acting_as(stranger):
        assert list(model.objects.all()[:1]) == []


def test_every_row_about_a_customer_is_scoped() -> None:
    from yinuo.calendars.models import __name__ as _calendars  # noqa: F401  calendars are public by nature

    open_rows = {
        m._meta.label_lower for m in apps.get_models()
        if m.__module__.startswith("yinuo.") and not issubclass(m, Scoped) and not m._meta.auto_created
    }  # fmt: skip
    about_customers = {
        label for label in open_rows
        for f in apps.get_model(label)._meta.get_fields()
        if getattr(f, "many_to_one", False) and issubclass(f.related_model, Scoped)
    }  # fmt: skip
    assert about_customers == set()


def test_team_scope_stops_at_the_unit(company) -> None:
    with acting_as(company.dong):
        assert Matter.objects.filter(pk=company.matter.pk).exists()
    with acting_as(company.xi):
        assert not Matter.objects.filter(pk=company.matter.pk).exists()
    with acting_as(company.boss):
        assert Matter.objects.filter(pk=company.matter.pk).exists()


def test_a_child_is_not_readable_around_its_parent(company) -> None:
    entry = TimelineEntry.unscoped.get(matter=company.matter)
    with acting_as(company.xi):
        assert not TimelineEntry.objects.filter(pk=entry.pk).exists()
        assert not TimelineEntry.objects.filter(matter_id=company.matter.pk).exists()
    with acting_as(company.dong):
        assert TimelineEntry.objects.get(pk=entry.pk) == entry


def test_a_task_opens_the_matter_to_its_department_only(company) -> None:
    from yinuo.matters.commands import create_task

    with acting_as(company.boss):
        create_task(matter_id=company.matter.pk, title="补寄机油", unit_id=company.west.pk)
    with acting_as(company.xi):
        assert Matter.objects.filter(pk=company.matter.pk).exists()


def test_a_customer_sees_only_the_matter_of_the_link(company) -> None:
    other = Actor.customer(customer_id=company.customer.pk, name="x", matter_ids=frozenset({company.matter.pk + 1}))
    linked = Actor.customer(customer_id=company.customer.pk, name="x", matter_ids=frozenset({company.matter.pk}))
    with acting_as(other):
        assert not Matter.objects.exists()
        assert not TimelineEntry.objects.exists()
    with acting_as(linked):
        assert Matter.objects.count() == 1
