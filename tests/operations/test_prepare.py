"""What the start decides by itself: addresses, whether to migrate again, what to show once."""

import argparse
import contextlib
import json
import os
import socket
import sys
from types import SimpleNamespace

import pytest

from yinuo.operations import addresses, commands, counts, prepare, up
from yinuo.operations.supervisor import Supervisor
from yinuo.operations.words import Trouble


@pytest.fixture
def bare(monkeypatch):
    for name in ("YINUO_PUBLIC_URL", "YINUO_LIVE_URL", "YINUO_ALLOWED_HOSTS"):
        monkeypatch.delenv(name, raising=False)


def around(host: str) -> dict[str, str]:
    return up.surroundings(argparse.Namespace(host=host, port=8000), "postgresql://x/y")


def test_only_this_machine_by_default(bare):
    found = around("127.0.0.1")
    assert found["YINUO_PUBLIC_URL"] == "http://127.0.0.1:8000"
    assert found["YINUO_LIVE_URL"] == "http://{host}:8001"
    assert set(found["YINUO_ALLOWED_HOSTS"].split(",")) == {"localhost", "127.0.0.1", "[::1]"}


def test_open_to_the_network_answers_to_its_own_addresses_but_not_to_any_name(bare, monkeypatch):
    monkeypatch.setattr(addresses, "_way_out", str)
    hosts = around("0.0.0.0")["YINUO_ALLOWED_HOSTS"].split(",")
    assert "127.0.0.1" in hosts
    assert "*" not in hosts
    assert len(hosts) > 3
    assert socket.gethostname() in hosts


NICS = {"lo": "127.0.0.1", "docker0": "172.17.0.1", "wlan0": "192.168.1.7", "eth0": "203.0.113.9"}


@pytest.mark.parametrize(
    ("way_out", "nics", "there"),
    [
        ("192.168.1.7", NICS, "192.168.1.7"),
        ("203.0.113.9", NICS, "172.17.0.1"),
        ("", {"lo": "127.0.0.1", "wlan0": "10.0.0.8"}, "10.0.0.8"),
        ("203.0.113.9", {"lo": "127.0.0.1", "eth0": "203.0.113.9"}, "203.0.113.9"),
        ("", {"lo": "127.0.0.1"}, socket.gethostname()),
    ],
)
@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_a_phone_of_the_same_network_can_open_what_is_printed(bare, monkeypatch, way_out, nics, there, host):
    """It does not know the machine's name, which is still answered to."""
    found = {name: [SimpleNamespace(family=socket.AF_INET, address=one)] for name, one in nics.items()}
    monkeypatch.setattr(addresses.psutil, "net_if_addrs", lambda: found)
    monkeypatch.setattr(addresses, "_way_out", lambda: way_out)
    environment = around(host)
    assert environment["YINUO_PUBLIC_URL"] == f"http://{there}:8000"
    assert {there, socket.gethostname()} <= set(environment["YINUO_ALLOWED_HOSTS"].split(","))


@pytest.mark.allow_hosts([addresses.ELSEWHERE[0]])
def test_the_way_out_is_asked_of_this_machine_alone():
    """Nothing is sent: a datagram socket that is connected only asks the table of routes."""
    assert addresses._way_out() in ("", *addresses.own())


def test_an_ipv6_address_is_written_as_an_address(bare):
    assert around("::1")["YINUO_PUBLIC_URL"] == "http://[::1]:8000"


@pytest.mark.parametrize(
    ("host", "there"), [("10.1.2.3:8000", "10.1.2.3"), ("[::1]:8000", "[::1]"), ("evil.example", "")]
)
def test_live_updates_are_found_under_the_name_the_visitor_used(rf, settings, host, there):
    from yinuo.web.middleware import content_policy, live_url

    settings.ALLOWED_HOSTS = ["10.1.2.3", "[::1]"]
    settings.LIVE_URL = "http://{host}:8001"
    request = rf.get("/", headers={"host": host})
    assert live_url(request) == (f"http://{there}:8001" if there else "")
    assert ("evil" in content_policy(request)) is False


def test_what_an_administrator_set_is_kept(bare, monkeypatch):
    monkeypatch.setenv("YINUO_PUBLIC_URL", "https://kefu.example.cn")
    assert around("127.0.0.1")["YINUO_PUBLIC_URL"] == "https://kefu.example.cn"


