"""Making mail visible: the worker is rung after each one stored (`rung.py`).

Should the thread be gone, or a mail have failed, the sweep of `tasks/mail.py` sees to it.
"""

from yinuo.jobs.mail_together.draining import drain
from yinuo.jobs.rung import Rung
from yinuo.kernel.bell import Bell

#: Where workers listen for work.
CHANNEL = "yinuo_mail"
bell = Bell(CHANNEL)
RUNG = Rung("mail", CHANNEL, drain)
#: So many take groups side by side: while one waits for the parser, the other writes.
HANDS = 2
