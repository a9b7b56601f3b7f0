"""What customers read on the portal about the company."""

from django.utils.translation import gettext_lazy

from yinuo.web.forms.base import PageForm, line


class FrontForm(PageForm):
    name = line(gettext_lazy("公司名称"), length=60, help=gettext_lazy("客户认得的简称，在每一页的左上角"))
    phone = line(
        gettext_lazy("客服电话"), length=40, required=False, placeholder="400-000-0000",
        help=gettext_lazy("在每一页的下方，手机上点一下就能拨"),
    )  # fmt: skip
    hours = line(
        gettext_lazy("什么时候有人接"),
        length=80,
        required=False,
        placeholder=gettext_lazy("例如：周一至周五 9:00–18:00"),
    )
