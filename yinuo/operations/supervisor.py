"""Runs web, live, worker and clock as one group: starts, watches, restarts and stops them together."""

import logging
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType

from yinuo.operations.database import Keeper
from yinuo.operations.service import LOG_BYTES, Service
from yinuo.operations.words import Trouble, _

TRIES_BEFORE_READY = 4
GRACE = 20.0


class Supervisor:
    """Single-threaded on purpose: the children's death signal follows the thread that made them."""

    def __init__(self, keeper: Keeper | None = None) -> None:
        self.keeper = keeper
        self.services: list[Service] = []
        self.stop_requests = 0

    def listen(self) -> None:
        logging.raiseExceptions = False  # a full disk must not turn each log line into a traceback
        for wanted in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(wanted, self._stop_requested)

    def _stop_requested(self, _signal: int, _frame: FrameType | None) -> None:
        self.stop_requests += 1

    @property
    def stopping(self) -> bool:
        return self.stop_requests > 0

    def run(self, services: list[Service], announce: Callable[[], None]) -> None:
        """Until somebody asks to stop. `announce` is called once, when every service is ready."""
        self.services = services
        announced = False
        last_look = 0.0
        try:
            while not self.stopping:
                for service in services:
                    service.tick()
                    if not announced and service.failures >= TRIES_BEFORE_READY:
                        raise Trouble(
                            _("{name} 连续启动失败，详情见 {log}。").format(name=service.name, log=service.log_path),
                            4,
                        )
                if not announced and all(service.ready for service in services):
                    announced = True
                    announce()
                if time.monotonic() - last_look > 1:
                    self._look_after_database()
                    last_look = time.monotonic()
                time.sleep(0.1)
        finally:
            self.stop()

    def _look_after_database(self) -> None:
        cluster = self.keeper.cluster if self.keeper else None
        if cluster is None:
            return
        if not cluster.alive():
            print(_("数据库意外停止，正在恢复……"), file=sys.stderr, flush=True)
            cluster.relaunch()
            print(_("数据库已恢复。"), file=sys.stderr, flush=True)
        cluster.rotate_log(LOG_BYTES)

    def stop(self) -> None:
        """Everybody is asked at once; who does not go in time is ended together with its own children."""
        asked_before = self.stop_requests
        for service in self.services:
            service.terminate()
        until = time.monotonic() + GRACE
        while any(service.alive() for service in self.services) and time.monotonic() < until:
            for service in self.services:
                service.drain()
            if self.stop_requests > max(asked_before, 1):
                break
            time.sleep(0.05)
        for service in self.services:
            service.signal_group(signal.SIGKILL)
            service.drain()
            if service.process is not None:
                service.process.wait()
