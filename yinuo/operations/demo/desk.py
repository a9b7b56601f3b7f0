"""Who plays which part in the demo, and when: within office hours, never in the future."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from yinuo.complaints.models import Complaint
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.clock import CST
from yinuo.operations.demo.people import Story


@dataclass
class Desk:
    """Who plays which part in the demo."""

    dice: Random
    actors: dict[str, Actor]
    units: dict[str, int]


@dataclass
class Case:
    desk: Desk
    story: Story
    complaint: Complaint
    agent: str
    at: datetime

    @property
    def chief(self) -> str:
        """Who leads the handler's desk."""
        return "supervisor" if self.agent in ("agent", "agent2") else "supervisor2"

    def step(self, hours: float) -> datetime:
        """The next moment something is done, within working hours and never in the future."""
        self.at = min(office(self.at + timedelta(hours=hours)), clock.now() - timedelta(minutes=5))
        return self.at

    def do(self, who: str, command: Callable[..., Any], hours: float, **values: Any) -> Any:
        with acting_as(self.desk.actors[who]):
            return command(at=self.step(hours), **values)


def office(at: datetime) -> datetime:
    """Moved into office hours (09:00–17:30 China time, Monday to Friday), never earlier."""
    local = at.astimezone(CST)
    if local.hour < 9:
        local = local.replace(hour=9, minute=local.minute % 30)
    elif (local.hour, local.minute) > (17, 30):
        local = (local + timedelta(days=1)).replace(hour=9, minute=local.minute % 30)
    while local.weekday() >= 5:
        local += timedelta(days=1)
    return local
