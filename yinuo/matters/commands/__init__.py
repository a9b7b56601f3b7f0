"""Writes shared by every kind of matter, by noun."""

from yinuo.matters.commands.customers import follow_customer as follow_customer
from yinuo.matters.commands.locking import locked_matter as locked_matter
from yinuo.matters.commands.locking import topics_of as topics_of
from yinuo.matters.commands.matters import PREFIXES as PREFIXES
from yinuo.matters.commands.matters import add_collaborator as add_collaborator
from yinuo.matters.commands.matters import add_collaborators as add_collaborators
from yinuo.matters.commands.matters import assign_matter as assign_matter
from yinuo.matters.commands.matters import matter_tokens as matter_tokens
from yinuo.matters.commands.matters import next_number as next_number
from yinuo.matters.commands.matters import open_matter as open_matter
from yinuo.matters.commands.matters import reindex_matter as reindex_matter
from yinuo.matters.commands.matters import set_state as set_state
from yinuo.matters.commands.personal import MAX_DRAFT as MAX_DRAFT
from yinuo.matters.commands.personal import discard_draft as discard_draft
from yinuo.matters.commands.personal import forget_view as forget_view
from yinuo.matters.commands.personal import save_draft as save_draft
from yinuo.matters.commands.personal import save_view as save_view
from yinuo.matters.commands.tasks import cancel_task as cancel_task
from yinuo.matters.commands.tasks import complete_task as complete_task
from yinuo.matters.commands.tasks import create_task as create_task
from yinuo.matters.commands.timeline import add_entries as add_entries
from yinuo.matters.commands.timeline import add_entry as add_entry
from yinuo.matters.commands.timeline import add_note as add_note
from yinuo.matters.commands.timeline import attach_interaction as attach_interaction
from yinuo.matters.commands.timeline import note_on as note_on
