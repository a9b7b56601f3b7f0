"""How did we do: one tap for the whole, one for sending; three fairness scores for who has a moment more."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from yinuo.channels.portal import links, queries
from yinuo.channels.portal.forms import Form, blank, posted, run
from yinuo.channels.portal.pages import render
from yinuo.channels.portal.visitor import count, holder
from yinuo.complaints.commands import rate
from yinuo.complaints.rules.choices import Satisfaction
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as

ASPECTS = (
    ("outcome", _("结果公平吗"), _("得到的处理合不合理")),
    ("process", _("过程公平吗"), _("快不快、麻不麻烦")),
    ("treatment", _("态度公平吗"), _("有没有被尊重")),
)
FAIRNESS = tuple(name for name, _title, _hint in ASPECTS)


def rating(request: HttpRequest, token: str) -> HttpResponse:
    matter_id = links.read_one(links.RATING, token)
    form = (
        posted(request, ("satisfaction", "outcome", "process", "treatment", "comment"))
        if request.method == "POST"
        else blank(_touched(request))
    )
    done = False
    with acting_as(holder(request, matter_id)):
        if request.method == "POST" and not form.above:
            count("sign_matter", matter_id)
            done = run(form, rate, complaint_id=matter_id, comment=form["comment"], **_scores(form)) is not None
        number = queries.number_of(matter_id)
    values = {
        "form": form, "token": token, "number": number, "levels": Satisfaction.choices, "aspects": ASPECTS,
        "done": done,
        "case_token": links.case_token(matter_id, clock.now()),
    }  # fmt: skip
    return render(request, "rating", values, status=form.status)


def _touched(request: HttpRequest) -> dict[str, str]:
    """What was touched in the mail or on the progress page is chosen already; opening the link rates nothing."""
    level = request.GET.get("s", "")
    return {"satisfaction": level} if level in Satisfaction.values else {}


def _scores(form: Form) -> dict[str, int | None]:
    """What was chosen: two taps are enough, and a fairness score left alone stays unsaid."""
    given = {name: int(form[name]) if form[name] in ("1", "2", "3", "4", "5") else None for name in FAIRNESS}
    return {"satisfaction": int(form["satisfaction"]) if form["satisfaction"] in Satisfaction.values else 0, **given}
