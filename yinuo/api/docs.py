"""/api/docs: the OpenAPI page, served from here alone under the strict content policy."""

import json

from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext as _

PAGE = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="stylesheet" href="{css}"><link rel="icon" href="data:,"></head>
<body><div id="swagger-ui"></div>
<script type="application/json" id="swagger-settings">{settings}</script>
<script src="{bundle}"></script><script src="{init}"></script></body></html>"""


def docs(request: HttpRequest) -> HttpResponse:
    settings = {
        "url": reverse("api-1:openapi-json"), "deepLinking": True, "layout": "BaseLayout", "docExpansion": "list",
        "persistAuthorization": False, "validatorUrl": None,
    }  # fmt: skip
    page = PAGE.format(
        lang="zh-CN", title=escape(_("一诺开放接口")), css=static("ninja/swagger-ui.css"),
        bundle=static("ninja/swagger-ui-bundle.js"), init=static("ninja/swagger-ui-init.js"),
        settings=json.dumps(settings).replace("<", "\\u003c"),
    )  # fmt: skip
    return HttpResponse(page)
