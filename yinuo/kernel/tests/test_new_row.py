"""A row made the quick way is the row Django makes."""

import pytest
from django.db import models

from yinuo.complaints.models import Complaint
from yinuo.conversations.models import Conversation, Interaction
from yinuo.customers.models import ChannelIdentity, Customer
from yinuo.identity.models import Staff, Unit
from yinuo.kernel.models import Blob
from yinuo.kernel.single_write import new_row
from yinuo.matters.models import Matter, TimelineEntry
from yinuo.promises.models import Promise

UNIT = Unit(pk=3, path="/3/")
GIVEN = [
    (Unit, {"pk": 3, "path": "/3/"}), (Staff, {"pk": 4, "name": "李四"}), (Customer, {"name": "王五", "unit_id": 3}),
    (ChannelIdentity, {"customer": Customer(pk=1), "kind": "phone", "value": "1"}), (Conversation, {"pk": 1, "owner_id": None}),
    (Interaction, {"conversation": Conversation(pk=1)}), (Matter, {"pk": 7, "unit": UNIT, "owner": None}),
    (Complaint, {"matter": Matter(pk=7)}), (TimelineEntry, {"matter": Matter(pk=7)}), (Promise, {"unit": UNIT, "matter": None}),
]  # fmt: skip


@pytest.mark.parametrize(("model", "values"), GIVEN, ids=lambda given: getattr(given, "__name__", ""))
def test_the_same_values_and_state(model: type[models.Model], values: dict[str, object]) -> None:
    quick, usual = new_row(model, **values), model(**values)
    same = {name: value for name, value in usual.__dict__.items() if name != "_state"}
    assert {name: value for name, value in quick.__dict__.items() if name != "_state"} == same
    assert quick._state.adding and getattr(quick._state, "fields_cache", {}) == getattr(
        usual._state, "fields_cache", {}
    )


def test_no_two_rows_share_what_changes() -> None:
    first, second = new_row(Customer, name="甲"), new_row(Customer, name="乙")
    first.profile["grade"] = "A"
    assert second.profile == {} and new_row(Blob, sha256="x").size is None
