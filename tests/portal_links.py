"""Addresses of the portal that only a customer's mail has, of the demo whose YINUO_HOME is set: `tests/shots.py` asks for them.

One JSON object: paths, and the number and query code of a case.
"""

import json
import os
from urllib.parse import urlsplit

import django
from django.db.models import F
from django.urls import reverse

from yinuo.operations.database import database


def found() -> dict[str, object]:
    from yinuo.channels.portal import links
    from yinuo.channels.portal.sharing import share, share_token
    from yinuo.channels.portal.surveying import survey_link
    from yinuo.complaints.models import Agreement, Complaint, Restatement
    from yinuo.kernel import clock
    from yinuo.kernel.actor import Actor, acting_as
    from yinuo.surveys.links import answer_token
    from yinuo.surveys.models import Invitation

    now = clock.now()
    case = Complaint.unscoped.filter(stage="executing").select_related("matter").order_by("-pk")[0]
    called = Complaint.unscoped.filter(stage="callback").order_by("-pk")[0]
    ended = Complaint.unscoped.filter(stage="closed").order_by("-pk")[0]
    waits_first = F("answered_at").asc(nulls_first=True)
    told = Restatement.unscoped.order_by(waits_first, "-pk")[0]
    offered = Agreement.unscoped.order_by(waits_first, "-pk")[0]
    asked = Invitation.unscoped.filter(state="sent").order_by("-pk")[0]
    with acting_as(Actor.system("demo")):
        shared = share_token(share(matter_id=case.pk))
    ways = [
        links.case_link(case.pk, now), links.case_link(ended.pk, now),
        links.restatement_link(told.complaint_id, told.pk, now),
        links.agreement_link(offered.complaint_id, offered.pk, now + links.LINK_LIFE),
        links.rating_link(called.pk, now), survey_link(answer_token(asked.pk, now + links.LINK_LIFE)),
        reverse("portal_shared", args=[shared]),
    ]  # fmt: skip
    return {
        "paths": [urlsplit(way).path for way in ways],
        "number": case.matter.number,
        "code": links.code_of(case.pk),
    }


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yinuo.settings")
    with database() as url:
        os.environ["DATABASE_URL"] = url
        django.setup()
        print(json.dumps(found()))
