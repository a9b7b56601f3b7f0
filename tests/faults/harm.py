"""What goes wrong, one thing at a time. Each harm leaves the machine as it found it; the product must do the rest."""

import contextlib
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from tests.faults.interference import cut_sessions, jump, stop_network
from tests.faults.stage import ADDRESS, Stage

Harm = Callable[[Stage, random.Random], str]
PARTS = ("web", "worker", "clock", "live")


def kill_part(stage: Stage, dice: random.Random) -> str:
    name = dice.choice(PARTS)
    each(stage.parts().get(name, []))
    return f"kill -9 {name}"


def kill_several(stage: Stage, dice: random.Random) -> str:
    """Two or more of everything, one after the other in any order, so they also come back in any order."""
    names = dice.sample((*PARTS, "database"), dice.randint(2, 5))
    for name in names:
        if name == "database":
            each(stage.parts().get("postgres", []))
        else:
            each(stage.parts().get(name, []))
        time.sleep(dice.uniform(0, 1.5))
    _database_back(stage, dice)
    return "kill -9 several parts in any order"


def kill_web_worker(stage: Stage, dice: random.Random) -> str:
    """One of the web's processes in the middle of a request."""
    each(dice.sample(found, 1) if (found := stage.parts().get("web", [])) else [])
    return "kill -9 one web process"


def kill_database(stage: Stage, dice: random.Random) -> str:
    each(stage.parts().get("postgres", []))
    _database_back(stage, dice)
    return "kill -9 postgres"


def kill_session(stage: Stage, dice: random.Random) -> str:
    """The server process of one connection: PostgreSQL ends all the others and recovers."""
    children = [child for one in stage.parts().get("postgres", []) for child in one.children()]
    backends = [one for one in children if "yinuo yinuo" in _words(one)]
    each(dice.sample(backends, 1) if backends else [])
    return "kill -9 one database session"


def freeze(stage: Stage, dice: random.Random) -> str:
    """A part is there and does not answer for some seconds, as on a machine that swaps."""
    name = dice.choice((*PARTS, "postgres"))
    found = stage.parts().get(name, [])
    if name == "postgres":
        found = [*found, *(child for one in found for child in one.children(recursive=True))]
    each(found, signal.SIGSTOP)
    time.sleep(dice.uniform(2, 6))
    each(found, signal.SIGCONT)
    return f"{name} frozen"


def kill_mail_server(stage: Stage, dice: random.Random) -> str:
    stage.dovecot.stop(signal.SIGKILL)
    time.sleep(dice.uniform(1, 4))
    stage.dovecot.start()
    return "kill -9 dovecot"


def renumber_mailbox(stage: Stage, dice: random.Random) -> str:
    """The mail server forgets every number it gave out, as after a restore."""
    stage.dovecot.stop(signal.SIGKILL)
    stage.dovecot.renumber(ADDRESS)
    stage.dovecot.start()
    return "mailbox given new numbers"


def no_smtp(stage: Stage, dice: random.Random) -> str:
    stage.stop_smtp()
    time.sleep(dice.uniform(2, 5))
    stage.start_smtp()
    return "SMTP server away"


def refusing_smtp(stage: Stage, dice: random.Random) -> str:
    stage.inbox.refuse_data = "451 4.3.0 later"
    time.sleep(dice.uniform(2, 5))
    stage.inbox.refuse_data = None
    return "SMTP server refuses for a while"


def fill_disk(stage: Stage, dice: random.Random) -> str:
    """The last byte of the installation's disk is used, then it is free again."""
    filler = Path(stage.home) / "filler"
    with contextlib.suppress(OSError), filler.open("wb") as out:
        while True:
            out.write(b"\0" * (1 << 20))
            out.flush()
    time.sleep(dice.uniform(2, 5))
    filler.unlink(missing_ok=True)
    _database_back(stage, dice)
    return "disk full"


def restart(stage: Stage, dice: random.Random) -> str:
    """All of it, asked to stop or simply killed, and started again."""
    how = dice.choice((signal.SIGTERM, signal.SIGKILL))
    stage.stop(how)
    if how == signal.SIGKILL:
        time.sleep(1)
    stage.start()
    return f"everything restarted after {how.name}"


def harms(stage: Stage) -> list[Harm]:
    """As often as they stand here; what this machine or this stage cannot do is left out."""
    found = [
        kill_part, kill_part, kill_several, kill_web_worker, kill_database, kill_session, cut_sessions, freeze, kill_mail_server,
        renumber_mailbox, no_smtp, refusing_smtp, restart, stop_network, stop_network, stop_network,
    ]  # fmt: skip
    return found + [fill_disk] * stage.small_disk + [jump, jump, jump] * stage.jumps


def _database_back(stage: Stage, dice: random.Random) -> None:
    """An embedded one is its keeper's business; one outside comes back later than those who need it."""
    if stage.outside:
        time.sleep(dice.uniform(1, 8) if not stage.outside.cluster.alive() else 0)
        stage.outside.come_back()


def _words(one: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error):
        return " ".join(one.cmdline())
    return ""


def each(processes: list[psutil.Process], how: signal.Signals = signal.SIGKILL) -> None:
    for one in processes:
        with contextlib.suppress(psutil.Error, OSError):
            os.kill(one.pid, how)
