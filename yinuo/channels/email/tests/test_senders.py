"""A sender nobody knows in a known conversation: a person decides, and until then nothing is told."""

import pytest

from yinuo.channels.email.commands.senders import accept_sender, separate_sender
from yinuo.channels.email.flows import send_due
from yinuo.channels.email.tests import samples
from yinuo.conversations.commands import queue_reply
from yinuo.conversations.models import Conversation, Interaction
from yinuo.kernel.actor import acting_as
from yinuo.kernel.errors import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def stranger(receive, agent, smtp):
    """(conversation of 张三, 李四's mail in it, the Message-ID we used)."""
    conversation = receive(samples.mail()).interaction.conversation
    with acting_as(agent):
        queue_reply(conversation_id=conversation.pk, text="请告知订单号。")
    send_due()
    reference = f"<{conversation.interactions(manager='unscoped').filter(direction='out').latest('pk').outbound_message.message_id}>"
    row = receive(samples.mail("我是他同事", sender="李四 <li@other.cn>", headers={"References": reference}))
    assert row.reason == "unverified"
    return conversation, row.interaction, reference


def test_an_accepted_sender_belongs_from_then_on(stranger, receive, agent):
    _conversation, interaction, reference = stranger
    with acting_as(agent):
        accept_sender(interaction_id=interaction.pk)
        with pytest.raises(Refused):
            accept_sender(interaction_id=interaction.pk)
    row = receive(samples.mail("再补充", sender="li@other.cn", headers={"References": reference}))
    assert row.reason == "thread"
    assert not row.interaction.unverified_sender


def test_a_separated_mail_is_a_conversation_of_its_own(stranger, agent):
    conversation, interaction, _ = stranger
    with acting_as(agent):
        made = separate_sender(interaction_id=interaction.pk)
    interaction = Interaction.unscoped.select_related("customer").get(pk=interaction.pk)
    assert interaction.conversation_id == made.pk != conversation.pk
    assert interaction.customer.name == "李四"
    assert made.identity.value == "li@other.cn"
    assert not interaction.unverified_sender
    assert (
        Conversation.unscoped.get(pk=conversation.pk)
        .interactions(manager="unscoped")
        .filter(unverified_sender=True)
        .count()
        == 0
    )


def test_an_unverified_sender_promises_and_publishes_nothing(receive, agent, smtp, unit):
    from yinuo.matters.models import TimelineEntry
    from yinuo.matters.plain import raise_matter

    conversation = receive(samples.mail()).interaction.conversation
    with acting_as(agent):
        raise_matter(conversation_id=conversation.pk, kind="enquiry", title="订单")
        queue_reply(conversation_id=conversation.pk, text="请告知订单号。")
    send_due()
    message = (
        conversation.interactions(manager="unscoped").filter(direction="out").latest("pk").outbound_message.message_id
    )
    row = receive(samples.mail("进展如何？", sender="li@other.cn", headers={"References": f"<{message}>"}))
    entry = TimelineEntry.unscoped.get(interaction=row.interaction)
    assert not entry.public


@pytest.fixture
def case(unit, receive, agent):
    """A matter that began elsewhere, with a mail thread of its own beside it."""
    from yinuo.conversations.commands import open_conversation, reply_to
    from yinuo.customers.commands import create_customer
    from yinuo.customers.models import ChannelIdentity
    from yinuo.kernel.actor import Actor
    from yinuo.matters.commands import open_matter

    customer = create_customer(
        kind="person", name="张三", identities=[("email", "zhang@customer.cn")], verified_how="agent"
    )
    system = Actor.system("test")
    matter = open_matter(kind="enquiry", title="订单", customer=customer, state="open", unit_id=unit.pk, by=system)
    identity = ChannelIdentity.unscoped.get(customer=customer)
    thread = open_conversation(
        channel="email", customer_id=customer.pk, subject=matter.number, identity_id=identity.pk, unit_id=unit.pk,
        thread_key=f"matter:{matter.pk}", by=system,
    )  # fmt: skip
    sent = reply_to(conversation=thread, text="您的咨询已受理。", by=system)
    return matter, sent.outbound_message.message_id


def test_an_answer_to_the_mail_beside_a_case_is_on_the_case(case, receive):
    from yinuo.matters.models import TimelineEntry

    matter, message_id = case
    row = receive(samples.mail("订单号 123", headers={"References": f"<{message_id}>"}))
    assert TimelineEntry.unscoped.filter(matter=matter, interaction=row.interaction, public=True).count() == 1


@pytest.mark.parametrize("name", ["matter:{}", "complaint:{}", "portal:{}"])
def test_a_message_id_made_up_like_our_thread_names_opens_nothing(case, receive, name):
    from yinuo.matters.models import TimelineEntry

    matter, _ = case
    row = receive(samples.mail("我是谁？", sender="li@other.cn", message_id=f"<{name.format(matter.pk)}>"))
    assert row.reason == "new"
    assert not TimelineEntry.unscoped.filter(matter=matter, interaction=row.interaction).exists()
