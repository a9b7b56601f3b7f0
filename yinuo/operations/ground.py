"""What the doctor looks at first: the ground everything stands on."""

import shutil
import time

from yinuo.operations.database import OLDEST
from yinuo.operations.finding import BAD, GOOD, WARNING, Finding
from yinuo.operations.words import _, home

OLDEST_BACKUP_HOURS = 36


def disk() -> list[Finding]:
    home().mkdir(parents=True, exist_ok=True)
    usage = shutil.disk_usage(home())
    free, share = usage.free / 1e9, usage.free / usage.total
    words = _("{place} 所在磁盘还剩 {free:.1f} GB（{share:.0%}）").format(place=home(), free=free, share=share)
    if free < 0.5:
        return [Finding(_("磁盘"), BAD, words, _("立即清理磁盘或扩容，否则数据库将停止写入。"))]
    if free < 2 or share < 0.05:
        return [Finding(_("磁盘"), WARNING, words, _("请尽快清理磁盘或扩容。"))]
    return [Finding(_("磁盘"), GOOD, words)]


def database(kind: str) -> list[Finding]:
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


def schema() -> list[Finding]:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if waiting:
        words = _("还有 {count} 步升级没有执行").format(count=waiting)
        return [Finding(_("数据库结构"), BAD, words, _("运行 yinuo migrate。"))]
    return [Finding(_("数据库结构"), GOOD, _("已是最新"))]


def search() -> list[Finding]:
    """Search indexes that a bulk load took away and, killed in its middle, did not build again."""
    from yinuo.operations.demo.bulk import missing_indexes

    missing = missing_indexes()
    if missing:
        words = _("缺少 {count} 个搜索索引，搜索会越来越慢").format(count=len(missing))
        return [Finding(_("搜索"), BAD, words, _("演示数据没有装完：再运行一次 yinuo demo，会接着装完并补建索引。"))]
    return [Finding(_("搜索"), GOOD, _("索引齐全"))]


def clock_difference() -> list[Finding]:
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


def calendar() -> list[Finding]:
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


def papers() -> list[Finding]:
    """Whether papers become PDF files here: it is tried."""
    from yinuo.web import pdf

    code, _made = pdf.run({"html": "<p>.", "styles": [], "pictures": {}, "pages": 1})
    if code:
        words, advice = pdf.reason(code), _("在此之前，可以在打印页面用浏览器打印或存成 PDF。")
        return [Finding(_("PDF 文件"), WARNING, words, advice)]
    return [Finding(_("PDF 文件"), GOOD, _("可以生成，中文字体已装"))]


def backups() -> list[Finding]:
    """When the last one was made from this data folder; elsewhere made ones are not known here."""
    from yinuo.web.pages.metrics import last_backup

    advice = _("每天运行一次 yinuo backup，把备份和密钥存到别的机器上，并试着恢复一次。")
    made = last_backup()
    if made is None:
        return [Finding(_("备份"), WARNING, _("还没有用 yinuo backup 备份过"), advice)]
    hours = (time.time() - made) / 3600
    if hours > OLDEST_BACKUP_HOURS:
        return [Finding(_("备份"), WARNING, _("上次备份在 {days:.0f} 天前").format(days=hours / 24), advice)]
    return [Finding(_("备份"), GOOD, _("上次备份在 {hours:.0f} 小时前").format(hours=max(hours, 0)))]
