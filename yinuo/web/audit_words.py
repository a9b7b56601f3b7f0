"""Commands in words a person reads: the noun, and what was done to it."""

from typing import Any

from django.utils.translation import gettext_lazy as _

NOUNS: dict[str, Any] = {
    "approval": _("审批"),
    "attachment": _("附件"),
    "board": _("看板"),
    "calendar": _("日历"),
    "complaint": _("投诉"),
    "contact": _("来电来访"),
    "conversation": _("会话"),
    "customer": _("客户"),
    "display": _("显示链接"),
    "draft": _("草稿"),
    "entry": _("登录规则"),
    "intake": _("接口来件"),
    "interaction": _("互动"),
    "key": _("密钥"),
    "mail": _("邮件"),
    "mailbox": _("邮箱"),
    "matter": _("事项"),
    "notice": _("通知"),
    "portal": _("门户"),
    "promise": _("承诺"),
    "report_mail": _("报表邮件"),
    "role": _("角色"),
    "schedule": _("定时报表"),
    "staff": _("员工"),
    "standard": _("服务标准"),
    "survey": _("满意度"),
    "task": _("任务"),
    "tour": _("入门介绍"),
    "unit": _("部门"),
    "view": _("视图"),
    "webhook": _("事件推送"),
}
FILTERS = (
    "complaint",
    "matter",
    "task",
    "promise",
    "approval",
    "customer",
    "conversation",
    "interaction",
    "intake",
    "mail",
    "staff",
    "role",
    "unit",
    "key",
    "standard",
    "calendar",
    "survey",
    "webhook",
)

VERBS: dict[str, Any] = {
    "acknowledge": _("告知客户"),
    "add": _("记录"),
    "add_collaborator": _("加协作人"),
    "add_contact": _("加联系人"),
    "add_contact_person": _("加联系人"),
    "add_entries": _("写经过"),
    "add_entry": _("写经过"),
    "add_identity": _("加联系方式"),
    "add_information": _("客户补充材料"),
    "add_purchase": _("记购买"),
    "announce_due": _("到期提示"),
    "apply_extension": _("延期生效"),
    "apply_waiver": _("免除生效"),
    "answer": _("客户答卷"),
    "ask": _("请客户评价"),
    "ask_by_plan": _("按计划请客户评价"),
    "ask_for_event": _("按计划请客户评价"),
    "assess": _("初步评审"),
    "assign": _("分派"),
    "attach_interaction": _("归入互动"),
    "book_reception": _("预约领导接待"),
    "cancel": _("取消"),
    "carry": _("发出问卷"),
    "change": _("修改"),
    "close": _("关闭"),
    "complete": _("完成"),
    "confirm_agreement": _("客户确认协议"),
    "confirm_grade": _("确认级别"),
    "confirm_restatement": _("客户确认复述"),
    "create": _("新建"),
    "decide": _("审批"),
    "decide_responsibility": _("责任认定"),
    "decide_review": _("复核决定"),
    "delete": _("删除"),
    "discard": _("撤回"),
    "dispatch_items": _("分派执行"),
    "draft_proposal": _("拟定方案"),
    "edit": _("修改"),
    "end_other_sessions": _("结束其他登录"),
    "end_session": _("结束一处登录"),
    "end_sessions": _("结束全部登录"),
    "edit_registration": _("修改登记"),
    "edit_rules": _("修改流程"),
    "escalate": _("升级"),
    "escalate_out": _("外部升级"),
    "copy_questionnaire": _("复制问卷"),
    "edit_setting": _("修改设置"),
    "enter": _("登记电话答卷"),
    "expire": _("过期"),
    "export_answers": _("导出答卷"),
    "export_list": _("导出清单"),
    "export_report": _("导出报表"),
    "export_results": _("导出结果"),
    "mark_sent": _("记录发出"),
    "save_plan": _("保存计划"),
    "save_questionnaire": _("保存问卷"),
    "share": _("客户生成转发链接"),
    "stop_sharing": _("客户关闭转发链接"),
    "finish": _("办结"),
    "finish_execution": _("执行完成"),
    "follow_customer": _("归入客户合并"),
    "follow_interaction": _("归入互动"),
    "forget": _("删除"),
    "gather_strays": _("归入合并后的档案"),
    "hide_start": _("不再提示开张清单"),
    "keep": _("兑现"),
    "link": _("建立关联"),
    "load_pack": _("装入行业包"),
    "make": _("作出"),
    "make_personal": _("个人承诺"),
    "mark_delivery": _("投递状态"),
    "present": _("修改门户名称"),
    "merge": _("合并"),
    "note": _("记录"),
    "note_on": _("记录"),
    "note_printed": _("打印"),
    "note_report_printed": _("打印月报"),
    "note_raw": _("下载原始邮件"),
    "offer_agreement": _("发出协议"),
    "open": _("开立"),
    "pass_device": _("新设备登录链接"),
    "password": _("改密码"),
    "pause": _("暂停"),
    "preferences": _("个人设置"),
    "prepare": _("准备发送"),
    "print": _("打印"),
    "propose_grade": _("建议级别"),
    "raise": _("登记"),
    "rate": _("客户评价"),
    "read": _("已读"),
    "read_raw": _("查看原始邮件"),
    "record_callback": _("回访"),
    "record_finding": _("调查发现"),
    "refuse": _("未能登记"),
    "refuse_agreement": _("客户拒绝协议"),
    "register": _("登记"),
    "register_by_hand": _("人工登记"),
    "reject": _("不予受理"),
    "remove": _("移除"),
    "remove_pack": _("移除行业包"),
    "remove_purchase": _("删除购买记录"),
    "renew": _("续期"),
    "reopen": _("重新办理"),
    "reply": _("回复"),
    "reply_to": _("回复"),
    "request": _("申请"),
    "request_extension": _("申请延期"),
    "request_review": _("申请复核"),
    "request_waiver": _("申请免除"),
    "reset_password": _("重设密码"),
    "resolve": _("识别"),
    "restate": _("发出复述"),
    "resume": _("恢复"),
    "snooze": _("搁置"),
    "unsnooze": _("取消搁置"),
    "reveal": _("查看明文"),
    "revoke": _("吊销"),
    "save": _("保存"),
    "seed": _("预置"),
    "seen": _("看过"),
    "sent": _("已发出"),
    "set_external_reference": _("外部受理编号"),
    "set_lifetimes": _("修改登录时长"),
    "set_rule": _("修改规则"),
    "set_state": _("改状态"),
    "set_wishes": _("修改通知设置"),
    "signed_in": _("登录"),
    "split": _("撤销合并"),
    "start_investigation": _("开始调查"),
    "store": _("存入"),
    "store_raw": _("收到"),
    "submit": _("提交"),
    "submit_proposal": _("方案送审"),
    "take_intake": _("设为接收部门"),
    "understand": _("解读"),
    "upload": _("上传"),
    "verify_identity": _("核实身份"),
    "view": _("打开卡片"),
    "watch_reveals": _("查看明文过多"),
    "withdraw": _("撤回"),
}

