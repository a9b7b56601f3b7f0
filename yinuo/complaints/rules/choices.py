"""The enumerations of a complaint, as the glossary names them."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Channel(TextChoices):
    PORTAL = "portal", _("自助门户")
    EMAIL = "email", _("电子邮件")
    PHONE = "phone", _("电话")
    VISIT = "visit", _("来访")
    LETTER = "letter", _("信函")
    API = "api", _("接口")


#: Said face to face or on the phone, and answered on the spot.
SPOKEN_IN_PERSON = ("phone", "visit", "note")
#: The task by which whoever handles a case is asked to tell the customer something, and the kind of words it becomes.
TELLING = {"tell_customer": "complaint", "thank_customer": "care"}

#: The words were put down by somebody else than the customer, so they are read back before anything is judged.
SPOKEN_CHANNELS = frozenset({Channel.PHONE, Channel.VISIT, Channel.LETTER})


class Kind(TextChoices):
    EXPECTATION = "expectation", _("期望落差")
    PRODUCT = "product", _("产品")
    SERVICE = "service", _("服务")
    PROCESS = "process", _("流程")


class Subkind(TextChoices):
    PRODUCT_ITSELF = "product_itself", _("产品本身")
    PACKAGING = "packaging", _("包装")
    DEFECT = "defect", _("缺陷")
    MISUSE = "misuse", _("使用不当")
    ATTITUDE = "attitude", _("服务态度")
    METHOD = "method", _("服务方式")


SUBKINDS: dict[str, tuple[Subkind, ...]] = {
    Kind.PRODUCT: (Subkind.PRODUCT_ITSELF, Subkind.PACKAGING, Subkind.DEFECT, Subkind.MISUSE),
    Kind.SERVICE: (Subkind.ATTITUDE, Subkind.METHOD),
    Kind.EXPECTATION: (),
    Kind.PROCESS: (),
}


class Judgement(TextChoices):
    JUSTIFIED = "justified", _("成立")
    PARTLY = "partly", _("部分成立")
    UNJUSTIFIED = "unjustified", _("不成立")


class Severity(TextChoices):
    """Stored as text here and as 0..3 on the matter (`SEVERITY_RANK`)."""

    MINOR = "minor", _("轻微")
    ORDINARY = "ordinary", _("一般")
    SERIOUS = "serious", _("严重")
    CRITICAL = "critical", _("重大")


SEVERITY_RANK: dict[str, int] = {
    Severity.MINOR: 0,
    Severity.ORDINARY: 1,
    Severity.SERIOUS: 2,
    Severity.CRITICAL: 3,
}


class Risk(TextChoices):
    MEDIA = "media", _("媒体曝光")
    SAFETY = "safety", _("人身财产安全")
    REGULATOR = "regulator", _("监管介入")
    GROUP = "group", _("群体投诉")


class Temperament(TextChoices):
    VENTING = "venting", _("发泄型")
    CLAIMING = "claiming", _("索赔型")
    ANGRY = "angry", _("愤怒型")
    STUBBORN = "stubborn", _("固执型")
    POWERFUL = "powerful", _("强势型")
    WRONGED = "wronged", _("委屈型")
    CONFIDING = "confiding", _("倾诉型")
    PRIVATE = "private", _("隐私型")
    SUGGESTING = "suggesting", _("建议型")
    CONSULTING = "consulting", _("咨询型")
    RIGHTS_DEFENDING = "rights_defending", _("维权型")


class Manner(TextChoices):
    EMOTIONAL = "emotional", _("情绪型")
    OPINIONATED = "opinionated", _("主见型")
    PREPARED = "prepared", _("有备而来型")


class Complexity(TextChoices):
    SIMPLE = "simple", _("简单")
    ORDINARY = "ordinary", _("一般")
    COMPLEX = "complex", _("复杂")


class ItemKind(TextChoices):
    REPLACE = "replace", _("换货")
    REFUND = "refund", _("退款")
    REPAIR = "repair", _("维修")
    MONEY = "money", _("赔偿金")
    FREE_SERVICE = "free_service", _("免费服务")
    DISCOUNT = "discount", _("折扣")
    GIFT = "gift", _("礼品")
    FORMAL_APOLOGY = "formal_apology", _("正式致歉")
    LEADER_VISIT = "leader_visit", _("领导登门")


#: Money leaves the house: these need an amount above zero.
MONEY_KINDS = frozenset({ItemKind.REFUND, ItemKind.MONEY})
#: No department task follows: saying so to the customer is the execution, but it is still a task of the handler's.
WORDS_KINDS = frozenset({ItemKind.FORMAL_APOLOGY})


class Satisfaction(TextChoices):
    """Five levels; the number is what is stored."""

    VERY_SATISFIED = "5", _("很满意")
    SATISFIED = "4", _("满意")
    FAIR = "3", _("一般")
    DISSATISFIED = "2", _("不满意")
    VERY_DISSATISFIED = "1", _("很不满意")


class DisciplineStep(TextChoices):
    WARNING = "warning", _("警告")
    PENALTY = "penalty", _("处罚")
    DISMISSAL = "dismissal", _("建议辞退")


class ProposalState(TextChoices):
    DRAFT = "draft", _("草稿")
    PENDING = "pending", _("待审")
    APPROVED = "approved", _("同意")
    REJECTED = "rejected", _("驳回")
    RECALLED = "recalled", _("收回")
    REFUSED = "refused", _("客户未接受")
    AGREED = "agreed", _("客户已确认")


class AgreementState(TextChoices):
    OFFERED = "offered", _("待客户确认")
    CONFIRMED = "confirmed", _("客户已确认")
    REFUSED = "refused", _("客户未接受")
    SUPERSEDED = "superseded", _("已被新版本取代")


class RestatementState(TextChoices):
    PENDING = "pending", _("待客户确认")
    CONFIRMED = "confirmed", _("客户已确认")
    CORRECTED = "corrected", _("客户要求更正")
    SUPERSEDED = "superseded", _("已被新版本取代")


class ReviewState(TextChoices):
    PENDING = "pending", _("待复核")
    UPHELD = "upheld", _("维持原处理")
    OVERTURNED = "overturned", _("改判")


class ReceptionState(TextChoices):
    REQUESTED = "requested", _("待安排")
    BOOKED = "booked", _("已预约")
    HELD = "held", _("已接待")
    MISSED = "missed", _("客户未到")
    CANCELED = "canceled", _("已取消")


class ResponsibilityState(TextChoices):
    PROPOSED = "proposed", _("待决定")
    DECIDED = "decided", _("已决定")
    CLEARED = "cleared", _("不予追究")


class Recurrence(TextChoices):
    EFFECTIVE = "effective", _("有效，未再发生")
    RECURRED = "recurred", _("再次发生")


class ImprovementState(TextChoices):
    SUBMITTED = "submitted", _("已上报")
    ACCEPTED = "accepted", _("采纳")
    DECLINED = "declined", _("未采纳")
