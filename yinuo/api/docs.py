"""/api/docs: how to begin, what errors mean, and the OpenAPI page; served from here alone under the content policy."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from yinuo.api.describing import kept

PAGE = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="stylesheet" href="{css}"><link rel="stylesheet" href="{own_css}">
<link rel="icon" href="data:,"></head>
<body><main class="guide"><h1>{title}</h1>{guide}{codes}</main><div id="swagger-ui"></div>
<script type="application/json" id="swagger-settings">{settings}</script>
<script src="{bundle}"></script><script src="{init}"></script></body></html>"""


def docs(request: HttpRequest) -> HttpResponse:
    settings = {
        "url": reverse("api-1:openapi-json"), "deepLinking": True, "layout": "BaseLayout", "docExpansion": "none",
        "persistAuthorization": False, "validatorUrl": None, "filter": True,
    }  # fmt: skip
    language = 0 if (get_language() or "zh").startswith("zh") else 1
    address = request.build_absolute_uri("/api/v1")
    page = format_html(
        PAGE, lang=("zh-CN", "en")[language], title=_("一诺开放接口"), css=static("ninja/swagger-ui.css"),
        own_css=static("api/docs.css"), bundle=static("ninja/swagger-ui-bundle.js"),
        guide=format_html_join("", "{}", ((_section(part, language, address),) for part in kept("guide.json"))),
        codes=_codes(language), init=static("ninja/swagger-ui-init.js"),
        settings=mark_safe(json.dumps(settings).replace("<", "\\u003c")),
    )  # fmt: skip
    return HttpResponse(page)


def _section(part: dict[str, Any], language: int, address: str) -> SafeString:
    example = part.get("example", "").replace("ADDRESS", address)
    return format_html(
        '<section id="{}"><h2>{}</h2>{}{}</section>', part["id"], part["title"][language],
        format_html_join("", "<p>{}</p>", ((text[language],) for text in part["text"])),
        format_html("<pre><code>{}</code></pre>", example) if example else "",
    )  # fmt: skip


def _codes(language: int) -> SafeString:
    """Every code with its sentence; a problem's `type` leads here."""
    rows = ((code, code, words[language]) for code, words in kept("problems.json").items())
    table = format_html_join("", '<tr id="problems-{}"><td><code>{}</code></td><td>{}</td></tr>', rows)
    return format_html("<details><summary>{}</summary><table>{}</table></details>", _("全部 code"), table)
