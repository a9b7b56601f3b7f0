"""`yinuo doctor`: looks at everything that usually goes wrong, and says what to do about it."""

from yinuo.operations import certificates, ground, versions, work
from yinuo.operations.database import embedded
from yinuo.operations.finding import BAD, GOOD, WARNING, Check, Finding
from yinuo.operations.prepare import django
from yinuo.operations.words import Trouble, _


def run() -> None:
    from yinuo.kernel.actor import Actor, acting_as

    findings = ground.disk()
    kind = _("内置") if embedded() else _("外部")
    with django():
        findings += examine(kind)
        findings += ground.papers()
        with acting_as(Actor.system("doctor")):
            findings += certificates.look()
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
        (_("数据库"), lambda: ground.database(kind)),
        (_("数据库结构"), ground.schema),
        (_("版本"), versions.look),
        (_("搜索"), ground.search),
        (_("时钟"), ground.clock_difference),
        (_("工作日历"), ground.calendar),
        (_("邮箱"), work.mailboxes),
        (_("短信"), work.sms),
        (_("接口来件"), work.intakes),
        (_("任务队列"), work.queue),
        (_("承诺时钟"), work.promise_clock),
        (_("备份"), ground.backups),
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
