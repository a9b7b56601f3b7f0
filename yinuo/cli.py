"""The command line. Each command imports the room that does its work only when it is asked for."""

import argparse
import errno
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from yinuo.operations.words import Trouble, _, home

MOST_CUSTOMERS = 100_000_000  # each has a telephone number of eight digits of its own
LOST = [(room, name) for room in ("django.db", "psycopg") for name in ("OperationalError", "InterfaceError")]
Command = Callable[[argparse.Namespace], None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; anything the user can put right comes back as a sentence and an exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yinuo.settings")
    os.environ["YINUO_HOME"] = str(home())
    given = list(sys.argv[1:] if arguments is None else arguments)
    options, rest = parser().parse_known_args(given)
    if rest and options.command != "manage":
        parser().error(_("不认识的参数：{rest}").format(rest=" ".join(rest)))
    options.rest = rest
    try:
        options.run(options)
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return trouble.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 141
    except Exception as error:
        sentence = _known(error)
        if sentence is None:
            raise
        print(sentence, file=sys.stderr)
        return Trouble.CODE
    return 0


def _known(error: BaseException) -> str | None:
    """A sentence for what may go wrong in any command: a full disk, a rule of the product that says no."""
    errors = sys.modules.get("yinuo.kernel.errors")
    if errors is not None and isinstance(error, errors.YinuoError):
        return str(error)
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    if full or "No space left on device" in str(error):
        return _("磁盘空间不足：{place} 所在的磁盘已满，请清理后再试。").format(place=home())
    if any(isinstance(error, getattr(sys.modules.get(room), name, ())) for room, name in LOST):
        return _("与数据库的连接断了；已经完成的部分都在，数据库恢复后请再运行一次，不会重复。")
    return None


class Parser(argparse.ArgumentParser):
    """argparse speaks English only; headings and errors are said in ours."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, add_help=False)
        self._optionals.title = _("选项")
        self._positionals.title = _("参数")
        self.add_argument("-h", "--help", action="help", help=_("显示这份说明"))

    def format_usage(self) -> str:
        return super().format_usage().replace("usage:", _("用法："), 1)

    def format_help(self) -> str:
        return super().format_help().replace("usage:", _("用法："), 1)

    def error(self, message: str) -> NoReturn:
        said = _in_chinese(message)
        self.exit(2, _("参数有误：{message}\n用 {program} --help 查看说明。\n").format(message=said, program=self.prog))


def _in_chinese(message: str) -> str:
    """What argparse has to say about a slip of the fingers."""
    known = (
        (r"the following arguments are required: (.+)", _("缺少{0}")),
        (r"argument (.+?): invalid choice: '(.*?)' .*", _("没有“{1}”这个{0}")),
        (r"argument (.+?): invalid int value: '(.*)'", _("{0} 应是整数，而不是“{1}”")),
        (r"argument (.+?): expected .*argument.*", _("{0} 后面少了一个值")),
        (r"argument (.+?): (.+)", _("{0}：{1}")),
    )
    for pattern, sentence in known:
        if found := re.fullmatch(pattern, message):
            return sentence.format(*found.groups())
    return message


def _customers(given: str) -> int:
    if not 1 <= (count := int(given)) <= MOST_CUSTOMERS:
        raise argparse.ArgumentTypeError(_("客户数量应在 1 到 {most} 之间").format(most=MOST_CUSTOMERS))
    return count


_customers.__name__ = "int"  # argparse names the type in what it says


def parser() -> argparse.ArgumentParser:
    top = Parser(prog="yinuo", description=_("一诺：兑现每一个承诺的客户服务系统。"))
    commands = top.add_subparsers(dest="command", required=True, metavar=_("命令"), title=_("命令"))

    def command(name: str, run: Command, words: str) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=words, description=words)
        one.set_defaults(run=run)
        return one

    up = command("up", _up, _("启动一切：数据库、网页、实时推送、后台任务与承诺时钟"))
    _address(up)
    up.add_argument("--no-demo", dest="demo", action="store_false", help=_("数据库为空时不装入演示公司"))
    _address(command("serve", _serve, _("只启动网页与接口服务")))
    live = command("live", _live, _("只启动实时推送服务"))
    _address(live, port=8001)
    command("worker", _worker, _("只启动后台任务（收发邮件、通知、导入等）"))
    command("clock", _clock, _("只启动承诺时钟"))
    command("migrate", _migrate, _("把数据库结构升级到当前版本"))
    demo = command("demo", _demo, _("装入演示公司"))
    demo.add_argument(
        "--customers", metavar=_("数量"), type=_customers, default=2000, help=_("客户数量（默认 2000，可到一百万以上）")
    )
    demo.add_argument("--seed", metavar=_("种子"), type=int, default=1, help=_("随机种子，相同的种子得到相同的公司"))
    mail = command("import-mail", _import_mail, _("从 mbox 文件或邮件目录导入邮件"))
    mail.add_argument("path", metavar=_("文件或目录"))
    mail.add_argument("--mailbox", metavar=_("邮箱地址"), default="", help=_("导入到哪个邮箱账号（默认第一个）"))
    backup = command("backup", _backup, _("把数据库与附件备份成一个文件，安装密钥另存一个文件"))
    backup.add_argument("file", metavar=_("文件"))
    backup.add_argument(
        "--key-file", type=Path, metavar=_("文件"), help=_("密钥另存到哪里（默认在备份旁边，文件名加 .key）")
    )
    restore = command("restore", _restore, _("从备份恢复到一个空的安装，并逐项核对"))
    restore.add_argument("file", metavar=_("文件"))
    restore.add_argument("--key-file", type=Path, metavar=_("文件"), help=_("备份时另存的密钥（默认在备份旁边找）"))
    restore.add_argument("--without-key", action="store_true", help=_("密钥丢了也恢复：邮箱密码等要重新填写"))
    command("doctor", _doctor, _("检查磁盘、数据库、版本、日历、邮箱、证书、时钟、任务队列与备份，并说明怎么办"))
    reconcile = command(
        "reconcile", _reconcile, _("核对账目：收到的是否都在且只有一份，承诺是否都提醒过，审计和附件是否没有被动过")
    )
    reconcile.add_argument(
        "--grace", metavar=_("分钟"), type=int, default=5, help=_("正在排队的事，过了几分钟还没做才算漏（默认 5）")
    )
    reconcile.add_argument("--whole", action="store_true", help=_("逐个读出附件核对内容，不只核对大小；附件多时要很久"))
    reconcile.add_argument("--report", metavar=_("文件"), default="", help=_("把结果另存为 JSON"))
    password = command("password", _password, _("给一位员工换一个新密码，例如唯一的管理员忘了密码时"))
    password.add_argument("login", metavar=_("登录名"))
    manage = command("manage", _manage, _("执行 Django 管理命令，例如 yinuo manage shell"))
    manage.add_argument("arguments", nargs=argparse.REMAINDER, metavar=_("参数"))
    test_db = command("test-db", _test_db, _("启动一个用完即弃的测试数据库并打印地址"))
    test_db.add_argument("--bin", metavar=_("目录"), default="", help=_("使用该目录里的 PostgreSQL 程序"))
    test_db.add_argument("arguments", nargs=argparse.REMAINDER, metavar=_("命令"))
    prepare = commands.add_parser("prepare")
    prepare.add_argument("--result", default="")
    prepare.add_argument("--no-demo", dest="demo", action="store_false")
    prepare.set_defaults(run=_prepare)
    return top


def _address(one: argparse.ArgumentParser, port: int = 8000) -> None:
    one.add_argument(
        "--host",
        default="127.0.0.1",
        metavar=_("地址"),
        help=_("监听地址（默认 127.0.0.1，仅本机；0.0.0.0 为所有网卡）"),
    )
    one.add_argument(
        "--port", type=int, metavar=_("端口"), default=port, help=_("端口（默认 {port}）").format(port=port)
    )


def _up(options: argparse.Namespace) -> None:
    from yinuo.operations import up

    up.run(options)


def _serve(options: argparse.Namespace) -> None:
    from yinuo.operations import commands, counts, up
    from yinuo.operations.statics import publish
    from yinuo.operations.words import home

    up.check_port(options.host, options.port)
    publish(home() / "static")
    counts.clear(home())
    commands.become(commands.web(options.host, options.port))


def _live(options: argparse.Namespace) -> None:
    from yinuo.operations import commands, up

    up.check_port(options.host, options.port)
    commands.become(commands.live(options.host, options.port))


def _worker(_options: argparse.Namespace) -> None:
    from yinuo.operations import parts

    parts.worker()


def _clock(_options: argparse.Namespace) -> None:
    from yinuo.operations import parts

    parts.clock()


def _migrate(_options: argparse.Namespace) -> None:
    from yinuo.operations import prepare

    prepare.migrate_only()


def _prepare(options: argparse.Namespace) -> None:
    from yinuo.operations import prepare

    prepare.run(demo=options.demo, result=options.result)


def _demo(options: argparse.Namespace) -> None:
    from yinuo.operations import prepare

    prepare.demo_only(customers=options.customers, seed=options.seed)


def _import_mail(options: argparse.Namespace) -> None:
    from yinuo.operations import parts

    parts.import_mail(Path(options.path), mailbox=options.mailbox)


def _backup(options: argparse.Namespace) -> None:
    from yinuo.operations import backup

    backup.run(Path(options.file), options.key_file)


def _restore(options: argparse.Namespace) -> None:
    from yinuo.operations import restore

    restore.run(Path(options.file), options.key_file, without_key=options.without_key)


def _doctor(_options: argparse.Namespace) -> None:
    from yinuo.operations import doctor

    doctor.run()


def _reconcile(options: argparse.Namespace) -> None:
    from datetime import timedelta

    from yinuo.operations.reconciling.run import run

    run(grace=timedelta(minutes=options.grace), whole=options.whole, report=options.report)


def _password(options: argparse.Namespace) -> None:
    from yinuo.operations import password

    password.run(options.login)


def _manage(options: argparse.Namespace) -> None:
    from yinuo.operations import parts

    parts.manage([*options.arguments, *options.rest])


def _test_db(options: argparse.Namespace) -> None:
    from yinuo.operations import testing

    testing.run(bin_dir=options.bin, arguments=options.arguments)
