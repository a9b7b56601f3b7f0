"""The gateway's way in: `python -m yinuo.live.main --host … --port …`. Open streams end at once on a stop signal."""

import argparse
from collections.abc import Sequence
from types import FrameType

import uvicorn

from yinuo.live import app as gateway


class Server(uvicorn.Server):
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if gateway.hub is not None:
            gateway.hub.close_all()
        super().handle_exit(sig, frame)


def main(arguments: Sequence[str] | None = None) -> None:
    options = argparse.ArgumentParser(prog="yinuo live")
    options.add_argument("--host", default="127.0.0.1")
    options.add_argument("--port", type=int, default=8001)
    given = options.parse_args(arguments)
    config = uvicorn.Config(
        gateway.app, host=given.host, port=given.port, log_config=None, log_level="warning", access_log=False,
        lifespan="on", timeout_graceful_shutdown=3, timeout_keep_alive=30, backlog=4096,
    )  # fmt: skip
    Server(config).run()


if __name__ == "__main__":
    main()
