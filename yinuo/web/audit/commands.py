"""Commands in words a person reads: the noun, and what was done to it."""

from typing import Any

from django.utils.translation import gettext_lazy as _

NOUNS: dict[str, Any] = {
    "approval": _("审批"), "article": _("知识文章"), "attachment": _("附件"), "board": _("看板"),
    "calendar": _("日历"), "complaint": _("投诉"), "contact": _("来电来访"), "conversation": _("会话"),
    "customer": _("客户"), "display": _("显示链接"), "draft": _("草稿"), "entry": _("登录规则"),
    "hold": _("待发消息"), "intake": _("接口来件"), "interaction": _("互动"), "key": _("密钥"),
    "knowledge": _("知识"), "mail": _("邮件"), "mailbox": _("邮箱"), "matter": _("事项"), "notice": _("通知"),
    "portal": _("门户"), "promise": _("承诺"), "report_mail": _("报表邮件"), "role": _("角色"),
    "schedule": _("定时报表"), "security": _("登录提醒"), "sms": _("短信"), "staff": _("员工"),
    "standard": _("服务标准"), "survey": _("满意度"),
    "task": _("任务"), "template": _("回复模板"), "tour": _("入门介绍"), "unit": _("部门"), "view": _("视图"),
    "webhook": _("事件推送"), "wording": _("话术规则"),
}  # fmt: skip
#: What the list can be narrowed to.
FILTERS = (
    "complaint", "matter", "task", "promise", "approval", "customer", "conversation", "interaction", "intake",
    "mail", "staff", "role", "unit", "key", "standard", "calendar", "survey", "webhook", "article", "wording",
)  # fmt: skip
VERBS: dict[str, Any] = {
    "disown": _("不是本人，锁定账号"), "disown_by_link": _("不是本人，锁定账号"), "mailed": _("寄出提醒"),
    "note_guessing": _("第二步多次不对"), "unlock": _("解锁"), "enter_by_sign_on": _("单点登录"),
    "link_sign_on": _("连接单点登录编号"), "set_sign_on": _("修改单点登录"),
    "add_code_app": _("设置验证码应用"), "add_passkey": _("添加通行密钥"), "remove_code_app": _("停用验证码应用"),
    "remove_passkey": _("删除通行密钥"), "renew_recovery_codes": _("换一批恢复码"),
    "require_second_step": _("修改两步登录要求"), "reset_second_step": _("重设两步登录"),
    "step_by_code": _("通过第二步"), "step_by_passkey": _("通行密钥验证"), "step_by_recovery": _("用恢复码通过第二步"),
    "accept_sender": _("确认发件人"), "acknowledge": _("告知客户"), "add": _("记录"),
    "add_collaborator": _("加协作人"), "add_collaborators": _("加协作人"), "add_contact": _("加联系人"),
    "add_contact_person": _("加联系人"), "add_entries": _("写经过"), "add_entry": _("写经过"),
    "add_identity": _("加联系方式"), "add_information": _("客户补充材料"), "add_purchase": _("记购买"),
    "add_rule": _("加规则"), "announce_due": _("到期提示"), "answer": _("客户答卷"),
    "answer_improvement": _("答复改进建议"), "apply_bounce": _("记录退信"), "apply_extension": _("延期生效"),
    "apply_proposal_decision": _("方案审批结果"), "apply_rejection_decision": _("不予受理审批结果"),
    "apply_waiver": _("免除生效"), "ask": _("请客户评价"), "ask_by_plan": _("按计划请客户评价"),
    "ask_compensation_again": _("再次申请补偿"), "ask_for_event": _("按计划请客户评价"), "assess": _("初步评审"),
    "assign": _("分派"), "attach_interaction": _("归入互动"), "book_reception": _("预约领导接待"),
    "bring_up_to_date": _("补记到期"), "cancel": _("取消"), "cancel_absence": _("取消请假"), "carry": _("发出问卷"),
    "change": _("修改"), "change_rule": _("改规则"), "check_recurrence": _("复查是否再发"), "claim": _("领取"),
    "close": _("关闭"), "complete": _("完成"), "confirm_agreement": _("客户确认协议"), "confirm_grade": _("确认级别"),
    "confirm_restatement": _("客户确认复述"), "copy_questionnaire": _("复制问卷"),
    "correct_restatement": _("客户更正复述"), "create": _("新建"), "decide": _("审批"),
    "decide_compensation": _("补偿审批结果"), "decide_responsibility": _("责任认定"), "decide_review": _("复核决定"),
    "delete": _("删除"), "discard": _("撤回"), "discard_upload": _("删除上传"), "dispatch_items": _("分派执行"),
    "draft_proposal": _("拟定方案"), "edit": _("修改"), "edit_registration": _("修改登记"),
    "edit_rules": _("修改流程"), "edit_setting": _("修改设置"), "end_other_sessions": _("结束其他登录"),
    "end_session": _("结束一处登录"), "end_sessions": _("结束全部登录"), "enter": _("登记电话答卷"),
    "escalate": _("升级"), "escalate_out": _("外部升级"), "expire": _("过期"), "expire_due": _("到期停用"),
    "export": _("导出"), "export_answers": _("导出答卷"), "export_list": _("导出清单"),
    "export_report": _("导出报表"), "export_results": _("导出结果"), "fail": _("发送失败"), "finish": _("办结"),
    "finish_correction": _("纠正措施完成"), "finish_execution": _("执行完成"), "finish_repair": _("修复完成"),
    "follow_customer": _("归入客户合并"), "follow_name": _("随客户改名"), "follow_interaction": _("归入互动"),
    "follow_up": _("安排下一步"),
    "forget": _("删除"), "gather_strays": _("归入合并后的档案"), "hand_on": _("转交"), "hand_over": _("转交"),
    "hide_start": _("不再提示开张清单"), "ignore": _("忽略"), "import_rules": _("导入规则"), "issue": _("生成"),
    "keep": _("兑现"), "lay_down": _("装入规则"), "let_pass": _("放行"), "link": _("建立关联"),
    "load_pack": _("装入行业包"), "make": _("作出"), "make_by_standard": _("按标准作出"),
    "make_default": _("设为默认"), "make_good": _("兑现补偿"), "make_personal": _("个人承诺"),
    "mark_delivery": _("投递状态"), "mark_sent": _("记录发出"), "meet": _("兑现"), "merge": _("合并"),
    "move": _("转移"), "no_report_yet": _("暂无回执"), "nobody_approves": _("没有审批人"), "not_sent": _("没有发出"),
    "note": _("记录"), "note_attempt": _("记录发送"), "note_on": _("记录"), "note_printed": _("打印"),
    "note_raw": _("下载原始邮件"), "note_report_printed": _("打印月报"), "note_state": _("记录状态"),
    "offer_agreement": _("发出协议"), "open": _("开立"), "pass_device": _("新设备登录链接"), "password": _("改密码"),
    "pause": _("暂停"), "pause_all": _("全部暂停"), "place": _("存入待发"), "plan_correction": _("拟定纠正措施"),
    "plan_repair": _("拟定关系修复"), "position": _("读到的位置"), "preferences": _("个人设置"),
    "prepare": _("准备发送"), "present": _("修改门户名称"), "print": _("打印"), "propose_compensation": _("提出补偿"),
    "propose_grade": _("建议级别"), "propose_improvement": _("提出改进建议"),
    "propose_responsibility": _("提出责任认定"), "publish": _("发布"), "put_in_library": _("收入案例库"),
    "queue": _("排队发送"), "raise": _("登记"), "rate": _("客户评价"), "read": _("已读"),
    "read_raw": _("查看原始邮件"), "recall": _("收回"), "recall_proposal": _("收回方案"), "receipt": _("自动回执"),
    "record": _("登记"), "record_agreement_answer": _("登记客户对协议的答复"), "record_attempt": _("记录推送"),
    "record_callback": _("回访"), "record_external_result": _("登记外部结果"), "record_finding": _("调查发现"),
    "record_reception": _("登记领导接待"), "record_restatement_answer": _("登记客户对复述的答复"),
    "redeem_code": _("核对查询码"), "redeliver": _("重新推送"), "refuse": _("未能登记"),
    "refuse_agreement": _("客户拒绝协议"), "register": _("登记"), "register_by_hand": _("人工登记"),
    "rehearsed": _("演练未外发"), "reject": _("不予受理"), "reject_change": _("不同意变更"), "release": _("不再履行"),
    "remind_to_pay": _("提醒付款"), "remove": _("移除"), "remove_contact": _("移除联系人"),
    "remove_pack": _("移除行业包"), "remove_purchase": _("删除购买记录"), "renew": _("续期"), "reopen": _("重新办理"),
    "reopen_own": _("客户要求重新办理"), "replan_calendar": _("按日历重排"), "replan_standard": _("按标准重排"),
    "reply": _("回复"), "reply_to": _("回复"), "report": _("回执"), "request": _("申请"),
    "request_extension": _("申请延期"), "request_own_review": _("客户申请复核"),
    "request_reception": _("申请领导接待"), "request_review": _("申请复核"), "request_waiver": _("申请免除"),
    "resend": _("重新发送"), "reset_password": _("重设密码"), "resolve": _("识别"), "restate": _("发出复述"),
    "restore": _("恢复"), "resume": _("恢复"), "resume_all": _("全部恢复"), "retire": _("停用"), "retry": _("重试"),
    "return": _("退回"), "reveal": _("查看明文"), "reveal_code": _("查看查询码"), "revoke": _("吊销"),
    "reward": _("奖励"), "rotate_secret": _("更换密钥"), "save": _("保存"), "save_plan": _("保存计划"),
    "save_questionnaire": _("保存问卷"), "seed": _("预置"), "seed_rules": _("预置规则"), "seen": _("看过"),
    "send": _("发出"), "send_code": _("发送查询码"), "send_now": _("立即发送"), "sent": _("已发出"),
    "separate_sender": _("分开发件人"), "set_absence": _("登记请假"), "set_aside": _("搁到一边"),
    "set_external_reference": _("外部受理编号"), "set_lifetimes": _("修改登录时长"), "set_rule": _("修改规则"),
    "set_state": _("改状态"), "set_wishes": _("修改通知设置"), "settle_compensation": _("结清补偿"),
    "share": _("客户生成转发链接"), "signed_in": _("登录"), "snooze": _("搁置"), "split": _("撤销合并"),
    "start_investigation": _("开始调查"), "stop_sharing": _("客户关闭转发链接"), "store": _("存入"),
    "store_raw": _("收到"), "submit": _("提交"), "submit_proposal": _("方案送审"), "sweep": _("清理"),
    "switch_rule": _("启停规则"), "take_back": _("撤销转交"), "take_intake": _("设为接收部门"),
    "tell_extension": _("告知延期"), "test": _("测试"), "told": _("已告知"), "understand": _("解读"),
    "unlink": _("解除关联"), "unsnooze": _("取消搁置"), "upload": _("上传"), "use": _("使用"),
    "verify_identity": _("核实身份"), "view": _("打开卡片"), "watch_reveals": _("查看明文过多"),
    "withdraw": _("撤回"), "withdraw_own": _("客户撤诉"), "worked_on": _("开始办理"), "write_mail": _("写信通知"),
}  # fmt: skip

