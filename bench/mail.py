"""How many stored mails one worker makes visible in a second: parsed, customer found or made, thread, search, receipt queued."""

import io
import time
from email.message import EmailMessage
from typing import Any

from bench.client import Timing

TEXT = "发动机加注后漏油，怀疑产品质量问题。设备停机检查，油品外观正常，请尽快安排人员到现场查看。\n" * 8


def letter(stamp: int, n: int) -> bytes:
    made = EmailMessage()
    made["From"] = f"客户{n} <c{stamp}-{n}@example.com>"
    made["To"] = "service@example.com"
    made["Subject"] = f"柴机油漏油，第 {n} 封"
    made["Date"] = "Mon, 30 Nov 2026 10:00:00 +0800"
    made["Message-ID"] = f"<{stamp}.{n}@example.com>"
    made.set_content(TEXT)
    made.add_alternative(f"<p>{TEXT}</p>", subtype="html")
    return bytes(made)


def understood(bench: Any) -> None:
    from yinuo.channels.email.commands.intake import store_raw
    from yinuo.channels.email.flows import understand_stored
    from yinuo.channels.email.models import Mailbox
    from yinuo.kernel.actor import Actor, acting_as

    stamp, box = time.time_ns(), Mailbox.unscoped.order_by("pk")[0]
    with acting_as(Actor.system("bench")):
        stored = [
            store_raw(mailbox_id=box.pk, external_id=f"{stamp}:{n}", raw=io.BytesIO(letter(stamp, n)))[0].pk
            for n in range(int(bench.seconds * 150) + 5)
        ]
        for pk in stored[:5]:
            understand_stored(pk)
        timing = Timing("e-mail: from stored to visible, one worker", 1)
        started, cpu = time.perf_counter(), time.process_time()
        for pk in stored[5:]:
            before = time.perf_counter()
            timing.failed += understand_stored(pk) != "understood"
            timing.times.append((time.perf_counter() - before) * 1000)
            if time.perf_counter() - started > bench.seconds:
                break
    timing.seconds, timing.client_cpu = time.perf_counter() - started, time.process_time() - cpu
    bench.keep(timing)
