"""What became of an article or a template in daily work."""

from django.db import models
from django.db.models import Q

from yinuo.kernel.actor import Actor
from yinuo.kernel.scope import Scoped, nobody_at
from yinuo.knowledge.models.article import Article
from yinuo.knowledge.models.template import ReplyTemplate
from yinuo.matters.models import Matter


class Use(Scoped):
    """Put into an answer: by whom, and about what. Seen by whoever sees the matter, and by whoever did it."""

    article = models.ForeignKey(Article, models.CASCADE, null=True, related_name="uses", db_index=False)
    template = models.ForeignKey(ReplyTemplate, models.CASCADE, null=True, related_name="uses", db_index=False)
    matter = models.ForeignKey("matters.Matter", models.CASCADE, null=True, related_name="+", db_index=False)
    conversation = models.ForeignKey(
        "conversations.Conversation", models.CASCADE, null=True, related_name="+", db_index=False
    )
    staff = models.ForeignKey("identity.Staff", models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()

    @classmethod
    def visible_q(cls, actor: Actor, prefix: str = "") -> Q:
        if actor.kind == "customer":
            return nobody_at(prefix)
        through = Matter.visible_q(actor, f"{prefix}matter__")
        return through | Q(**{f"{prefix}staff_id": actor.staff_key}) if through else through

    class Meta:
        base_manager_name = "unscoped"
        indexes = [
            models.Index(fields=["article", "-at", "-id"], name="use_of_article"),
            models.Index(fields=["template", "-at", "-id"], name="use_of_template"),
            models.Index(fields=["matter"], name="use_by_matter"),
            models.Index(fields=["conversation"], name="use_by_conversation"),
        ]


class Rating(Scoped):
    """有用 or 没用, one per reader."""

    scope_parent = "article"
    article = models.ForeignKey(Article, models.CASCADE, related_name="ratings", db_index=False)
    staff = models.ForeignKey("identity.Staff", models.CASCADE, related_name="+", db_index=False)
    useful = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        base_manager_name = "unscoped"
        constraints = [models.UniqueConstraint(fields=["article", "staff"], name="rating_once")]


class ArticleNews(Scoped):
    """Something one person is told about an article: it waits for a look, it was sent back, its day has come."""

    scope_parent = "article"
    article = models.ForeignKey(Article, models.CASCADE, related_name="news", db_index=False)
    told = models.ForeignKey("identity.Staff", models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=10)
    text = models.CharField(max_length=500)
    at = models.DateTimeField()

    class Meta:
        base_manager_name = "unscoped"
        indexes = [
            models.Index(fields=["told", "-at"], name="article_news_by_told"),
            models.Index(fields=["article"], name="article_news_by_article"),
        ]
