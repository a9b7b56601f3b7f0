"""Reads about promises: the board and rates, one promise, what a change would move, standards, when to wake."""

from yinuo.promises.queries.board import board as board
from yinuo.promises.queries.board import counts as counts
from yinuo.promises.queries.board import in_group as in_group
from yinuo.promises.queries.board import rate as rate
from yinuo.promises.queries.board import rates as rates
from yinuo.promises.queries.board import settled as settled
from yinuo.promises.queries.detail import amends as amends
from yinuo.promises.queries.detail import apologies_beside as apologies_beside
from yinuo.promises.queries.detail import cost_so_far as cost_so_far
from yinuo.promises.queries.detail import of_matter as of_matter
from yinuo.promises.queries.detail import promise as promise
from yinuo.promises.queries.detail import to_make_good as to_make_good
from yinuo.promises.queries.detail import told_to_customer as told_to_customer
from yinuo.promises.queries.moves import calendar_preview as calendar_preview
from yinuo.promises.queries.moves import standard_moves as standard_moves
from yinuo.promises.queries.snoozing import aside as aside
from yinuo.promises.queries.snoozing import task_aside as task_aside
from yinuo.promises.queries.spacing import last_done as last_done
from yinuo.promises.queries.spacing import next_allowed as next_allowed
