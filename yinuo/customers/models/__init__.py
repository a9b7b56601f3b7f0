"""Rows about those we serve, by noun."""

from yinuo.customers.models.customer import ChannelIdentity, Contact, Customer, CustomerNote, OrganisationLink
from yinuo.customers.models.grading import CustomerRule, GradeChange, Purchase
from yinuo.customers.models.merging import CustomerMerge
from yinuo.customers.models.watching import RevealAlert

__all__ = [
    "ChannelIdentity",
    "Contact",
    "Customer",
    "CustomerMerge",
    "CustomerNote",
    "CustomerRule",
    "GradeChange",
    "OrganisationLink",
    "Purchase",
    "RevealAlert",
]
