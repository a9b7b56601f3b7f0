"""What somebody who has just signed in owes before anything else: until then no other page knows them."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

PASSWORD = "password"  # noqa: S105 - a name; somebody else chose it
SECOND_STEP = "second_step"
#: The page on which each is settled, by its URL name.
PAGES = {PASSWORD: "password", SECOND_STEP: "second_step"}
#: In the session: there must be a second step and there is none.
OWES_STEP = "owes_step"


def owed(request: HttpRequest, staff: Any) -> str:
    """The first thing owed, or "". Asks the database nothing."""
    if staff.password_due and request.session.get("way", PASSWORD).partition("+")[0] == PASSWORD:
        return PASSWORD  # also with a second step after it: somebody else still knows this one
    return SECOND_STEP if request.session.get(OWES_STEP) else ""


def settled_at(owes: str) -> str:
    return reverse(PAGES[owes])


def owing(request: HttpRequest) -> bool:
    """Whether the page is shown to somebody who may see no other yet."""
    return bool(getattr(request, "owes", ""))
