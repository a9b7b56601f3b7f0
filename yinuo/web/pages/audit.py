"""The audit: everything anybody did, newest first."""

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from yinuo.identity.queries import names_of
from yinuo.kernel.models import AuditEntry
from yinuo.matters.queries import numbered
from yinuo.web.audit.commands import FILTERS, NOUNS, in_words, said_by, subject_in_words
from yinuo.web.audit.details import details, people_in
from yinuo.web.audit.personal import PERSONAL
from yinuo.web.audit.who import systems_called, who_in_words
from yinuo.web.listing import Column, Filter, Listing, Sort
from yinuo.web.render import render
from yinuo.web.routes import page


def _search(rows: QuerySet[AuditEntry], q: str) -> QuerySet[AuditEntry]:
    """By what a row shows: who, the action in words, the number of its matter; also by names that only programs use."""
    nouns, commands = said_by(q)
    wanted = Q(actor_name=q) | Q(command__in=[q, *commands]) | Q(request_id=q) | Q(ip=q)
    for noun in nouns:
        wanted |= Q(command__startswith=noun + ".")
    if systems := systems_called(q):
        wanted |= Q(actor_kind="system", actor_name__in=systems)
    if q.isdecimal() and len(q) < 18:
        wanted |= Q(matter_id=int(q)) | Q(subject_id=q)
    return rows.filter(wanted | Q(matter_id__in=numbered(q)))


def listing(request: HttpRequest) -> HttpResponse:
    """Three statements: count, page, names of those an entry speaks of."""
    found = Listing(
        request,
        AuditEntry.objects.all(),
        search=_search,
        size=50,
        placeholder=_("姓名、动作、编号、地址、请求编号"),
        sorts=(Sort("new", _("最新"), "-pk"), Sort("new-", _("最早"), "pk")),
        filters=(
            Filter(
                "noun",
                _("对象"),
                [(noun, NOUNS[noun]) for noun in FILTERS],
                lambda rows, v: rows.filter(command__startswith=v + "."),
            ),
            Filter(
                "who",
                _("谁"),
                (("staff", _("员工")), ("customer", _("客户")), ("api", _("接口")), ("system", _("系统"))),
                lambda rows, v: rows.filter(actor_kind=v),
            ),
            Filter(
                "personal",
                _("个人信息"),
                [(key, label) for key, (label, _commands) in PERSONAL.items()],
                lambda rows, v: rows.filter(command__in=PERSONAL[v][1]),
            ),
        ),
        columns=(
            Column(_("时间"), sort="new", cls="nowrap"),
            Column(_("谁")),
            Column(_("动作")),
            Column(_("对象")),
            Column(_("内容")),
            Column(_("从哪里"), wide=True),
        ),
        empty=_("还没有记录。谁在什么时候做了什么，都会记在这里。"),
    )
    names = names_of(people_in(found.rows))
    for row in found.rows:
        row.words = in_words(row.command)
        row.who = who_in_words(row.actor_kind, row.actor_name)
        row.thing = subject_in_words(row.command, row.subject_type)
        row.details = details(row, names)
        row.summary = "；".join(f"{name}：{words}" for name, words in row.details)
    return render(request, "audit/list.jinja", {"section": "audit", "listing": found})


routes = [page("audit/", listing, needs="audit.read", name="audit")]
