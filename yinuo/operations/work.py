"""What the doctor looks at next: whether the work that comes in is done."""

from datetime import timedelta

from yinuo.operations.finding import BAD, GOOD, WARNING, Finding
from yinuo.operations.words import _


def mailboxes() -> list[Finding]:
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
        found.append(Finding(_("邮箱"), WARNING, words, _("在 设置 → 邮箱 → 邮件队列 里逐封查看。")))
    return found or [Finding(_("邮箱"), WARNING, _("没有启用的邮箱"), _("需要收发邮件时，在 设置 → 邮箱 里添加。"))]


def sms() -> list[Finding]:
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


def intakes() -> list[Finding]:
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


def queue() -> list[Finding]:
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


def promise_clock() -> list[Finding]:
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
