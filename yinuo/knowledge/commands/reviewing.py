"""Letting pass, sending back, looking again in time, and taking out of use."""

from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import nothing_done, record
from yinuo.kernel.clock import CST
from yinuo.kernel.command import command
from yinuo.kernel.errors import Denied, Invalid, Refused
from yinuo.kernel.events import emit
from yinuo.knowledge.commands.rows import locked_article, open_edition, saved, show, tell
from yinuo.knowledge.commands.words import asked
from yinuo.knowledge.models import Article, Edition
from yinuo.knowledge.queries import publishers
from yinuo.knowledge.rules.life import LONGEST_DAYS, may_review, review_day, warn_day

#: So many are announced in one transaction.
BATCH = 200


def _waiting(row: Article) -> Edition:
    edition = open_edition(row)
    if edition is None or edition.state != Edition.State.REVIEW or row.state == Article.State.RETIRED:
        raise Refused(_("这篇文章没有等待审核的内容"))
    return edition


def _next_look(given: date | None, at: datetime) -> date:
    today = at.astimezone(CST).date()
    day = given or review_day(today)
    if not today < day <= today + timedelta(days=LONGEST_DAYS):
        sentence = _("下次复查的日期要在明天到 %(days)d 天之内") % {"days": LONGEST_DAYS}
        raise Invalid(sentence, fields={"review_by": sentence})
    return day


@command("article.publish", needs="knowledge.publish")
def publish_article(
    *, article_id: int, review_by: date | None = None, expected_version: int | None = None, by: Actor, at: datetime
) -> Article:
    """Let the waiting edition pass: readers see it from now on, and by `review_by` (180 days unless said) somebody has
    to look at it again. Nobody passes words of their own, unless nobody else could.
    """
    row = locked_article(article_id, expected_version)
    edition = _waiting(row)
    if by.staff_id and not may_review(by.staff_id, edition.writers, publishers().values_list("pk", flat=True)):
        raise Denied(_("不能审核自己写的内容，请别的审核人来看"), code="own_words")
    day = _next_look(review_by, at)
    Edition.unscoped.filter(article=row, state=Edition.State.PUBLISHED).update(state=Edition.State.REPLACED)
    edition.state, edition.decided_by_id, edition.decided_at = Edition.State.PUBLISHED, by.staff_id, at
    edition.save()
    show(row, edition.content())
    row.state, row.edition, row.published_at = Article.State.PUBLISHED, edition.number, at
    row.review_by, row.warned = day, False
    saved(row, at)
    text = _("第 %(number)d 版已发布，%(day)s 前要复查") % {"number": edition.number, "day": day.isoformat()}
    topics = tell(row, {row.owner_id, *edition.writers}, "published", text, at)
    emit("article.published", topics=topics, article_id=row.pk)
    record(row, {"edition": edition.number, "review_by": day.isoformat()})
    return row


@command("article.return", needs="knowledge.publish")
def return_article(
    *, article_id: int, comment: str, expected_version: int | None = None, by: Actor, at: datetime
) -> Article:
    """Not like this: a draft again, with what has to be put right."""
    row = locked_article(article_id, expected_version)
    edition = _waiting(row)
    why = asked(comment, 500, "comment", _("请写明要改什么"))
    edition.state, edition.comment = Edition.State.WRITING, why
    edition.decided_by_id, edition.decided_at = by.staff_id, at
    edition.save()
    if not row.edition:
        row.state = Article.State.DRAFT
    saved(row, at)
    topics = tell(row, {row.owner_id, *edition.writers}, "returned", _("退回修改：%(why)s") % {"why": why}, at)
    emit("article.returned", topics=topics, article_id=row.pk)
    record(row, {"edition": edition.number})
    return row


@command("article.renew", needs="knowledge.publish")
def renew_article(
    *, article_id: int, review_by: date | None = None, expected_version: int | None = None, by: Actor, at: datetime
) -> Article:
    """Looked at again and still right: good until the next day named."""
    row = locked_article(article_id, expected_version)
    if row.state not in Article.SHOWN:
        raise Refused(_("只有发布过的文章才需要复查"))
    row.state, row.review_by, row.warned = Article.State.PUBLISHED, _next_look(review_by, at), False
    saved(row, at)
    record(row, {"review_by": row.review_by.isoformat()})
    return row


