"""/customers: who we serve. Addresses leave masked; the plain value is revealed with a reason, and that is logged."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Schema

from yinuo.api.operations import Flag, Given, Id, Limit, Noun, Version
from yinuo.api.paging import Paged, newest_first
from yinuo.api.verbs import verb
from yinuo.customers import commands
from yinuo.customers.models import ChannelIdentity, Customer
from yinuo.customers.queries import find, identities_of
from yinuo.kernel.errors import Missing
from yinuo.kernel.text import mask_email, mask_phone, mask_text

router = Noun("/customers", "customers")


class IdentityOut(Schema):
    kind: str
    value: str
    verified: bool


class CustomerOut(Schema):
    id: int
    kind: str
    name: str
    grade: str
    status: str
    source: str
    industry: str
    size: str
    region: str
    owner_id: int | None
    unit_id: int | None
    merged_into: int | None
    created_at: datetime
    updated_at: datetime
    version: int


class CustomerDetail(CustomerOut):
    address: str
    uscc: str
    profile: dict[str, Any]
    identities: list[IdentityOut]


class CustomerPage(Paged):
    items: list[CustomerOut]


class CustomerHits(Schema):
    items: list[CustomerOut]


class IdentityIn(Given):
    kind: Literal["phone", "email", "wechat", "visitor"]
    value: str


class CustomerIn(Given):
    kind: Literal["person", "organisation"] = "person"
    name: str
    identities: list[IdentityIn] = []
    verified: Flag = False
    status: str = "potential"
    source: str = "internal"
    industry: str = ""
    size: str = ""
    region: str = ""
    address: str = ""
    uscc: str = ""
    profile: dict[str, Any] = {}


class CustomerPatch(Given):
    version: Version
    name: str | None = None
    status: str | None = None
    source: str | None = None
    industry: str | None = None
    size: str | None = None
    region: str | None = None
    address: str | None = None
    uscc: str | None = None
    profile: dict[str, Any] | None = None


class RevealIn(Given):
    field: str
    reason: str


class Revealed(Schema):
    values: list[str]


def shown(row: Customer) -> dict[str, Any]:
    return {
        "id": row.pk,
        "kind": row.kind,
        "name": row.name,
        "grade": row.grade,
        "status": row.status,
        "source": row.source,
        "industry": row.industry,
        "size": row.size,
        "region": row.region,
        "owner_id": row.owner_id,
        "unit_id": row.unit_id,
        "merged_into": row.merged_into_id,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "version": row.version,
    }


def in_full(row: Customer) -> dict[str, Any]:
    """Two statements with the row itself."""
    private = {"birthday", "family", "id_number"}
    return {
        **shown(row),
        "address": mask_text(row.address),
        "uscc": mask_text(row.uscc),
        "profile": {k: v for k, v in row.profile.items() if k not in private},
        "identities": [masked(one) for one in identities_of([row.pk])[row.pk]],
    }


def masked(one: ChannelIdentity) -> dict[str, Any]:
    hide = {"phone": mask_phone, "email": mask_email}.get(one.kind, mask_text)
    return {"kind": one.kind, "value": hide(one.value), "verified": one.verified_at is not None}


def visible(customer_id: int) -> Customer:
    row: Customer | None = Customer.objects.defer("search").filter(pk=customer_id).first()
    if row is None:
        raise Missing(_("没有这位客户，或您无权查看"))
    return row


@router.post_("", does=commands.create_customer, returns=CustomerDetail, summary="Create a customer")
def create(request: HttpRequest, body: CustomerIn) -> dict[str, Any]:
    values = body.model_dump(exclude={"identities", "verified"})
    pairs = [(one.kind, one.value) for one in body.identities]
    made = commands.create_customer(identities=pairs, verified_how="api" if body.verified else "", **values)
    return in_full(visible(made.pk))


@router.get_("", needs="customer.read", returns=CustomerPage, summary="List customers, last changed first")
def listed(
    request: HttpRequest,
    cursor: str = "",
    limit: Limit = 25,
    grade: str = "",
    status: str = "",
    owner_id: Id | None = None,
) -> dict[str, Any]:
    rows = Customer.objects.filter(merged_into=None).defer("search", "profile")
    given = {"grade": grade, "status": status, "owner_id": owner_id}
    rows = rows.filter(**{k: v for k, v in given.items() if v})
    return newest_first(rows, "updated_at", cursor=cursor, limit=limit, show=shown)


@router.get_("/search", needs="customer.read", returns=CustomerHits, summary="Find by name, pinyin, phone, address")
def search(request: HttpRequest, q: str, limit: Limit = 20) -> dict[str, Any]:
    return {"items": [shown(row) for row in find(q, limit)]}


@router.get_("/{int:customer_id}", needs="customer.read", returns=CustomerDetail, summary="One customer")
def one(request: HttpRequest, customer_id: int) -> dict[str, Any]:
    row = visible(customer_id)
    commands.note_viewed(customer_id=customer_id)
    return in_full(row)


@router.patch_("/{int:customer_id}", does=commands.edit_customer, returns=CustomerDetail, summary="Change a customer")
def patch(request: HttpRequest, customer_id: int, body: CustomerPatch) -> dict[str, Any]:
    values = body.model_dump(exclude_unset=True, exclude={"version"})
    given = {k: v for k, v in values.items() if v is not None}
    commands.edit_customer(customer_id=customer_id, expected_version=body.version, **given)
    return in_full(visible(customer_id))


@router.post_(
    "/{int:customer_id}/reveal",
    does=commands.reveal_field,
    returns=Revealed,
    status=200,
    keeps=False,
    summary="Reveal a masked field",
)
def reveal(request: HttpRequest, customer_id: int, body: RevealIn) -> dict[str, Any]:
    return {"values": commands.reveal_field(customer_id=customer_id, field=body.field, reason=body.reason)}


def _person(row_id: int) -> dict[str, Any]:
    return in_full(visible(row_id))


_CARD: dict[str, Any] = {"own": "customer_id", "show": lambda _row, row_id: _person(row_id), "returns": CustomerDetail}
_FIRM: dict[str, Any] = {"own": "organisation_id", "status": 201}
verb(router, "/{int:row_id}/identities", commands.add_identity, status=201, summary="Add an address", **_CARD)
verb(router, "/{int:row_id}/notes", commands.add_note, own="customer_id", status=201, summary="Add to page two")
verb(
    router, "/{int:row_id}/purchases", commands.add_purchase, own="customer_id", status=201,
    summary="Something they bought; the rule that proposes a grade counts it",
)  # fmt: skip
verb(
    router, "/purchases/{int:row_id}/remove", commands.remove_purchase, own="purchase_id",
    summary="Entered by mistake, or returned",
)  # fmt: skip
verb(router, "/{int:row_id}/contacts", commands.add_contact, summary="Make a known person a contact", **_FIRM)
verb(
    router, "/{int:row_id}/contact-persons", commands.add_contact_person,
    summary="Enter a contact by name and phone", **_FIRM,
)  # fmt: skip
verb(
    router, "/{int:row_id}/links", commands.link_organisations, own="parent_id", status=201,
    summary="This organisation has a subsidiary or distributor",
)  # fmt: skip
verb(
    router, "/contacts/{int:row_id}/remove", commands.remove_contact, own="contact_id",
    summary="This person has that part no more",
)  # fmt: skip
verb(
    router, "/links/{int:row_id}/remove", commands.unlink_organisations, own="link_id",
    summary="The two organisations do not belong together any more",
)  # fmt: skip
verb(
    router, "/{int:row_id}/grades", commands.propose_grade, own="customer_id", status=201,
    summary="Propose a grade; another person confirms it",
)  # fmt: skip
verb(
    router, "/grades/{int:row_id}/decide", commands.confirm_grade, own="change_id", name="decide_grade",
    summary="Confirm or refuse a proposed grade",
)  # fmt: skip