#: A masked field, as the card names it.
REVEALED: dict[str, Any] = {
    "phone": _("电话"),
    "email": _("电子邮件"),
    "wechat": _("微信"),
    "address": _("地址"),
    "uscc": _("统一社会信用代码"),
    "birthday": _("生日"),
    "family": _("家庭情况"),
    "id_number": _("证件号码"),
    "intake": _("接口来件"),
    "mail": _("邮件原文"),
}
#: Looking at personal data and taking it along: what the audit can be narrowed to, and the commands behind it.
PERSONAL: dict[str, tuple[Any, tuple[str, ...]]] = {
    "view": (_("打开卡片"), ("customer.view",)),
    "reveal": (_("查看明文"), ("customer.reveal",)),
    "often": (_("查看明文过多"), ("customer.watch_reveals",)),
    "print": (
        _("打印"),
        ("customer.print", "complaint.note_printed", "complaint.note_report_printed", "complaint.reveal"),
    ),
    "export": (
        _("导出"),
        ("complaint.export_list", "complaint.export_report", "survey.export_answers", "survey.export_results"),
    ),
}


def in_words(command: str) -> str:
    """`customer.reveal` → the noun and the verb as people say them; an unknown verb stays as it is."""
    noun, _dot, verb = command.partition(".")
    return f"{NOUNS.get(noun, noun)} · {VERBS.get(verb, verb)}"


def said_by(words: str) -> tuple[list[str], list[str]]:
    """The nouns, and beside them the single commands, that `in_words` shows with these words: 登记, 投诉 · 登记."""
    wanted = _plain(words)
    if not wanted:
        return [], []
    nouns = [noun for noun, label in NOUNS.items() if wanted in _plain(label)]
    pairs = [(noun, verb) for noun in NOUNS if noun not in nouns for verb in VERBS]
    return nouns, [f"{n}.{v}" for n, v in pairs if wanted in _plain(NOUNS[n]) + _plain(VERBS[v])]


def systems_called(words: str) -> list[str]:
    """The parts of the product that `who_in_words` calls so."""
    return [name for name, label in SYSTEMS.items() if _plain(words) and _plain(label) == _plain(words)]


def _plain(words: Any) -> str:
    return "".join(c for c in str(words).casefold() if c.isalnum())


SYSTEMS: dict[str, Any] = {
    "login": _("登录页"),
    "timeline": _("时间线"),
    "mail": _("邮件收发"),
    "clock": _("承诺时钟"),
    "worker": _("后台任务"),
    "portal": _("自助门户"),
    "reactions": _("自动处理"),
    "promises": _("承诺"),
    "complaints": _("投诉处理"),
    "approvals": _("审批"),
    "mail.import": _("邮件导入"),
    "mail.receiver": _("收信"),
    "intake": _("接口来件"),
    "webhook": _("事件推送"),
    "setup": _("安装"),
    "doctor": _("体检"),
    "demo": _("演示数据"),
    "privacy": _("个人信息保护"),
}


def who_in_words(kind: str, name: str) -> str:
    """A part of the product by its Chinese name; people keep theirs."""
    return str(SYSTEMS.get(name, name)) if kind == "system" else name