@command("article.expire", needs="knowledge.publish")
def expire_article(
    *, article_id: int, reason: str, expected_version: int | None = None, by: Actor, at: datetime
) -> Article:
    """Right no longer, before its day: still found, but marked, until it is renewed or rewritten."""
    row = locked_article(article_id, expected_version)
    if row.state != Article.State.PUBLISHED:
        raise Refused(_("只有已发布的文章会过期"))
    why = asked(reason, 300, "reason", _("请写明原因"))
    row.state = Article.State.EXPIRED
    saved(row, at)
    _announce(row, "expired", _("标记为过期：%(why)s") % {"why": why}, at)
    record(row, {"reason": why})
    return row


@command("article.retire", needs="knowledge.write")
def retire_article(
    *, article_id: int, reason: str, expected_version: int | None = None, by: Actor, at: datetime
) -> Article:
    """Out of use, kept with all its editions. One that was published is taken out by who may publish."""
    row = locked_article(article_id, expected_version)
    if row.state == Article.State.RETIRED:
        raise Refused(_("这篇文章已经停用"))
    if row.edition and not by.may("knowledge.publish"):
        raise Denied(_("发布过的文章由审核人停用"))
    row.state, row.retired_reason = Article.State.RETIRED, asked(reason, 300, "reason", _("请写明原因"))
    saved(row, at)
    if row.owner_id != by.staff_id:
        _announce(row, "retired", _("已停用：%(why)s") % {"why": row.retired_reason}, at)
    record(row, {"reason": row.retired_reason})
    return row


@command("article.restore", needs="knowledge.publish")
def restore_article(*, article_id: int, expected_version: int | None = None, by: Actor, at: datetime) -> Article:
    """Back from retirement: a draft again, or, having been published, expired until somebody has looked at it."""
    row = locked_article(article_id, expected_version)
    if row.state != Article.State.RETIRED:
        raise Refused(_("这篇文章没有停用"))
    edition = open_edition(row)
    waits = edition is not None and edition.state == Edition.State.REVIEW
    fresh = Article.State.REVIEW if waits else Article.State.DRAFT
    row.state, row.retired_reason = Article.State.EXPIRED if row.edition else fresh, ""
    saved(row, at)
    record(row)
    return row


@command("article.expire_due", internal=True)
def expire_due(*, by: Actor, at: datetime) -> int:
    """Those whose day has come expire, and those whose day is near are announced, once each, however late this runs."""
    today = at.astimezone(CST).date()
    near = Article.unscoped.select_for_update(no_key=True, skip_locked=True).filter(
        state=Article.State.PUBLISHED, review_by__lte=warn_day(today)
    )
    due = list(near.filter(review_by__lte=today).defer("search").order_by("pk")[:BATCH])
    for row in due:
        row.state = Article.State.EXPIRED
        saved(row, at)
        _announce(row, "expired", _("复查日期到了，已标记为过期；核对后请续期或改写"), at)
        record(row, {"review_by": row.review_by.isoformat() if row.review_by else ""})
    soon = list(near.filter(review_by__gt=today, warned=False).defer("search").order_by("pk")[:BATCH])
    for row in soon:
        row.warned = True
        row.save(update_fields=["warned"])
        day = row.review_by.isoformat() if row.review_by else ""
        _announce(row, "due", _("%(day)s 到期，请核对内容是否还对") % {"day": day}, at)
        record(row, {"warned": day})
    if not due and not soon:
        nothing_done()
    return len(due) + len(soon)


def _announce(row: Article, kind: str, text: str, at: datetime) -> None:
    """To its owner; where that one has left, to all who may let articles pass."""
    active = row.owner is not None and row.owner.is_active
    people = [row.owner_id] if active else list(publishers().values_list("pk", flat=True))
    emit(f"article.{kind}", topics=tell(row, people, kind, text, at), article_id=row.pk)
