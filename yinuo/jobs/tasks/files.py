"""Files nobody sent, and files nobody needs any more."""

from yinuo.conversations.commands import sweep_uploads
from yinuo.jobs.deferring import job, periodic
from yinuo.kernel.blobs import forget_unreferred


@periodic("43 * * * *")
@job("files.sweep", retry=None)
def sweep(timestamp: int = 0) -> dict[str, int]:
    """Uploads whose form was never sent, after a day; then the bytes that nothing refers to."""
    return {"uploads": sweep_uploads(), "files": forget_unreferred()}
