"""Files nobody sent, and files nobody needs any more."""

from datetime import timedelta

from yinuo.conversations.commands import sweep_uploads
from yinuo.jobs.deferring import job, periodic
from yinuo.kernel import clock
from yinuo.kernel.blobs import forget_strays, forget_unreferred
from yinuo.kernel.steady import unhurried


@periodic("43 * * * *")
@job("files.sweep", retry=None)
def sweep(timestamp: int = 0) -> dict[str, int]:
    """Uploads whose form was never sent, after a day; then the bytes that nothing refers to."""
    return {"uploads": sweep_uploads(at=unhurried(clock.now())), "files": forget_unreferred()}


@periodic("37 3 * * *")
@job("files.sweep_strays", retry=None)
def sweep_strays(timestamp: int = 0) -> int:
    """Once a day: bytes without a row, which a rolled-back transaction or a power cut left behind."""
    return forget_strays(unhurried(clock.now()) - timedelta(days=1))
