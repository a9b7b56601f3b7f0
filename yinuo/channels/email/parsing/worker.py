"""The parsing process: reads raw messages from its input, answers on its output, and may be killed any time.

Started by ``sandbox`` as ``python -m yinuo.channels.email.parsing.worker MEMORY_MB``; knows no database.
"""

from __future__ import annotations

import json
import os
import resource
import struct
import sys
from typing import BinaryIO

from yinuo.channels.contract import Unparseable
from yinuo.channels.email.parsing.understand import parse
from yinuo.channels.email.parsing.wire import dump


def _answer(out: BinaryIO, header: bytes, contents: list[bytes]) -> None:
    out.write(struct.pack("<IQ", len(header), sum(len(c) for c in contents)))
    out.write(header)
    for content in contents:
        out.write(content)
    out.flush()


def serve(source: BinaryIO, out: BinaryIO) -> None:
    """One message after another until the input ends."""
    while len(head := source.read(8)) == 8:
        raw = source.read(struct.unpack("<Q", head)[0])
        try:
            header, contents = dump(parse(raw))
        except Unparseable as error:
            header, contents = json.dumps({"unparseable": error.code, "detail": error.detail}).encode("ascii"), []
        _answer(out, header, contents)


def main() -> None:
    limit = int(sys.argv[1]) * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # A parser has no business creating files or processes' worth of descriptors.
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        serve(sys.stdin.buffer, answers)
    except MemoryError:
        os._exit(77)


if __name__ == "__main__":
    main()
