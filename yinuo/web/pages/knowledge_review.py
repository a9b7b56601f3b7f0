"""What is done to an article beside writing it: one small form each, in a drawer or as a page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from yinuo.kernel import clock
from yinuo.kernel.clock import CST
from yinuo.knowledge import commands
from yinuo.knowledge.rules.life import review_day
from yinuo.web.forms.base import PageForm, act, submit
from yinuo.web.forms.knowledge import PublishForm, ReasonForm, ReturnForm
from yinuo.web.pages.knowledge import article_or_missing
from yinuo.web.render import go, render
from yinuo.web.routes import page


@dataclass(frozen=True)
class Verb:
    name: str
    title: Any
    form: type[PageForm]
    command: Callable[..., Any]
    done: Any
    needs: str = "knowledge.publish"
    about: Any = ""


VERBS = (
    Verb(
        "publish",
        _("审核通过并发布"),
        PublishForm,
        commands.publish_article,
        _("已发布"),
        about=_("发布后大家都能查到；可以引用给客户的，写回复时就能插入。"),
    ),
    Verb("return", _("退回修改"), ReturnForm, commands.return_article, _("已退回，作者会收到通知")),
    Verb(
        "renew",
        _("复查过了，继续有效"),
        PublishForm,
        commands.renew_article,
        _("已续期"),
        about=_("内容仍然正确、不用改时用这个；要改请用“修改”。"),
    ),
    Verb(
        "expire",
        _("标记为过期"),
        ReasonForm,
        commands.expire_article,
        _("已标记为过期"),
        about=_("还能查到，但会标明过期，插入回复前会提醒。"),
    ),
    Verb(
        "retire",
        _("停用"),
        ReasonForm,
        commands.retire_article,
        _("已停用"),
        needs="knowledge.write",
        about=_("停用后查不到也不能引用，所有版本都保留，可以恢复。"),
    ),
)


def _view(verb: Verb) -> Callable[..., HttpResponse]:
    @require_http_methods(["GET", "POST"])
    def run(request: HttpRequest, pk: int) -> HttpResponse:
        row = article_or_missing(pk)
        start = {"review_by": review_day(clock.now().astimezone(CST).date())} if verb.form is PublishForm else {}
        form = verb.form.of(request, start, version=row.version)
        if submit(request, form, verb.command, stale=True, article_id=pk):
            return go(request, "article", pk, toast=str(verb.done))
        context = {"section": "knowledge", "article": row, "form": form, "verb": verb}
        return render(request, "knowledge/small.jinja", context, part="small")

    return run


def _number(given: str) -> int | None:
    return int(given) if given.isdecimal() and len(given) < 10 else None


@require_POST
def submit_(request: HttpRequest, pk: int) -> HttpResponse:
    act(request, commands.submit_article, article_id=pk, expected_version=_number(request.POST.get("version", "")))
    return go(request, "article", pk, toast=str(_("已送审，审核人会收到通知")))


@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    act(request, commands.restore_article, article_id=pk, expected_version=_number(request.POST.get("version", "")))
    return go(request, "article", pk, toast=str(_("已恢复")))


routes = [
    page("knowledge/<int:pk>/submit/", submit_, needs="knowledge.write", name="article_submit"),
    page("knowledge/<int:pk>/restore/", restore, needs="knowledge.publish", name="article_restore"),
    *(page(f"knowledge/<int:pk>/{v.name}/", _view(v), needs=v.needs, name=f"article_{v.name}") for v in VERBS),
]
