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


def trigger_label(name: str) -> str:
    return str(TRIGGERS.get(name, name))


def wait_label(name: str) -> str:
    return str(WAITS.get(name, name))


def fulfilment_label(name: str) -> str:
    return str(FULFILMENTS.get(name, name))
