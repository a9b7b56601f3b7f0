"""Customers, the addresses they reach us by, contacts inside organisations, and notes."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from yinuo.kernel.actor import Actor
from yinuo.kernel.scope import Scoped, nobody_at, staff_scope


class Customer(Scoped):
    """A person or an organisation we serve (the two-page card's first page; page two is its log)."""

    class Kind(models.TextChoices):
        PERSON = "person", _("个人")
        ORGANISATION = "organisation", _("单位")

    class Grade(models.TextChoices):
        A = "A", _("A 重点")
        B = "B", _("B 潜力")
        C = "C", _("C 普通")

    class Status(models.TextChoices):
        POTENTIAL = "potential", _("潜在")
        EXISTING = "existing", _("现有")
        LOST = "lost", _("流失")
        DISTRIBUTOR = "distributor", _("经销")

    kind = models.CharField(max_length=12, choices=Kind, default=Kind.PERSON)
    name = models.CharField(max_length=120)
    pinyin = models.CharField(max_length=120, blank=True)
    grade = models.CharField(max_length=1, choices=Grade, blank=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.POTENTIAL)
    source = models.CharField(max_length=20, blank=True)
    industry = models.CharField(max_length=60, blank=True)
    size = models.CharField(max_length=40, blank=True)
    region = models.CharField(max_length=60, blank=True)
    address = models.CharField(max_length=200, blank=True)
    uscc = models.CharField(max_length=18, blank=True)
    profile = models.JSONField(default=dict)
    owner = models.ForeignKey("identity.Staff", models.SET_NULL, null=True, related_name="customers", db_index=False)
    unit = models.ForeignKey("identity.Unit", models.PROTECT, null=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged_from", db_index=False)
    search = SearchVectorField(default="")
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    @classmethod
    def visible_q(cls, actor: Actor, prefix: str = "") -> Q:
        if actor.kind == "customer":
            return Q(**{prefix + "pk": actor.customer_id}) if actor.customer_id else nobody_at(prefix)
        mine = staff_scope(actor, actor.customer_scope, prefix)
        if not mine:
            return mine
        from django.apps import apps

        # Whoever works on a customer's matter may see that customer.
        matters = apps.get_model("matters.Matter")
        seen = matters.unscoped.filter(matters.visible_q(actor)).values("customer_id")
        return mine | Q(**{prefix + "pk__in": seen})

    class Meta:
        base_manager_name = "unscoped"
        indexes = [
            GinIndex(fields=["search"], name="customer_search"),
            models.Index(fields=["-updated_at", "-id"], name="customer_recent"),
            models.Index(fields=["owner", "-updated_at", "-id"], name="customer_by_owner"),
            models.Index(fields=["grade", "-updated_at", "-id"], name="customer_by_grade"),
            models.Index(fields=["uscc"], condition=~Q(uscc=""), name="customer_by_uscc"),
            models.Index(fields=["name"], name="customer_by_name"),
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="customer_merged"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=models.F("id")), name="customer_not_merged_into_itself"
            )
        ]

    def __str__(self) -> str:
        return self.name


class ChannelIdentity(Scoped):
    """An address by which a customer reaches us. Only a verified one tells who somebody is."""

    scope_parent = "customer"

    class Kind(models.TextChoices):
        PHONE = "phone", _("电话")
        EMAIL = "email", _("电子邮件")
        WECHAT = "wechat", _("微信")
        VISITOR = "visitor", _("网站访客")

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="identities", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind)
    value = models.CharField(max_length=254)
    verified_at = models.DateTimeField(null=True)
    verified_how = models.CharField(max_length=40, blank=True)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        base_manager_name = "unscoped"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "value"],
                condition=Q(verified_at__isnull=False, active=True),
                name="identity_verified_once",
            ),
            models.UniqueConstraint(fields=["customer", "kind", "value"], name="identity_once_per_customer"),
        ]
        indexes = [models.Index(fields=["kind", "value"], name="identity_lookup")]


class Contact(Scoped):
    """A person inside an organisation, with the part they play there."""

    scope_parent = "organisation"

    class Role(models.TextChoices):
        DECISION_MAKER = "decision_maker", _("决策人")
        INFLUENCER = "influencer", _("影响人")
        USER = "user", _("使用人")
        PAYER = "payer", _("付款人")

    organisation = models.ForeignKey(Customer, models.CASCADE, related_name="contacts", db_index=False)
    person = models.ForeignKey(Customer, models.CASCADE, related_name="positions")
    role = models.CharField(max_length=16, choices=Role)
    title = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        base_manager_name = "unscoped"
        constraints = [models.UniqueConstraint(fields=["organisation", "person", "role"], name="contact_once")]


class OrganisationLink(Scoped):
    """How two organisations belong together: group and subsidiary, or distributor."""

    scope_parent = "parent"

    class Kind(models.TextChoices):
        SUBSIDIARY = "subsidiary", _("下属单位")
        DISTRIBUTOR = "distributor", _("经销商")

    parent = models.ForeignKey(Customer, models.CASCADE, related_name="links_down", db_index=False)
    child = models.ForeignKey(Customer, models.CASCADE, related_name="links_up")
    kind = models.CharField(max_length=12, choices=Kind)

    class Meta:
        base_manager_name = "unscoped"
        constraints = [models.UniqueConstraint(fields=["parent", "child", "kind"], name="organisation_link_once")]


class CustomerNote(Scoped):
    """Page two of the card: an important matter of the customer, with us or with others."""

    scope_parent = "customer"

    class With(models.TextChoices):
        US = "us", _("与我方")
        OTHERS = "others", _("与他方")

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="notes", db_index=False)
    with_whom = models.CharField(max_length=6, choices=With, default=With.US)
    happened_on = models.DateField()
    text = models.TextField()
    author = models.ForeignKey("identity.Staff", models.PROTECT, null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        base_manager_name = "unscoped"
        indexes = [models.Index(fields=["customer", "-happened_on", "-id"], name="note_by_customer")]
