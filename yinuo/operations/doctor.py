"""`yinuo doctor`: looks at everything that usually goes wrong, and says what to do about it."""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from yinuo.operations.database import OLDEST, embedded
from yinuo.operations.prepare import django
from yinuo.operations.words import Trouble, _, home

GOOD, WARNING, BAD = "good", "warning", "bad"


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `advice` is empty exactly when nothing needs doing."""

    subject: str
    level: str
    words: str
    advice: str = ""


Check = Callable[[], list[Finding]]


def run() -> None:
    findings = _disk()
    kind = _("内置") if embedded() else _("外部")
    with django():
        findings += examine(kind)
    marks = {GOOD: _("正常"), WARNING: _("注意"), BAD: _("故障")}
    for finding in findings:
        print(f"[{marks[finding.level]}] {finding.subject}：{finding.words}")
        if finding.advice:
            print(f"        → {finding.advice}")
    bad = sum(finding.level == BAD for finding in findings)
    if bad:
        raise Trouble(_("发现 {count} 处故障，请按上面的提示处理。").format(count=bad), 1)
    print(_("没有发现故障。"))


def examine(kind: str) -> list[Finding]:
    """Everything that needs the database, as a system actor; one failing check does not hide the others."""
    from django.db import Error, transaction

    from yinuo.kernel.actor import Actor, acting_as

    checks: list[tuple[str, Check]] = [
        (_("数据库"), lambda: _database(kind)),
        (_("数据库结构"), _schema),
        (_("时钟"), _clock_difference),
        (_("工作日历"), _calendar),
        (_("邮箱"), _mailboxes),
        (_("短信"), _sms),
        (_("接口来件"), _intakes),
        (_("任务队列"), _queue),
        (_("承诺时钟"), _promise_clock),
    ]
    found: list[Finding] = []
    with acting_as(Actor.system("doctor")):
        for subject, check in checks:
            try:
                with transaction.atomic():
                    found += check()
            except Error as error:
                reason = str(error).strip().splitlines()[0]
                words = _("无法检查：{reason}").format(reason=reason)
                found.append(Finding(subject, BAD, words, _("先运行 yinuo migrate，再检查一次。")))
    return found


def _disk() -> list[Finding]:
    home().mkdir(parents=True, exist_ok=True)
    usage = shutil.disk_usage(home())
    free, share = usage.free / 1e9, usage.free / usage.total
    words = _("{place} 所在磁盘还剩 {free:.1f} GB（{share:.0%}）").format(place=home(), free=free, share=share)
    if free < 0.5:
        return [Finding(_("磁盘"), BAD, words, _("立即清理磁盘或扩容，否则数据库将停止写入。"))]
    if free < 2 or share < 0.05:
        return [Finding(_("磁盘"), WARNING, words, _("请尽快清理磁盘或扩容。"))]
    return [Finding(_("磁盘"), GOOD, words)]


def _database(kind: str) -> list[Finding]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int, pg_database_size(current_database())")
        version, size = cursor.fetchone()
        cursor.execute("SELECT current_setting('fsync'), current_setting('synchronous_commit')")
        durable = cursor.fetchone() == ("on", "on")
    words = _("PostgreSQL {major}.{minor}（{kind}），{size:.0f} MB").format(
        major=version // 10000, minor=version % 10000, kind=kind, size=size / 1e6
    )
    if version // 10000 < OLDEST:
        return [Finding(_("数据库"), BAD, words, _("请升级到 PostgreSQL {oldest} 或更高版本。").format(oldest=OLDEST))]
    if not durable:
        advice = _("请把 fsync 与 synchronous_commit 设为 on，否则断电会丢失已确认的数据。")
        return [Finding(_("数据库"), WARNING, words, advice)]
    return [Finding(_("数据库"), GOOD, words)]


def _schema() -> list[Finding]:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if waiting:
        words = _("还有 {count} 步升级没有执行").format(count=waiting)
        return [Finding(_("数据库结构"), BAD, words, _("运行 yinuo migrate。"))]
    return [Finding(_("数据库结构"), GOOD, _("已是最新"))]


def _clock_difference() -> list[Finding]:
    from django.db import connection

    from yinuo.kernel import clock

    with connection.cursor() as cursor:
        began = time.monotonic()
        cursor.execute("SELECT clock_timestamp()")
        theirs = cursor.fetchone()[0]
        took = time.monotonic() - began
    apart = abs((clock.now() - theirs).total_seconds()) - took
    words = _("程序与数据库相差 {seconds:.1f} 秒").format(seconds=max(apart, 0))
    if apart > 60:
        return [Finding(_("时钟"), BAD, words, _("请在两台机器上启用时间同步（NTP），否则承诺会早报或晚报。"))]
    if apart > 2:
        return [Finding(_("时钟"), WARNING, words, _("请启用时间同步（NTP）。"))]
    return [Finding(_("时钟"), GOOD, words)]


def _calendar() -> list[Finding]:
    from yinuo.calendars.queries import missing_years
    from yinuo.kernel import clock

    today = clock.now().astimezone(clock.CST).date()
    missing = missing_years(today)
    if not missing:
        return [Finding(_("工作日历"), GOOD, _("今年与明年的节假日资料齐全，或明年的尚未到公布时间"))]
    years = "、".join(str(year) for year in missing)
    level = BAD if today.year in missing else WARNING
    advice = _("在 设置 → 工作日历 里录入放假通知；录入前，跨年的工作日承诺按普通周末计算并带警告。")
    return [Finding(_("工作日历"), level, _("没有 {years} 年的节假日资料").format(years=years), advice)]


def _mailboxes() -> list[Finding]:
    from yinuo.channels.email.models import Mailbox, RawMessage

    found = []
    for mailbox in Mailbox.objects.filter(active=True).order_by("address"):
        if mailbox.trouble:
            advice = _("在 设置 → 邮箱 里检查服务器、账号与密码。")
            found.append(Finding(_("邮箱"), BAD, f"{mailbox.address}：{mailbox.trouble}", advice))
        elif mailbox.rehearses:
            words = _("演示邮箱，不收不发，回信只在会话里看得到")
            found.append(Finding(_("邮箱"), GOOD, f"{mailbox.address}：{words}"))
        else:
            when = mailbox.synced_at
            words = _("上次收信 {when}").format(when=f"{when:%Y-%m-%d %H:%M} UTC") if when else _("还没有收过信")
            found.append(Finding(_("邮箱"), GOOD, f"{mailbox.address}：{words}"))
    failed = RawMessage.objects.filter(state=RawMessage.State.FAILED).count()
    if failed:
        words = _("{count} 封邮件没能解析，原文都在").format(count=failed)
        found.append(Finding(_("邮箱"), WARNING, words, _("在 收件箱 → 待人工处理 里逐封查看。")))
    return found or [Finding(_("邮箱"), WARNING, _("没有启用的邮箱"), _("需要收发邮件时，在 设置 → 邮箱 里添加。"))]


def _sms() -> list[Finding]:
    from datetime import timedelta

    from django.conf import settings
    from django.db.models import Q

    from yinuo.channels.sms.gateways import missing
    from yinuo.channels.sms.models import SmsMessage
    from yinuo.kernel import clock

    if not settings.SMS["gateway"]:
        return [Finding(_("短信"), GOOD, _("没有设置短信网关，验证码只发邮件"))]
    if missing():
        words = _("短信网关没有设置完整，发不出去：{names}").format(names="、".join(missing()))
        return [Finding(_("短信"), BAD, words, _("按 docs/sms.md 补上这些环境变量后重启。"))]
    recent = SmsMessage.objects.filter(queued_at__gt=clock.now() - timedelta(days=1))
    lost = Q(state=SmsMessage.State.FAILED) | Q(report=SmsMessage.Report.UNDELIVERED)
    failed = recent.filter(lost).order_by("-queued_at", "-pk")
    count, last = failed.count(), failed.first()
    if last is not None:
        words = _("最近一天有 {count} 条没有发出或没有送达，最后一条：{why}").format(count=count, why=last.last_error)
        return [Finding(_("短信"), WARNING, words, _("检查网关的密钥、签名、模板与余额。"))]
    return [Finding(_("短信"), GOOD, _("最近一天发出 {count} 条").format(count=recent.filter(state="sent").count()))]


def _intakes() -> list[Finding]:
    from yinuo.complaints.models import AcceptedIntake as Intake
    from yinuo.kernel import clock

    late = Intake.objects.filter(state="waiting", received_at__lt=clock.now() - timedelta(minutes=2)).count()
    if late:
        words = _("{count} 件收下超过两分钟还没有登记").format(count=late)
        return [Finding(_("接口来件"), BAD, words, _("请确认 yinuo worker 已启动；来件都在，不会丢。"))]
    refused = Intake.objects.filter(state="refused").count()
    if refused:
        words = _("{count} 件未能登记，原文都在").format(count=refused)
        return [Finding(_("接口来件"), WARNING, words, _("在 投诉 → 接口来件 里逐件查看。"))]
    return [Finding(_("接口来件"), GOOD, _("都已登记"))]


def _queue() -> list[Finding]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE status = 'todo' AND coalesce(scheduled_at, now()) <= now()),"
            " count(*) FILTER (WHERE status = 'failed') FROM procrastinate_jobs"
        )
        waiting, failed = cursor.fetchone()
        cursor.execute(
            "SELECT extract(epoch FROM now() - min(greatest(coalesce(j.scheduled_at, e.at), e.at)))"
            " FROM procrastinate_jobs j JOIN procrastinate_events e ON e.job_id = j.id AND e.type = 'deferred'"
            " WHERE j.status = 'todo' AND coalesce(j.scheduled_at, now()) <= now()"
        )
        lag = float(cursor.fetchone()[0] or 0)
    words = _("{waiting} 个任务在等，最久 {lag}").format(waiting=waiting, lag=_minutes(lag))
    found = []
    if lag > 600:
        found.append(Finding(_("任务队列"), BAD, words, _("后台任务没有在运行：请确认 yinuo worker 已启动。")))
    elif lag > 60:
        found.append(Finding(_("任务队列"), WARNING, words, _("后台任务忙或刚启动；过几分钟再看。")))
    else:
        found.append(Finding(_("任务队列"), GOOD, words))
    if failed:
        advice = _("用 yinuo manage procrastinate shell 查看失败的任务。")
        found.append(Finding(_("任务队列"), WARNING, _("{count} 个任务最终失败").format(count=failed), advice))
    return found


def _promise_clock() -> list[Finding]:
    from yinuo.kernel import clock
    from yinuo.promises.models import Promise

    late = clock.now() - timedelta(minutes=2)
    overdue = Promise.objects.filter(wakes_at__lt=late).count()
    if overdue:
        words = _("{count} 个承诺到点还没有处理").format(count=overdue)
        return [Finding(_("承诺时钟"), BAD, words, _("承诺时钟没有在运行：请确认 yinuo clock 已启动。"))]
    return [Finding(_("承诺时钟"), GOOD, _("没有漏掉的承诺"))]


def _minutes(seconds: float) -> str:
    if seconds >= 120:
        return _("{minutes:.0f} 分钟").format(minutes=seconds / 60)
    return _("{seconds:.0f} 秒").format(seconds=seconds)
