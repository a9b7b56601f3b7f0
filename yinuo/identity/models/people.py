"""Who works here: staff, their place in the org tree, their roles, and keys that act for them."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from yinuo.kernel.actor import Scope


class Unit(models.Model):
    """A node of the org tree. `path` lists the ids from the root, "/1/4/", so a subtree is one prefix.

    Everybody may know the org tree, so it is not scoped.
    """

    class Kind(models.TextChoices):
        COMPANY = "company", _("公司")
        BRANCH = "branch", _("分支机构")
        DEPARTMENT = "department", _("部门")
        DESK = "desk", _("班组")

    name = models.CharField(max_length=80)
    code = models.SlugField(max_length=40, unique=True)
    kind = models.CharField(max_length=12, choices=Kind)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    path = models.CharField(max_length=200, db_index=True, default="/")
    head = models.ForeignKey("identity.Staff", models.SET_NULL, null=True, related_name="heads")
    active = models.BooleanField(default=True)
    takes_intake = models.BooleanField(default=False)
    version = models.IntegerField(default=1)

    def __str__(self) -> str:
        return self.name


class Role(models.Model):
    """A bundle of grants with the reach of what its holders see."""

    SCOPES = [(Scope.OWN, _("本人")), (Scope.TEAM, _("本部门及下级")), (Scope.ALL, _("全部"))]
    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=40)
    grants = ArrayField(models.CharField(max_length=60), default=list)
    matter_scope = models.CharField(max_length=4, choices=SCOPES, default=Scope.OWN)
    customer_scope = models.CharField(max_length=4, choices=SCOPES, default=Scope.OWN)
    approval_limit = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    builtin = models.BooleanField(default=False)
    version = models.IntegerField(default=1)

    def __str__(self) -> str:
        return self.name


class StaffManager(BaseUserManager["Staff"]):
    def get_by_natural_key(self, username: str | None) -> "Staff":
        return self.get(username=username)


class Staff(AbstractBaseUser):
    """A person who works here and may sign in. Colleagues may know each other's names, so it is not scoped."""

    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=60)
    phone = models.CharField(max_length=20, blank=True)
    email = models.EmailField(blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="staff")
    manager = models.ForeignKey("self", models.SET_NULL, null=True, related_name="reports")
    roles = models.ManyToManyField(Role, related_name="staff")
    is_active = models.BooleanField(default=True)
    #: Somebody else chose the password: at the next sign-in its owner chooses another, before anything else.
    password_due = models.BooleanField(default=False, db_default=False)
    #: Nobody gets in, and keys rest, until an administrator has acted.
    locked_at = models.DateTimeField(null=True)
    language = models.CharField(max_length=10, default="zh-hans")
    theme = models.CharField(max_length=5, default="light")
    #: See `wishes.py`; empty: as for everybody.
    wishes = models.JSONField(default=dict, db_default={})
    news_read_at = models.DateTimeField(null=True)
    toured_at = models.DateTimeField(null=True)
    start_hidden_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    version = models.IntegerField(default=1)

    objects: ClassVar[StaffManager] = StaffManager()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_integration(self) -> bool:
        """An account for programs: nobody can sign in with it, keys act for it."""
        return not self.has_usable_password()

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Django's own permissions are not used; grants are."""
        return False


class ApiKey(models.Model):
    """A key by which a program acts for a staff member, with a part of that member's grants. Only its hash is kept."""

    name = models.CharField(max_length=60)
    prefix = models.CharField(max_length=12, unique=True)
    hash = models.CharField(max_length=64)
    staff = models.ForeignKey(Staff, models.CASCADE, related_name="api_keys")
    grants = ArrayField(models.CharField(max_length=60), default=list)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)


class Absence(models.Model):
    """Days on which somebody is away, first and last day included, and who decides in their place meanwhile.

    Colleagues may know who is away, so it is not scoped.
    """

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="absences")
    substitute = models.ForeignKey(Staff, models.CASCADE, related_name="stands_in")
    starts_on = models.DateField()
    ends_on = models.DateField()
    note = models.CharField(max_length=120, blank=True)
    set_by = models.ForeignKey(Staff, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    canceled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_on__gte=models.F("starts_on")), name="absence_ends_after"),
            models.CheckConstraint(condition=~models.Q(staff=models.F("substitute")), name="absence_somebody_else"),
        ]
        indexes = [
            models.Index(
                fields=["substitute", "ends_on"], condition=models.Q(canceled_at=None), name="absence_by_substitute"
            ),
            models.Index(fields=["staff", "ends_on"], condition=models.Q(canceled_at=None), name="absence_by_staff"),
        ]
