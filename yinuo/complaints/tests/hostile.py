"""Texts meant to do harm: what is typed, what is kept of it, and how a page writes what is kept."""

#: name: (typed, kept, as it stands in the HTML of a page)
HOSTILE = {
    "script": (
        "<script>alert(1)</script>漏油",
        "<script>alert(1)</script>漏油",
        "&lt;script&gt;alert(1)&lt;/script&gt;漏油",
    ),
    "attribute": ('" onmouseover="alert(1)', '" onmouseover="alert(1)', "&#34; onmouseover=&#34;alert(1)"),
    "entity": ("&lt;b&gt; & &#0;", "&lt;b&gt; & &#0;", "&amp;lt;b&amp;gt; &amp; &amp;#0;"),
    "formula": ('=HYPERLINK("http://x")', '=HYPERLINK("http://x")', "=HYPERLINK(&#34;http://x&#34;)"),
    "sql": ("漏油' OR 1=1 --", "漏油' OR 1=1 --", "漏油&#39; OR 1=1 --"),
    "template": ("{{7*7}}{% raw %}${7*7}", "{{7*7}}{% raw %}${7*7}", "{{7*7}}{% raw %}${7*7}"),
    "turned round": ("漏\u202eevil\u202c\u2066油\u2069", "漏evil油", "漏evil油"),
    "unseen": ("漏\u200b\u00ad\ufeff\U000e0041油", "漏油", "漏油"),
    "control": ("漏\x00\x07\x1b[31m\x9f油", "漏[31m油", "漏[31m油"),
    "accents": ("cafe\u0301 漏油", "caf\u00e9 漏油", "caf\u00e9 漏油"),
    "joined picture": (
        "\U0001f469\u200d\U0001f469\u200d\U0001f467 漏油",
        "\U0001f469\u200d\U0001f469\u200d\U0001f467 漏油",
        "\U0001f469\u200d\U0001f469\u200d\U0001f467 漏油",
    ),
    "line breaks": ("漏油\r\n<br>\r停工", "漏油\n<br>\n停工", "漏油<br>&lt;br&gt;<br>停工"),
}
