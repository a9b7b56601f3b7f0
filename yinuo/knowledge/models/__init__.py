"""Articles with their versions, reply templates, and what became of both in daily work."""

from yinuo.knowledge.models.article import Article as Article
from yinuo.knowledge.models.article import Content as Content
from yinuo.knowledge.models.article import Edition as Edition
from yinuo.knowledge.models.template import ReplyTemplate as ReplyTemplate
from yinuo.knowledge.models.using import ArticleNews as ArticleNews
from yinuo.knowledge.models.using import Rating as Rating
from yinuo.knowledge.models.using import Use as Use
