"""What goes wrong, one thing at a time. Each harm leaves the machine as it found it; the product must do the rest."""

import contextlib
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from tests.faults.stage import Stage

PARTS = ("web", "worker", "clock", "live")


def kill_part(stage: Stage, dice: random.Random) -> str:
    name = dice.choice(PARTS)
    _each(stage.parts().get(name, []), signal.SIGKILL)
    return f"kill -9 {name}"


def kill_web_worker(stage: Stage, dice: random.Random) -> str:
    """One of the web's processes in the middle of a request."""
    _each(dice.sample(found, 1) if (found := stage.parts().get("web", [])) else [], signal.SIGKILL)
    return "kill -9 one web process"


def kill_database(stage: Stage, dice: random.Random) -> str:
    _each(stage.parts().get("postgres", []), signal.SIGKILL)
    return "kill -9 postgres"


def kill_session(stage: Stage, dice: random.Random) -> str:
    """The server process of one connection: PostgreSQL ends all the others and recovers."""
    children = [child for one in stage.parts().get("postgres", []) for child in one.children()]
    backends = [
        one
        for one in children
        if "client backend" in " ".join(one.cmdline())
        or "127.0.0.1" in " ".join(one.cmdline())
        or "[local]" in " ".join(one.cmdline())
    ]
    _each(dice.sample(backends, 1) if backends else [], signal.SIGKILL)
    return "kill -9 one database session"


def cut_connections(stage: Stage, dice: random.Random) -> str:
    """As when the network to the database goes."""
    with contextlib.suppress(Exception), stage.connect() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
    return "all database connections cut"


def freeze(stage: Stage, dice: random.Random) -> str:
    """A part is there and does not answer for some seconds, as behind a dead network."""
    name = dice.choice((*PARTS, "postgres"))
    found = stage.parts().get(name, [])
    if name == "postgres":
        found = [*found, *(child for one in found for child in one.children(recursive=True))]
    _each(found, signal.SIGSTOP)
    time.sleep(dice.uniform(2, 6))
    _each(found, signal.SIGCONT)
    return f"{name} frozen"


def kill_mail_server(stage: Stage, dice: random.Random) -> str:
    stage.dovecot.stop(signal.SIGKILL)
    time.sleep(dice.uniform(1, 4))
    stage.dovecot.start()
    return "kill -9 dovecot"


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
    return "disk full"


def restart(stage: Stage, dice: random.Random) -> str:
    """All of it, asked to stop or simply killed, and started again."""
    how = dice.choice((signal.SIGTERM, signal.SIGKILL))
    stage.stop(how)
    if how == signal.SIGKILL:
        time.sleep(1)
    stage.start()
    return f"everything restarted after {how.name}"


def harms(stage: Stage) -> list[Callable[[Stage, random.Random], str]]:
    found = [
        kill_part,
        kill_part,
        kill_web_worker,
        kill_database,
        kill_session,
        cut_connections,
        freeze,
        kill_mail_server,
        no_smtp,
        refusing_smtp,
        restart,
    ]
    return [*found, fill_disk] if stage.small_disk else found


def _each(processes: list[psutil.Process], how: signal.Signals) -> None:
    for one in processes:
        with contextlib.suppress(psutil.Error, OSError):
            os.kill(one.pid, how)
