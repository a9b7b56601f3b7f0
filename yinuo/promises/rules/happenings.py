"""What may cause a promise and what may fulfil it: the names standards use, in words. Packs may add others."""

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

TRIGGERS: dict[str, str | Lazy] = {
    "complaint.received": _("收到投诉"), "interaction.received": _("客户来信、来消息"),
    "suggestion.received": _("收到建议"), "praise.received": _("收到表扬"), "task.created": _("派出任务"),
    "complaint.callback_due": _("投诉处理完毕，待回访"), "reception.requested": _("客户要求见领导"),
    "reception.booked": _("领导接待约好时间"), "correction.planned": _("订下纠正措施"),
    "correction.recurred": _("复查发现再次发生"),
    "review.requested": _("客户申请复核"), "survey.low": _("满意度低分或客户希望联系"),
    "personal": _("员工答应客户"), "delivery.agreed": _("约定送货日期"),
    "order.paid": _("收到货款"), "sample.received": _("收到样品"), "training.requested": _("客户要求培训"),
    "promotion.requested": _("申请促销"), "dealer.contracted": _("签订经销合同"),
    "product.first_used": _("客户开始使用产品"),
    "account.opened": _("建立客户关系"), "pickup.requested": _("客户要求上门揽收"), "forum.planned": _("计划客户座谈"),
    "hold.placed": _("客户小订"), "deposit.paid": _("客户交定金"), "sales.follow_up": _("销售跟进"),
}  # fmt: skip
#: What the product sees by itself; a promise of any other cause is made by hand or through the API.
AUTOMATIC = frozenset({
    "complaint.received", "interaction.received", "suggestion.received", "praise.received", "task.created",
    "complaint.callback_due", "reception.requested", "reception.booked", "correction.planned", "correction.recurred",
    "review.requested", "survey.low", "personal",
})  # fmt: skip
FULFILMENTS: dict[str, str | Lazy] = {
    "reply": _("答复客户（尚无结果也算）"), "complaint.acknowledged": _("告知受理"),
    "complaint.decided": _("把处理决定告知客户"),
    "complaint.closed": _("投诉结案"), "conversation.closed": _("会话处理完毕"), "matter.closed": _("事项办结"),
    "task.done": _("任务完成"),
    "callback.done": _("回访完成"), "reception.held": _("领导接待完成"),
    "recurrence.checked": _("纠正措施复查完毕"), "correction.planned": _("订下纠正措施"),
    "review.decided": _("复核有结论"),
    "delivery.done": _("货物送达"), "order.shipped": _("发货"), "sample.reported": _("出具检测结果"),
    "training.delivered": _("培训完成"), "promotion.held": _("促销开展"), "dealer.supplied": _("物料到位"),
    "guidance.given": _("指导完成"), "usage.reported": _("提交使用报告"), "visit.done": _("走访完成"),
    "visit.senior_done": _("高层走访完成"), "account.closed": _("客户关系结束"), "pickup.done": _("揽收完成"),
    "forum.held": _("座谈会召开"), "deposit.paid": _("交付定金"), "hold.released": _("小订退回"),
    "contract.signed": _("合同签订"), "deposit.released": _("定金退回"),
}  # fmt: skip

# What we may wait for a customer to do: a standard names those that stop its clock (`pauses_for`).
WAITS: dict[str, str | Lazy] = {
    "restatement": _("核对登记内容"), "agreement": _("确认处理协议"), "information": _("补充资料"),
}  # fmt: skip
#: What may be owed: one standard of each counts. Packs may add others.
OBLIGATIONS: dict[str, str | Lazy] = {
    "answer": _("答复"), "first_answer": _("首次答复"), "interim_reply": _("阶段答复"), "settlement": _("办结"),
    "acknowledgement": _("告知受理"), "review": _("核查答复"), "task": _("任务"), "callback": _("回访"),
    "reception": _("约见领导"), "reception_day": _("接待客户"), "recurrence_check": _("复查是否再次发生"),
    "new_correction": _("新的纠正措施"), "personal": _("个人承诺"), "low_score": _("低分回访"), "delivery": _("供货"),
    "shipment": _("发货"), "visit": _("走访"), "visit_senior": _("高层走访"), "visit_staff": _("业务人员走访"),
    "training": _("培训"), "sample_result": _("检测结果"), "dealer_material": _("经销商物料"),
    "promotion": _("促销支持"),
    "use_guidance": _("使用指导"), "usage_report": _("使用报告"), "pickup": _("上门揽收"), "forum": _("客户座谈会"),
    "hold": _("小订保留"), "deposit": _("大定保留"), "contract": _("签订合同"), "follow_up": _("客户跟进"),
}  # fmt: skip
#: What only a person's word fulfils: nothing the product sees does.
BY_HAND = ("personal",)
#: From which agreed day a promise may count.
DATES: dict[str, str | Lazy] = {"agreed_on": _("约定日期"), "day": _("约好的那天"), "check_on": _("复查日期")}


def in_code(words: dict[str, str | Lazy], written: str) -> str:
    """The name behind a label, for who writes it in words; a name of one's own stays as it is."""
    return next((name for name, label in words.items() if str(label) == written.strip()), written)


def obligation_label(name: str) -> str:
    return str(OBLIGATIONS.get(name, name))


def date_label(name: str) -> str:
    return str(DATES.get(name, name))


def trigger_label(name: str) -> str:
    return str(TRIGGERS.get(name, name))


def wait_label(name: str) -> str:
    return str(WAITS.get(name, name))


def fulfilment_label(name: str) -> str:
    return str(FULFILMENTS.get(name, name))
