"""The pages people live in, as a leader (who sees everything) and an agent (who sees one desk) get them."""

from typing import Any

ENTRIES = 200
LISTS = (
    ("my day", "/"),
    ("inbox", "/inbox/"),
    ("inbox, one channel", "/inbox/?channel=email"),
    ("matter list", "/matters/"),
    ("matter list, closed complaints", "/matters/?open=0&kind=complaint"),
    ("customer list", "/customers/"),
    ("customer list, grade A", "/customers/?grade=A"),
    ("promise board", "/promises/"),
    ("promise board, mine", "/promises/?whose=me"),
    ("complaint list", "/complaints/"),
)


def measure(bench: Any) -> None:
    from urllib.parse import quote

    from yinuo.complaints.models import Complaint
    from yinuo.customers.models import Customer

    for who in ("leader", "agent"):
        for name, path in LISTS:
            bench.get(f"list page, {who}: {name}", path, page=who)
    newest = Complaint.unscoped.order_by("-pk").values_list("pk", flat=True)[0]
    bench.get("page: complaint", f"/complaints/{newest}/", page="leader")
    bench.get("page: matter with 200 entries", f"/complaints/{long_story()}/", page="leader")
    bench.get("page: monthly report", "/reports/", page="leader")
    person = Customer.unscoped.filter(profile__has_key="demo", kind="person").order_by("-pk")[0]
    phone = person.identities(manager="unscoped").filter(kind="phone").values_list("value", flat=True)[0]
    for name, word, right in (
        ("two characters", "机油", None), ("two characters nobody wrote", "麒麟", None), ("phone tail", phone[-6:], person.name), ("pinyin", person.pinyin, person.name),
        ("two characters of a name", person.name[:2], None),
    ):  # fmt: skip
        if right is not None:
            found(bench, word, right)
        bench.get(f"search, {name}", f"/search/?q={quote(word)}", page="leader")


def found(bench: Any, word: str, right: str) -> None:
    """A quick search that finds the wrong thing is not quick."""
    from urllib.parse import quote

    path = f"/api/v1/customers/search?q={quote(word)}&limit=100"
    answer = bench.inside.get(path, headers={**bench.key, "Host": "localhost"}).json()
    if right not in [one["name"] for one in answer["items"]]:
        raise SystemExit(f"search for {word!r} did not find {right!r}")


def long_story() -> int:
    """A complaint with 200 entries on its timeline; made once."""
    from django.db.models import Count

    from yinuo.complaints.models import Complaint
    from yinuo.kernel.actor import Actor, acting_as
    from yinuo.matters.commands import add_note
    from yinuo.matters.models import TimelineEntry

    newest = list(Complaint.unscoped.order_by("-pk").values_list("pk", flat=True)[:500])
    counted = dict(
        TimelineEntry.unscoped.filter(matter__in=newest)
        .values_list("matter")
        .annotate(n=Count("pk"))
        .order_by("-n")[:1]
    )
    pk, have = next(iter(counted.items()))
    with acting_as(Actor.system("bench")):
        for n in range(ENTRIES - have):
            add_note(matter_id=pk, text=f"第 {n} 次核实：仓库、财务与顾客三方说法一致，附件见上。")
    return int(pk)
