"""One verb of the complaint desk."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from yinuo.web.forms.base import PageForm
from yinuo.web.routes import Needs

HANDLE, SUPERVISE = "complaint.handle", "complaint.supervise"


@dataclass(frozen=True)
class Action:
    """One verb: its form, its command, what is said afterwards. `subject` names the argument that takes the id in
    the address: the complaint's own, or that of a row of it (then the address has a second number).
    """

    verb: str
    title: Any
    form: type[PageForm]
    command: Callable[..., Any]
    done: Any
    needs: Needs = HANDLE
    subject: str = "complaint_id"
    stale: bool = True
    submit: Any = ""
    template: str = "complaints/plain.jinja"
    confirm: Any = ""
    about: Any = ""
    initial: Callable[[Any, int], dict[str, Any]] | None = None
    options: Callable[[Any], dict[str, Any]] | None = None
    draft: bool = False

    @property
    def nested(self) -> bool:
        return self.subject not in ("complaint_id", "matter_id", "into_id")
