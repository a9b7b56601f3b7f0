"""What follows from what: one line per reaction, run in the transaction of the command that caused it.

A reaction climbs (a promise broke, so the complaint escalates) or defers a job (a reply was queued, so send it).
"""

from yinuo.kernel.events import on


def register() -> None:
    """Called once when the apps are ready; every reaction of the product is a line here."""
    _ = on