def test_a_password_shown_once_does_not_stay_on_disk(tmp_path, capsys):
    note = tmp_path / "prepared.json"
    note.write_text(json.dumps({"version": prepare.schema_version(), "logins": ["a"], "once": ["geheim"]}))
    up.announce({"YINUO_PUBLIC_URL": "http://127.0.0.1:8000"}, prepare.remembered(note), note)
    assert capsys.readouterr().out.count("geheim") == 1
    assert "geheim" not in note.read_text()
    assert prepare.remembered(note)["logins"] == ["a"]


@pytest.mark.parametrize("version", ["the one before", None])
def test_a_password_nobody_saw_is_told_by_the_next_start(tmp_path, monkeypatch, version):
    note = tmp_path / "prepared.json"
    note.write_text(json.dumps({"version": version or prepare.schema_version(), "logins": [], "once": ["geheim"]}))
    for name in ("make_ready", "_migrate", "django"):
        monkeypatch.setattr(prepare, name, contextlib.nullcontext)
    monkeypatch.setattr(prepare, "_first_people", lambda demo: [])
    monkeypatch.setattr(prepare, "_demo_logins", list)
    prepare.run(demo=False, result=str(note))
    assert prepare.remembered(note)["once"] == ["geheim"]


def test_a_load_that_is_killed_is_looked_after_by_the_next_start(tmp_path, monkeypatch):
    """The note of an earlier start vouches for what the load is about to change; a password nobody saw stays told."""
    monkeypatch.setenv("YINUO_HOME", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    note = prepare.note_in(tmp_path)
    note.parent.mkdir()
    note.write_text(json.dumps({"version": prepare.schema_version(), "logins": ["a"], "once": ["geheim"]}))
    assert prepare.remembered(note)

    def killed(**_how):
        raise KeyboardInterrupt

    for name, by in {"django": contextlib.nullcontext, "_migrate": lambda: None, "_demo": killed}.items():
        monkeypatch.setattr(prepare, name, by)
    with pytest.raises(KeyboardInterrupt):
        prepare.demo_only(customers=215_000, seed=1)
    assert prepare.remembered(note) is None
    assert prepare.unseen(note) == ["geheim"]


def test_a_new_migration_is_never_skipped(tmp_path, monkeypatch):
    note = tmp_path / "prepared.json"
    note.write_text(json.dumps({"version": prepare.schema_version(), "logins": []}))
    assert prepare.remembered(note)
    source = tmp_path / "source"
    (source / "yinuo" / "app" / "migrations").mkdir(parents=True)
    (source / "requirements.lock").write_text("")
    monkeypatch.setattr(prepare, "ROOT", source)
    before = prepare.schema_version()
    (source / "yinuo" / "app" / "migrations" / "0002_more.py").write_text("x = 1")
    assert prepare.schema_version() != before
    assert prepare.remembered(note) is None


def test_a_torn_note_means_look_again(tmp_path):
    (tmp_path / "prepared.json").write_text('{"version": "')
    assert prepare.remembered(tmp_path / "prepared.json") is None


def test_parts_find_the_product_from_any_folder(monkeypatch):
    monkeypatch.setenv("GRANIAN_PORT", "1")
    found = commands.base_environment()
    assert found["PYTHONPATH"] == str(prepare.ROOT)
    assert "GRANIAN_PORT" not in found


@pytest.mark.parametrize(("code", "shown"), [(3, False), (1, True)])
def test_preparing_that_has_said_why_it_stopped_is_not_said_again(tmp_path, monkeypatch, code, shown):
    monkeypatch.setattr(up, "embedded", lambda: False)
    monkeypatch.setattr(commands, "yinuo", lambda *arguments: [sys.executable, "-c", f"raise SystemExit({code})"])
    with pytest.raises(Trouble if shown else SystemExit) as ended:
        up._prepare(dict(os.environ), tmp_path, demo=True, supervisor=Supervisor())
    assert ("初始化没有完成" in str(ended.value)) == shown


def test_counts_of_processes_that_are_gone_are_put_away(tmp_path):
    folder = tmp_path / "metrics"
    folder.mkdir()
    for name in (f"counter_{os.getpid()}.db", "counter_999999999.db", "gauge_livesum_999999999.db", "notes.txt"):
        (folder / name).touch()
    counts.clear(tmp_path)
    assert {path.name for path in folder.iterdir()} == {f"counter_{os.getpid()}.db", "notes.txt"}
    counts.clear(tmp_path / "nowhere")
