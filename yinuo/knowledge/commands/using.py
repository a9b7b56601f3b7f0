"""What readers do with an article or a template: put it into an answer, say whether it helped."""

from datetime import datetime

from django.db.models import F
from django.utils.translation import gettext as _

from yinuo.conversations.models import Conversation
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Refused
from yinuo.knowledge.models import Article, Rating, ReplyTemplate, Use
from yinuo.matters.models import Matter


@command("article.rate", needs="knowledge.read")
def rate_article(*, article_id: int, useful: bool, by: Actor, at: datetime) -> Article:
    """Say whether an article helped; one may think otherwise later."""
    visible = Article.objects.filter(pk=article_id, state__in=Article.SHOWN).values("pk")
    row = Article.unscoped.select_for_update(no_key=True).defer("search").filter(pk__in=visible).first()
    if row is None:
        raise Missing(_("没有这篇文章，或您无权查看"))
    if by.staff_id is None:
        raise Refused(_("只有员工能评价文章"))
    Rating.unscoped.update_or_create(article=row, staff_id=by.staff_id, defaults={"useful": useful, "at": at})
    said = list(Rating.unscoped.filter(article=row).values_list("useful", flat=True))
    row.helpful, row.unhelpful = said.count(True), said.count(False)
    row.save(update_fields=["helpful", "unhelpful"])  # no new version: it spoils no open form
    record(row, {"useful": useful})
    return row


@command("knowledge.use", needs="knowledge.read")
def use_knowledge(
    *, article_id: int | None = None, template_id: int | None = None, matter_id: int | None = None,
    conversation_id: int | None = None, by: Actor, at: datetime,
) -> Use:  # fmt: skip
    """An article that customers may read, or a template, was put into an answer about this matter or conversation."""
    if (article_id is None) == (template_id is None):
        raise Invalid(_("请指明用的是哪篇文章或哪个模板"), fields={"article_id": _("文章和模板请指明其中一个")})
    if matter_id is not None and not Matter.objects.filter(pk=matter_id).exists():
        raise Missing(_("没有这个事项，或您无权查看"))
    if conversation_id is not None and not Conversation.objects.filter(pk=conversation_id).exists():
        raise Missing(_("没有这个会话，或您无权查看"))
    if article_id is not None:
        _count_article(article_id)
    elif template_id is not None:
        mine = ReplyTemplate.objects.filter(pk=template_id, retired_at=None).values("pk")
        if not ReplyTemplate.unscoped.filter(pk__in=mine).update(used=F("used") + 1):
            raise Missing(_("没有这个模板，或您无权使用"))
    made = Use.unscoped.create(
        article_id=article_id, template_id=template_id, matter_id=matter_id, conversation_id=conversation_id,
        staff_id=by.staff_id, at=at,
    )  # fmt: skip
    record(made, {"article": article_id, "template": template_id}, matter_id=matter_id)
    return made


def _count_article(article_id: int) -> None:
    row = Article.objects.filter(pk=article_id, state__in=Article.SHOWN).defer("search", "body").first()
    if row is None:
        raise Missing(_("没有这篇文章，或您无权查看"))
    if not row.quotable:
        raise Refused(_("这篇文章仅内部使用，不能引用给客户"))
    Article.unscoped.filter(pk=article_id).update(used=F("used") + 1)