#: Things that are not called as the noun of their command, by the name of their model.
SUBJECTS: dict[str, Any] = {
    "absence": _("不在岗"), "agreement": _("处理协议"), "approvalrule": _("审批规则"), "approvalstep": _("审批的一步"),
    "article": _("知识文章"), "attachment": _("附件"), "callback": _("回访"), "clock": _("承诺时钟"),
    "compensation": _("补偿"), "contact": _("联系人"), "conversation": _("会话"), "correctiveaction": _("纠正措施"),
    "customer": _("客户"), "customermerge": _("客户合并"), "delivery": _("推送"), "display": _("显示链接"),
    "endpoint": _("推送地址"), "externalescalation": _("外部升级"), "front": _("门户"), "heldmessage": _("待发消息"),
    "interaction": _("互动"), "invitation": _("问卷邀请"), "leaderreception": _("领导接待"), "mailbox": _("邮箱"),
    "matter": _("事项"), "outboundmessage": _("寄出的邮件"), "promise": _("承诺"), "proposal": _("处理方案"),
    "questionnaire": _("问卷"), "rawmessage": _("收到的邮件"), "replytemplate": _("回复模板"),
    "reportplan": _("定时报表"), "responsibility": _("责任认定"), "review": _("复核"), "role": _("角色"),
    "staff": _("员工"), "standard": _("服务标准"), "surveyanswer": _("答卷"), "surveyplan": _("调查计划"),
    "task": _("任务"), "unit": _("部门"), "wordingrule": _("话术规则"),
}  # fmt: skip


def subject_in_words(command: str, subject_type: str) -> str:
    noun = command.partition(".")[0]
    return str(SUBJECTS.get(subject_type.rpartition(".")[2]) or NOUNS.get(noun, noun))


def in_words(command: str) -> str:
    """`customer.reveal` → the noun and the verb as people say them; an unknown verb stays as it is."""
    noun, _dot, verb = command.partition(".")
    return f"{NOUNS.get(noun, noun)} · {VERBS.get(verb, verb)}"


def said_by(words: str) -> tuple[list[str], list[str]]:
    """The nouns, and beside them the single commands, that `in_words` shows with these words: 登记, 投诉 · 登记."""
    wanted = plain(words)
    if not wanted:
        return [], []
    nouns = [noun for noun, label in NOUNS.items() if wanted in plain(label)]
    pairs = [(noun, verb) for noun in NOUNS if noun not in nouns for verb in VERBS]
    return nouns, [f"{n}.{v}" for n, v in pairs if wanted in plain(NOUNS[n]) + plain(VERBS[v])]


def plain(words: Any) -> str:
    return "".join(c for c in str(words).casefold() if c.isalnum())
