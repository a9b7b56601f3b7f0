"""Files waiting for their form: whose they are, and what becomes of those whose form is never sent."""

import io
from datetime import timedelta

import pytest

from yinuo.conversations.commands import (
    UPLOAD_LIFE,
    add_interaction,
    open_conversation,
    sweep_uploads,
    unclaimed,
    upload_attachment,
)
from yinuo.conversations.models import Attachment
from yinuo.customers.commands import create_customer
from yinuo.identity.commands import create_staff, create_unit, seed_roles
from yinuo.identity.queries import actor_for
from yinuo.jobs.tasks.files import sweep
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.blobs import path_of
from yinuo.kernel.command import command, permit_writes
from yinuo.kernel.errors import Denied, Invalid
from yinuo.kernel.models import Blob

SYSTEM = Actor.system("test")
KEY = "form-1234567890"


@pytest.fixture
def people(db, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with acting_as(SYSTEM):
        seed_roles()
        unit = create_unit(name="总公司", code="root", kind="company", parent_id=None)
        made = [
            create_staff(username=n, name=n, password="Chang-jiang-77", unit_id=unit.pk, role_codes=["agent"])
            for n in ("mine", "theirs")
        ]
    return [actor_for(staff) for staff in made]


def leave(actor, data: bytes = b"hello", key: str = KEY) -> Attachment:
    return upload_attachment(file=data, name="a.txt", upload_key=key, by=actor)


def said(actor, key: str):
    with acting_as(SYSTEM):
        customer = create_customer(kind="person", name="王小明", identities=[])
        thread = open_conversation(channel="phone", customer_id=customer.pk)

    @command("test.say", needs="self.use")
    def say(*, by, at):
        return add_interaction(conversation=thread, direction="in", text="x", upload_key=key, by=by, at=at)

    try:
        return say(by=actor)
    finally:
        from yinuo.kernel.command import COMMANDS

        COMMANDS.pop("test.say")


def test_a_key_opens_nothing_to_anybody_else(people) -> None:
    mine, theirs = people
    file = leave(mine)
    assert [f.pk for f in unclaimed(KEY, staff_id=mine.staff_id)] == [file.pk]
    assert unclaimed(KEY, staff_id=theirs.staff_id) == [] == unclaimed(KEY, staff_id=None)


def test_nobody_claims_a_file_that_somebody_else_left(people) -> None:
    mine, theirs = people
    file = leave(mine)
    said(theirs, KEY)
    file.refresh_from_db()
    assert file.interaction_id is None
    interaction = said(mine, KEY)
    file.refresh_from_db()
    assert file.interaction_id == interaction.pk


def test_what_was_never_sent_goes_after_a_day(people) -> None:
    mine, _theirs = people
    sent, waiting, old = leave(mine, b"sent", "sent-form-1"), leave(mine, b"young"), leave(mine, b"old", "other-form")
    interaction = said(mine, "sent-form-1")
    with permit_writes("test"):
        Attachment.unscoped.filter(pk__in=[sent.pk, old.pk]).update(created_at=clock.now() - UPLOAD_LIFE)
        Attachment.unscoped.filter(pk=waiting.pk).update(created_at=clock.now() - UPLOAD_LIFE + timedelta(minutes=5))
    assert sweep() == {"uploads": 1, "files": 1}
    assert set(Attachment.unscoped.values_list("pk", flat=True)) == {sent.pk, waiting.pk}
    assert not path_of(old.blob.sha256).exists() and not Blob.objects.filter(pk=old.blob_id).exists()
    assert path_of(sent.blob.sha256).exists() and path_of(waiting.blob.sha256).exists()
    assert interaction.attachments(manager="unscoped").get().pk == sent.pk


def test_the_same_bytes_of_another_row_stay(people) -> None:
    mine, theirs = people
    first, second = leave(mine, b"same"), leave(theirs, b"same", "their-form")
    assert first.blob_id == second.blob_id
    with permit_writes("test"):
        Attachment.unscoped.filter(pk=first.pk).update(created_at=clock.now() - UPLOAD_LIFE - timedelta(days=1))
    assert sweep() == {"uploads": 1, "files": 0}
    assert path_of(second.blob.sha256).read_bytes() == b"same"


def test_only_the_product_sweeps(people) -> None:
    with pytest.raises(Denied):
        sweep_uploads(by=people[0])


@pytest.mark.parametrize(("over", "accepted"), [(0, True), (1, False)])
def test_a_file_may_have_25_megabytes_and_not_a_byte_more(db, over, accepted) -> None:
    data = b"%PDF-" + b"x" * (25 * 1024 * 1024 - 5 + over)
    with acting_as(Actor.system("test")):
        if accepted:
            assert upload_attachment(file=io.BytesIO(data), name="a.pdf", upload_key="k").size == len(data)
        else:
            with pytest.raises(Invalid, match="25 MB"):
                upload_attachment(file=io.BytesIO(data), name="a.pdf", upload_key="k")
