"""The hot path of mail coming in: the very rows `mail.understand` and what follows from it write, for many at a time.

Only the plain case goes this way: a letter by itself, of words alone, from a sender who is new or recognised, that
begins a conversation. Anything else is left to the command, one by one. `tests/test_mail_together.py` holds the two
against each other row by row, and `STANDS_FOR` against `reactions.py`. docs/decisions/mail-together.md says why.

claiming    the first that wait and nobody else is at, and those of them that are plain as far as the letter tells
known       what is held, and the one read
rows        what is written, in the order of the command
group       a group in one transaction
draining    whatever waits, group after group; what is left of one goes by the command
"""
