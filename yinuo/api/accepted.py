"""`Prefer: respond-async` (RFC 7240): the answer is a receipt, and the work is done a moment later."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from ninja import Schema

PREFERENCE = "respond-async"
RECEIPTS = "/complaints/accepted"


class ReceiptProblem(Schema):
    """Why it could not be registered; a person of the desk sees it too and puts it right."""

    code: str
    detail: str
    errors: dict[str, str]


class Receipt(Schema):
    """Kept for good under its number. `complaint_id` is there once it is registered."""

    id: int
    number: str
    state: str
    received_at: datetime
    handled_at: datetime | None
    complaint_id: int | None
    problem: ReceiptProblem | None


def wants_receipt(request: HttpRequest) -> bool:
    """Whether the sender prefers not to wait; what else it prefers is ignored, as RFC 7240 says."""
    preferred: str = request.META.get("HTTP_PREFER", "")
    return PREFERENCE in {part.partition(";")[0].strip().lower() for part in preferred.split(",")}


def accepted(receipt: Mapping[str, Any], *, again: bool = False) -> HttpResponse:
    """202 with the receipt as it stood when it was made."""
    received_at = datetime.fromisoformat(receipt["received_at"])
    body = {
        "id": receipt["id"], "number": receipt["number"], "state": "waiting", "received_at": received_at,
        "handled_at": None, "complaint_id": None, "problem": None,
    }  # fmt: skip
    headers = {"Location": f"/api/v1{RECEIPTS}/{receipt['id']}", "Preference-Applied": PREFERENCE}
    if again:
        headers["Idempotent-Replayed"] = "true"
    return HttpResponse(
        json.dumps(body, cls=DjangoJSONEncoder), status=202, content_type="application/json", headers=headers
    )
