"""Everything that writes a promise. Each file is one verb of its life.

making      from standards                                announcing  the clock's step
fulfilling  kept, renewed (interim replies), kept late    pausing     while we wait for the customer
changing    waiver, with approval                         costing     what a breach costs
extending   extension, with approval and the customer told
moving      to a new owner, or released                   replanning  calendars and standards change
standards   standards and packs               applying    a standard, by hand
personal    what people said, a time they named           spacing     not more often than a standard says
snoozing    a row of one's day put aside    handing        to a colleague, with what it belongs to
following   done, and the next one planned                reconsidering  the case is of another kind now
taking_back a hand-over undone
"""

from yinuo.promises.commands.announcing import announce_due as announce_due
from yinuo.promises.commands.announcing import bring_up_to_date as bring_up_to_date
from yinuo.promises.commands.applying import by_hand as by_hand
from yinuo.promises.commands.applying import make_by_standard as make_by_standard
from yinuo.promises.commands.changing import apply_waiver as apply_waiver
from yinuo.promises.commands.changing import reject_change as reject_change
from yinuo.promises.commands.changing import request_waiver as request_waiver
from yinuo.promises.commands.costing import ask_compensation_again as ask_compensation_again
from yinuo.promises.commands.costing import decide_compensation as decide_compensation
from yinuo.promises.commands.costing import make_good as make_good
from yinuo.promises.commands.costing import remind_to_pay as remind_to_pay
from yinuo.promises.commands.costing import settle_compensation as settle_compensation
from yinuo.promises.commands.costing import tell_nobody_approves as tell_nobody_approves
from yinuo.promises.commands.extending import apply_extension as apply_extension
from yinuo.promises.commands.extending import request_extension as request_extension
from yinuo.promises.commands.extending import tell_extension as tell_extension
from yinuo.promises.commands.following import follow_up as follow_up
from yinuo.promises.commands.fulfilling import keep_promise as keep_promise
from yinuo.promises.commands.fulfilling import meet_held as meet_held
from yinuo.promises.commands.fulfilling import meet_promises as meet_promises
from yinuo.promises.commands.fulfilling import renew_promise as renew_promise
from yinuo.promises.commands.handing import assign_promise as assign_promise
from yinuo.promises.commands.making import make_promises as make_promises
from yinuo.promises.commands.moving import carry_promises as carry_promises
from yinuo.promises.commands.moving import move_promises as move_promises
from yinuo.promises.commands.moving import release_promises as release_promises
from yinuo.promises.commands.pausing import pause_promise as pause_promise
from yinuo.promises.commands.pausing import pause_promises as pause_promises
from yinuo.promises.commands.pausing import resume_promise as resume_promise
from yinuo.promises.commands.pausing import resume_promises as resume_promises
from yinuo.promises.commands.personal import make_personal_promise as make_personal_promise
from yinuo.promises.commands.reconsidering import reconsider_promises as reconsider_promises
from yinuo.promises.commands.replanning import replan_for_calendar as replan_for_calendar
from yinuo.promises.commands.snoozing import snooze_promise as snooze_promise
from yinuo.promises.commands.snoozing import snooze_task as snooze_task
from yinuo.promises.commands.snoozing import unsnooze_promise as unsnooze_promise
from yinuo.promises.commands.snoozing import unsnooze_task as unsnooze_task
from yinuo.promises.commands.standards import load_pack as load_pack
from yinuo.promises.commands.standards import remove_pack as remove_pack
from yinuo.promises.commands.standards import remove_standard as remove_standard
from yinuo.promises.commands.standards import save_standard as save_standard
from yinuo.promises.commands.taking_back import take_back as take_back
