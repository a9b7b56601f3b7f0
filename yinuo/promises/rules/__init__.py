"""The rules of promises: pure functions and tables, no database, no clock, no actor.

standard.py  what a service standard says, and which standards apply to a case
plan.py      when a promise warns, breaks and climbs the ladder; `tick` decides what is due now
renewal.py   which happenings keep a promise and which renew it (interim replies)
breach.py    what a broken promise costs
moments.py   due times on a calendar, and how pause and extension move them
"""
