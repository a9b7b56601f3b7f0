"""Writes about customers, by noun."""

from yinuo.customers.commands.card import REVEALABLE as REVEALABLE
from yinuo.customers.commands.card import add_contact as add_contact
from yinuo.customers.commands.card import add_contact_person as add_contact_person
from yinuo.customers.commands.card import add_note as add_note
from yinuo.customers.commands.card import confirm_grade as confirm_grade
from yinuo.customers.commands.card import link_organisations as link_organisations
from yinuo.customers.commands.card import propose_grade as propose_grade
from yinuo.customers.commands.card import remove_contact as remove_contact
from yinuo.customers.commands.card import reveal_field as reveal_field
from yinuo.customers.commands.card import unlink_organisations as unlink_organisations
from yinuo.customers.commands.identities import add_identity as add_identity
from yinuo.customers.commands.identities import resolve_customer as resolve_customer
from yinuo.customers.commands.identities import verify_identity as verify_identity
from yinuo.customers.commands.merging import gather_strays as gather_strays
from yinuo.customers.commands.merging import merge_customers as merge_customers
from yinuo.customers.commands.merging import split_customers as split_customers
from yinuo.customers.commands.profiles import EDITABLE as EDITABLE
from yinuo.customers.commands.profiles import create_customer as create_customer
from yinuo.customers.commands.profiles import edit_customer as edit_customer
from yinuo.customers.commands.rows import locked_customer as locked_customer
from yinuo.customers.commands.rows import reindex as reindex
from yinuo.customers.commands.rows import search_tokens as search_tokens
from yinuo.customers.commands.rows import verified_elsewhere as verified_elsewhere
