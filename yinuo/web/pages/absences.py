"""不在岗: from when to when one is away and who decides meanwhile; one's own, or somebody's by an administrator."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yinuo.identity import queries
from yinuo.identity.commands import cancel_absence, set_absence
from yinuo.identity.models import Staff
from yinuo.kernel import clock
from yinuo.kernel.actor import current_actor
from yinuo.kernel.errors import Missing
from yinuo.web.forms.base import act, submit
from yinuo.web.forms.identity import AbsenceForm
from yinuo.web.render import go, render
from yinuo.web.routes import page


def mine(request: HttpRequest) -> HttpResponse:
    return _absences(request, current_actor().staff_key, "absence", ())


def of_person(request: HttpRequest, pk: int) -> HttpResponse:
    return _absences(request, pk, "person_absence", (pk,))


def _absences(request: HttpRequest, staff_id: int, here: str, at: tuple[int, ...]) -> HttpResponse:
    person = Staff.objects.filter(pk=staff_id).first()
    if person is None:
        raise Missing(_("没有这位员工"))
    form = AbsenceForm.of(request)
    if submit(request, form, set_absence, staff_id=staff_id):
        return go(request, here, *at, toast=_("已登记，这段时间的审批会转到代审批人那里"))
    context = {
        "section": "settings" if at else "",
        "form": form,
        "person": person,
        "own": not at,
        "rows": queries.absences_of(staff_id, clock.now()),
        "here": here,
        "at": at,
    }
    return render(request, "settings/absence.jinja", context)


@require_POST
def cancel_mine(request: HttpRequest, absence_id: int) -> HttpResponse:
    act(request, cancel_absence, absence_id=absence_id)
    return go(request, "absence", toast=_("已取消，审批仍由您本人处理"))


@require_POST
def cancel_of_person(request: HttpRequest, pk: int, absence_id: int) -> HttpResponse:
    act(request, cancel_absence, absence_id=absence_id)
    return go(request, "person_absence", pk, toast=_("已取消"))


routes = [
    page("absence/", mine, needs="self.use", name="absence"),
    page("absence/<int:absence_id>/cancel/", cancel_mine, needs="self.use", name="absence_cancel"),
    page("settings/staff/<int:pk>/absence/", of_person, needs="staff.manage", name="person_absence"),
    page(
        "settings/staff/<int:pk>/absence/<int:absence_id>/cancel/",
        cancel_of_person,
        needs="staff.manage",
        name="person_absence_cancel",
    ),
]
