"""Two files of one customer become one, and can be parted again for a while.

Everything that points at a customer goes over to the survivor; what does is read from the models themselves, so a new
kind of row cannot be forgotten. The absorbed file stays as it was, empty, and says where it went.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from yinuo.customers.commands.rows import reindex
from yinuo.customers.models import ChannelIdentity, Contact, Customer, CustomerMerge, OrganisationLink
from yinuo.customers.queries import pointing
from yinuo.customers.rules import FILLED_IN, MERGE_UNDO_DAYS, UNCHECKED_AT_MERGE, filled_in
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import nothing_done, record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Refused, Stale
from yinuo.kernel.events import emit
from yinuo.kernel.text import clean_line


@command("customer.merge", needs="customer.merge")
def merge_customers(
    *, survivor_id: int, absorbed_id: int, reason: str, expected_version: int | None = None,
    absorbed_version: int | None = None, by: Actor, at: datetime,
) -> CustomerMerge:  # fmt: skip
    """Make the file `absorbed_id` part of `survivor_id`; for 30 days `split_customers` takes it back."""
    why = clean_line(reason, 300)
    if not why:
        raise Invalid(_("请写明怎么确认是同一位客户"), fields={"reason": _("请写明怎么确认是同一位客户")})
    survivor, absorbed = _both(survivor_id, absorbed_id)
    for row, version in ((survivor, expected_version), (absorbed, absorbed_version)):
        if version is not None and row.version != version:
            raise Stale(_("其中一位客户的资料刚被别人改过，请重新核对"), current=row)
    merge = CustomerMerge.unscoped.create(
        survivor=survivor, absorbed=absorbed, reason=why, merged_by_id=by.staff_id, merged_at=at
    )
    filled = filled_in(_plain(survivor), _plain(absorbed))
    earlier = list(Customer.unscoped.filter(merged_into=absorbed).order_by("pk").values_list("pk", flat=True))
    Customer.unscoped.filter(pk__in=earlier).update(merged_into=survivor)
    merge.moved = {
        "unchecked": _mark_unchecked(survivor, absorbed), "twins": _join_twins(survivor, absorbed),
        "rows": _move_rows(survivor, absorbed), "filled": filled, "earlier": earlier,
    }  # fmt: skip
    merge.save(update_fields=["moved"])
    _fill(survivor, filled)
    absorbed.merged_into = survivor
    _save(absorbed, survivor, at=at)
    counts = {label: len(ids) for label, ids in merge.moved["rows"].items()}
    record(survivor, {"merge": merge.pk, "absorbed": absorbed.pk, "reason": why, "moved": counts})
    _announce("customer.merged", merge)
    return merge


@command("customer.split", needs="customer.merge")
def split_customers(*, merge_id: int, reason: str, by: Actor, at: datetime) -> CustomerMerge:
    """Take a merge back: what went over returns, what was filled in is emptied unless somebody changed it since."""
    merge = CustomerMerge.objects.filter(pk=merge_id).select_for_update(no_key=True, of=("self",)).first()
    if merge is None:
        raise Missing(_("没有这次合并，或您无权查看"))
    why = clean_line(reason, 300)
    if not why:
        raise Invalid(_("请写明为什么撤销合并"), fields={"reason": _("请写明为什么撤销合并")})
    if merge.split_at:
        raise Refused(_("这次合并已经撤销过"))
    if at > merge.merged_at + timedelta(days=MERGE_UNDO_DAYS):
        raise Refused(_("合并超过 %(n)d 天，不能再撤销") % {"n": MERGE_UNDO_DAYS})
    rows = Customer.unscoped.filter(pk__in=(merge.survivor_id, merge.absorbed_id)).order_by("pk")
    locked = {row.pk: row for row in rows.select_for_update(no_key=True)}
    survivor, absorbed = locked[merge.survivor_id], locked[merge.absorbed_id]
    if survivor.merged_into_id:
        raise Refused(_("“%(name)s”后来又并入了别的客户，请先撤销那一次") % {"name": survivor.name})
    _part_twins(merge.moved["twins"])
    ChannelIdentity.unscoped.filter(
        pk__in=merge.moved["unchecked"], verified_at=None, verified_how=UNCHECKED_AT_MERGE
    ).update(verified_how="")
    for label, model, field in pointing():
        ids = merge.moved["rows"].get(label, [])
        model._base_manager.filter(**{field: survivor}, pk__in=ids).update(**{field: absorbed})
    Customer.unscoped.filter(pk__in=merge.moved["earlier"], merged_into=survivor).update(merged_into=absorbed)
    _empty(survivor, merge.moved["filled"])
    absorbed.merged_into = None
    _save(absorbed, survivor, at=at)
    merge.split_at, merge.split_by_id, merge.split_reason = at, by.staff_id, why
    merge.save(update_fields=["split_at", "split_by", "split_reason"])
    record(survivor, {"split": merge.pk, "absorbed": absorbed.pk, "reason": why})
    _announce("customer.split", merge)
    return merge


@command("customer.gather_strays", internal=True)
def gather_strays(*, by: Actor, at: datetime) -> int:
    """What was being written on a file in the very moment it was merged follows it to the survivor."""
    total = 0
    fresh = CustomerMerge.unscoped.filter(split_at=None, merged_at__gt=at - timedelta(days=1))
    for merge in (
        fresh.select_related("absorbed__merged_into").order_by("pk").select_for_update(no_key=True, of=("self",))
    ):
        survivor = merge.absorbed.merged_into
        found = _move_rows(survivor, merge.absorbed) if survivor else {}
        if found:
            for label, ids in found.items():
                merge.moved["rows"][label] = [*merge.moved["rows"].get(label, []), *ids]
            merge.save(update_fields=["moved"])
            record(merge, {"strays": {label: len(ids) for label, ids in found.items()}})
            total += sum(len(ids) for ids in found.values())
    if not total:
        nothing_done()
    return total


def _both(survivor_id: int, absorbed_id: int) -> tuple[Customer, Customer]:
    """Both rows, locked in the order of their ids, so that two merges never wait for each other."""
    if survivor_id == absorbed_id:
        raise Refused(_("不能把客户并入自己"))
    rows = (
        Customer.objects.filter(pk__in=(survivor_id, absorbed_id))
        .order_by("pk")
        .select_for_update(no_key=True, of=("self",))
    )
    found = {row.pk: row for row in rows}
    if len(found) < 2:
        raise Missing(_("没有这位客户，或您无权查看"))
    survivor, absorbed = found[survivor_id], found[absorbed_id]
    for row in (survivor, absorbed):
        if row.merged_into_id:
            raise Refused(_("“%(name)s”已经并入别的客户") % {"name": row.name}, code="merged")
    if survivor.kind != absorbed.kind:
        raise Refused(_("个人和单位不能合并；个人可以作为单位的联系人"))
    return survivor, absorbed


def _save(*rows: Customer, at: datetime) -> None:
    for row in rows:
        row.version, row.updated_at = row.version + 1, at
        row.save(update_fields=["merged_into", "version", "updated_at", *FILLED_IN, "status", "profile"])
    for row in rows:
        reindex(row)


def _plain(row: Customer) -> dict[str, Any]:
    return {name: getattr(row, name) for name in (*FILLED_IN, "status", "profile")}


def _fill(survivor: Customer, filled: dict[str, Any]) -> None:
    for name, value in filled.items():
        setattr(survivor, name, {**survivor.profile, **value} if name == "profile" else value)


def _empty(survivor: Customer, filled: dict[str, Any]) -> None:
    for name, value in filled.items():
        if name == "profile":
            survivor.profile = {k: v for k, v in survivor.profile.items() if value.get(k) != v}
        elif getattr(survivor, name) == value:
            setattr(survivor, name, {"owner_id": None, "status": Customer.Status.POTENTIAL}.get(name, ""))


def _mark_unchecked(*customers: Customer) -> list[int]:
    """An address nobody checked speaks for the file it came with and no other: none of them is written to by itself
    once the files are one.
    """
    rows = ChannelIdentity.unscoped.filter(customer__in=customers, verified_at=None, verified_how="")
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    ChannelIdentity.unscoped.filter(pk__in=ids).update(verified_how=UNCHECKED_AT_MERGE)
    return ids


_KEPT = ("active", "verified_at", "verified_how")


def _join_twins(survivor: Customer, absorbed: Customer) -> list[dict[str, Any]]:
    """The same address on both files: it stays once, on the survivor, with the better proof of the two."""
    kept = {(i.kind, i.value): i for i in ChannelIdentity.unscoped.filter(customer=survivor)}
    joined = []
    for twin in ChannelIdentity.unscoped.filter(customer=absorbed).order_by("pk"):
        own = kept.get((twin.kind, twin.value))
        if own is None:
            continue
        joined.append({"own": _state(own), "twin": _state(twin)})
        proof = twin if twin.active and twin.verified_at and not (own.active and own.verified_at) else own
        state = {"active": own.active or twin.active, "verified_at": proof.verified_at,
                 "verified_how": proof.verified_how}  # fmt: skip
        ChannelIdentity.unscoped.filter(pk=twin.pk).update(active=False)
        ChannelIdentity.unscoped.filter(pk=own.pk).update(**state)
    return joined


def _state(row: ChannelIdentity) -> dict[str, Any]:
    return {"id": row.pk, "active": row.active, "verified_how": row.verified_how,
            "verified_at": row.verified_at.isoformat() if row.verified_at else None}  # fmt: skip


def _part_twins(joined: list[dict[str, Any]]) -> None:
    """Each gets its own proof back; what was proved since stays with the survivor."""
    for pair in joined:
        own, twin = pair["own"], pair["twin"]
        if twin["verified_at"]:
            ChannelIdentity.unscoped.filter(pk=own["id"]).update(**{k: own[k] for k in _KEPT})
        ChannelIdentity.unscoped.filter(pk=twin["id"]).update(**{k: twin[k] for k in _KEPT})


def _move_rows(survivor: Customer, absorbed: Customer) -> dict[str, list[int]]:
    """The ids that went over, by reference. A row that says the same as one of the survivor's stays behind."""
    moved: dict[str, list[int]] = {}
    for label, model, field in pointing():
        rows = model._base_manager.filter(**{field: absorbed.pk}).exclude(_same_already(model, field, survivor))
        ids = list(rows.order_by("pk").select_for_update(no_key=True, of=("self",)).values_list("pk", flat=True))
        if ids:
            model._base_manager.filter(pk__in=ids).update(**{field: survivor.pk})
            moved[label] = ids
    return moved


def _same_already(model: type[models.Model], field: str, survivor: Customer) -> models.Q:
    """Rows that could not go over, because the survivor has their like (or would be linked with itself)."""
    if model is ChannelIdentity:
        like = ("kind", "value")
    elif model is Contact:
        like = ("person" if field == "organisation" else "organisation", "role")
    elif model is OrganisationLink:
        like = ("child" if field == "parent" else "parent", "kind")
    else:
        return models.Q(pk__in=[])
    taken = model._base_manager.filter(**{field: survivor.pk}, **{name: models.OuterRef(name) for name in like})
    itself = models.Q(**{like[0]: survivor.pk}) if model is OrganisationLink else models.Q(pk__in=[])
    return models.Q(models.Exists(taken)) | itself


def _announce(name: str, merge: CustomerMerge) -> None:
    emit(
        name, topics=[f"customer:{merge.survivor_id}", f"customer:{merge.absorbed_id}"], merge_id=merge.pk,
        survivor_id=merge.survivor_id, absorbed_id=merge.absorbed_id,
    )  # fmt: skip
