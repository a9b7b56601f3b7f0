"""Is this what you told us? Yes, or what is wrong."""

from django.http import HttpRequest, HttpResponse

from yinuo.channels.portal import links, queries
from yinuo.channels.portal.forms import blank, posted, run
from yinuo.channels.portal.pages import render
from yinuo.channels.portal.visitor import count, holder
from yinuo.complaints.commands import confirm_restatement, correct_restatement
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as


def restatement(request: HttpRequest, token: str) -> HttpResponse:
    matter_id, restatement_id = links.read_pair(links.RESTATEMENT, token)
    form = posted(request, ("answer", "correction")) if request.method == "POST" else blank()
    with acting_as(holder(request, matter_id)):
        if request.method == "POST" and not form.above:
            count("sign_matter", matter_id)
            given = {"restatement_id": restatement_id, "user_agent": request.headers.get("User-Agent", "")}
            if form["answer"] == "yes":
                run(form, confirm_restatement, **given)
            else:
                run(form, correct_restatement, correction=form["correction"], **given)
        row = queries.restatement(matter_id, restatement_id)
        number = queries.number_of(matter_id)
    values = {
        "row": row,
        "form": form,
        "token": token,
        "number": number,
        "case_token": links.case_token(matter_id, clock.now()),
    }
    return render(request, "restatement", values, status=form.status if row.state == "pending" else 200)
