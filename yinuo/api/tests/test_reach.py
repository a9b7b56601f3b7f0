"""What a person can do on a page, a program can do with a key; what it cannot is listed here with the reason."""

import re
from pathlib import Path

import yinuo.api.urls  # noqa: F401 declares the operations
from yinuo.api.operations import OPERATIONS
from yinuo.kernel.command import COMMANDS

#: Commands no operation runs: name, or "noun.*" for a whole noun.
NOT_BY_API = {
    "staff.*": "accounts, passwords and absences: people's own; a program that could make accounts could raise itself",
    "entry.*": "how people get in, and for how long, is decided by a person",
    "role.*": "who may do what is decided by a person looking at the whole list",
    "unit.*": "the organisation is kept by a person; units are read from the matters",
    "key.*": "a key that makes keys outlives its own revocation",
    "intake.*": "what a program sent and could not be registered is put right by a person; the program sees its receipt",
    "mailbox.*": "holds passwords of other servers, tried out on the page before they are saved",
    "mail.note_raw": "leaves a trace that a person downloaded a mail",
    "mail.read_raw": "shows a person, for a reason, what no program could read",
    "mail.retry": "mail that cannot be read is worked through with its raw file in view",
    "mail.ignore": "as mail.retry",
    "mail.resend": "as mail.retry: somebody has just mended what made sending fail",
    "calendar.*": "moves every open promise; the page shows which before it is applied",
    "standard.*": "as calendar.*",
    "wording.lay_down": "run once when the product is installed",
    "wording.import_rules": "a table a person has looked through; a program adds rules one by one",
    "customer.view": "leaves a trace that a person opened a card; reading one customer by API leaves the same",
    "customer.print": "leaves a trace that a person opened a paper",
    "customer.set_rule": "by what customers are judged, and colleagues watched, is decided by a person",
    "approval.edit_rules": "who must agree to money is decided by a person",
    "approval.seed_rules": "run once when the product is installed",
    "promise.take_back": "the way back of a page that has just handed several over; a program assigns each to whom it was with",
    "notice.read": "a person has looked at the list of the page",
    "tour.*": "what of the introduction a person has seen",
    "draft.*": "what a person has typed and not sent",
    "view.*": "a person's own list filters",
    "complaint.note_printed": "leaves a trace that a person opened a paper",
    "complaint.note_report_printed": "as complaint.note_printed",
    "complaint.export_report": "answers a file for a person; the same rows are read with GET /complaints",
    "complaint.export_list": "as complaint.export_report",
    "board.export": "as complaint.export_report",
    "display.*": "a link for a screen on a wall: made, and taken back, by a person who stands before it",
    "schedule.*": "to whom figures are sent by themselves is decided by a person",
    "survey.export_results": "answers a file for a person; the same figures are read with GET /surveys/results",
    "survey.export_answers": "as survey.export_results, with GET /surveys/answers",
    "portal.reveal_code": "with the code one is the customer: told by a person who has checked who is calling",
    "portal.*": "the customer's own side, behind a link or a code",
}


def listed(name: str) -> bool:
    return name in NOT_BY_API or f"{name.partition('.')[0]}.*" in NOT_BY_API


def declared() -> dict[str, object]:
    """Every command a person or a customer may give, tests' own apart."""
    return {n: d for n, d in COMMANDS.items() if not d.internal and not n.startswith("test.")}


def test_every_command_is_reachable_or_listed_with_a_reason() -> None:
    reached = {op.does for op in OPERATIONS if op.does}
    of_customers = {n for n, d in declared().items() if d.needs == "portal.use"}
    assert {n for n in declared() if n not in reached | of_customers and not listed(n)} == set()


def test_no_reason_is_kept_for_what_is_reached() -> None:
    reached = {op.does for op in OPERATIONS if op.does}
    assert {n for n in reached if listed(n)} == set()
    for name, reason in NOT_BY_API.items():
        noun = name.removesuffix("*")
        assert any(n == name or (name.endswith("*") and n.startswith(noun)) for n in declared()), name
        assert reason


def test_an_operation_needs_what_its_command_needs() -> None:
    for op in OPERATIONS:
        assert bool(op.does) == (op.method != "GET"), op
        if op.does:
            assert op.needs == declared()[op.does].needs


def test_every_command_is_imported_here() -> None:
    """The walk above sees every command of the source."""
    root = Path(__file__).resolve().parents[2]
    written = {
        name for path in root.rglob("*.py") if "tests" not in path.parts
        for name in re.findall(r'@command\(\s*"([a-z_.]+)", needs=', path.read_text("utf-8"))
    }  # fmt: skip
    assert written == set(declared())
