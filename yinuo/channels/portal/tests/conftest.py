"""A desk that takes what comes through the portal, and a browser-less visitor."""

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.test import Client

from tests.worlds import world
from yinuo.channels.portal import proof
from yinuo.complaints.tests.conftest import Walk, build
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as
from yinuo.matters.commands import assign_matter
from yinuo.matters.models import Matter
from yinuo.promises.commands import load_pack

#: A Monday afternoon in China.
NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@world
def made_desk():
    with clock.frozen(NOW):
        firm = build()
        with acting_as(firm.system):
            load_pack(name="common")
        return firm


@pytest.fixture
def desk(made_desk):
    """The complaint desk of `complaints`, with the common standards in force."""
    with clock.frozen(NOW):
        yield made_desk


class Adopted(Walk):
    """Takes a complaint that came through the portal along the stages."""

    def __init__(self, firm, matter_id):
        self.firm, self.handler, self.id = firm, firm.wang, matter_id
        with acting_as(firm.qian):
            assign_matter(matter_id=matter_id, owner_id=firm.wang.id, expected_version=self.row.matter.version)


@pytest.fixture
def adopted(desk, filed):
    return Adopted(desk, filed.matter.pk)


class Visitor:
    """A phone without a script: fills forms as they are served, waits, follows redirects."""

    def __init__(self, at: datetime = NOW, address: str = "203.0.113.9") -> None:
        self.client = Client(REMOTE_ADDR=address, enforce_csrf_checks=True)
        self.at = at

    def get(self, path: str):
        with clock.frozen(self.at):
            return self.client.get(path, follow=True)

    def send(self, path: str, *, wait: int = 10, page: str = "", follow: bool = True, **values):
        """Open the page, take its hidden fields, wait and send."""
        shown = self.get(page or path)
        self.at += timedelta(seconds=wait)
        return self.post(path, follow=follow, **{**hidden(shown.content.decode()), **values})

    def post(self, path: str, *, follow: bool = True, **values):
        with clock.frozen(self.at):
            return self.client.post(path, values, follow=follow)


def hidden(html: str) -> dict[str, str]:
    found = {}
    for name in ("csrfmiddlewaretoken", "ticket", "sha256"):
        match = re.search(rf'name="{name}" value="([^"]+)"', html)
        if match:
            found[name] = match[1]
    return found


def solve(token: str) -> str:
    return next(str(n) for n in range(10_000_000) if proof.solved(token, str(n)))


@pytest.fixture
def visitor():
    return Visitor()


COMPLAINT = {
    "content": "机油滤芯漏油，停了两天工。", "wishes": ["replace", "apology"], "demand": "尽快", "name": "王小明",
    "phone": "13812345678", "email": "",
}  # fmt: skip


@pytest.fixture
def filed(desk, visitor):
    """A complaint just sent; the visitor stands on the receipt."""
    answer = visitor.send("/p/new/complaint/", **COMPLAINT)
    assert answer.status_code == 200, answer.content.decode()[:2000]
    path = answer.redirect_chain[-1][0].split("?")[0]
    return SimpleNamespace(
        matter=Matter.unscoped.select_related("customer", "conversation").latest("pk"),
        page=answer.content.decode(),
        path=path,
    )
