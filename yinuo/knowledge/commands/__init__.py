"""Writes about articles and reply templates."""

from yinuo.knowledge.commands.reviewing import expire_article as expire_article
from yinuo.knowledge.commands.reviewing import expire_due as expire_due
from yinuo.knowledge.commands.reviewing import publish_article as publish_article
from yinuo.knowledge.commands.reviewing import renew_article as renew_article
from yinuo.knowledge.commands.reviewing import restore_article as restore_article
from yinuo.knowledge.commands.reviewing import retire_article as retire_article
from yinuo.knowledge.commands.reviewing import return_article as return_article
from yinuo.knowledge.commands.templates import create_template as create_template
from yinuo.knowledge.commands.templates import edit_template as edit_template
from yinuo.knowledge.commands.templates import restore_template as restore_template
from yinuo.knowledge.commands.templates import retire_template as retire_template
from yinuo.knowledge.commands.using import rate_article as rate_article
from yinuo.knowledge.commands.using import use_knowledge as use_knowledge
from yinuo.knowledge.commands.writing import create_article as create_article
from yinuo.knowledge.commands.writing import edit_article as edit_article
from yinuo.knowledge.commands.writing import submit_article as submit_article
