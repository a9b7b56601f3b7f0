"""Standards, the promises made from them, and everything that happens to a promise."""

from yinuo.promises.models.happenings import Compensation as Compensation
from yinuo.promises.models.happenings import PromiseChange as PromiseChange
from yinuo.promises.models.happenings import PromiseEvent as PromiseEvent
from yinuo.promises.models.promise import Promise as Promise
from yinuo.promises.models.snooze import Snooze as Snooze
from yinuo.promises.models.standard import Standard as Standard
