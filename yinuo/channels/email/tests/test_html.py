"""Foreign HTML: harmless in a page, and readable as words."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yinuo.channels.email.parsing.html import has_remote_images, name_attachments, sanitise, show_images
from yinuo.channels.email.parsing.words import text_of

ATTACKS = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<a href='javascript:alert(1)'>x</a>",
    "<svg><script>alert(1)</script></svg>", "<iframe src='http://x'></iframe>", "<math><mi//xlink:href='data:x,alert(1)'>",
    "<style>@import 'http://x'</style>", "<p style='background:url(http://x)'>x</p>", "<form action='http://x'><input></form>",
    "<meta http-equiv=refresh content='0;url=http://x'>", "<link rel=stylesheet href='http://x'>", "<base href='http://x/'>",
    "<table background='http://x/a.png'><tr><td background='http://x/b.png'>x</table>", "<video poster='http://x'></video>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>", "<img src='data:text/html,<script>alert(1)</script>'>",
    "<input type=image src='http://x/pixel.png'>", "<object data='http://x'></object>", "<img srcset='http://x/a.png 2x'>",
    "<div style='position:fixed;top:0;left:0;width:100%;height:100%'>x</div>", "<!--[if mso]><img src='http://x'><![endif]-->",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<div style='background-color:url(http://x)'>x</div>", "<div style='color:var(--a,url(//x))'>x</div>",
    "<p style='text-decoration:url(http://x)'>x</p>", "<p style='color:\\75rl(http://x)'>x</p>",
]  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_runs_and_nothing_loads(attack):
    clean = sanitise(f"<p>您好</p>{attack}").lower()
    assert "您好" in clean
    for bad in (
        "<script",
        "onerror",
        "javascript:",
        "<iframe",
        "<form",
        "<input",
        "<meta",
        "<link",
        "<base",
        "<style",
        " src=",
        "url(",
        "srcset",
        "background=",
        "position",
        "<svg",
        "<object",
        "poster",
    ):
        assert bad not in clean, bad


def test_style_colours_words_and_covers_nothing():
    kept = sanitise("<p style='color:rgb(1, 2, 3);font-size:14px;background-color:#fff;font-weight:bold'>x</p>")
    assert all(word in kept for word in ("rgb(1", "14px", "#fff", "bold"))
    for huge in ("99999px", "9999pt", "500%", "100em", "calc(100vw)", "100vw", "."):
        assert "font-size" not in sanitise(f"<p style='font-size:{huge}'>x</p>"), huge


def test_links_lead_outside_or_nowhere():
    """A link without a place of its own would lead into our pages as if we had written it."""
    for away in ("https://example.cn/a", "HTTP://example.cn", "mailto:a@example.cn", "tel:12315"):
        assert away.lower() in sanitise(f"<a href='{away}'>x</a>").lower()
    for inside in (
        "/logout/",
        "//example.cn",
        "settings/",
        "?a=1",
        "#top",
        "\\\\example.cn",
        "jav&#x09;ascript:alert(1)",
    ):
        once = sanitise(f"<a href='{inside}'>x</a>")
        assert "href" not in once and "href" not in show_images(f"<a href='{inside}'>x</a>", {}, True)


def test_remote_images_wait_for_a_click():
    clean = sanitise("<p>图<img src='https://x.cn/p.png?u=1' alt=照片 width=20><img src='//x.cn/q.png'></p>")
    assert has_remote_images(clean)
    assert " src=" not in clean
    assert 'data-remote-src="https://x.cn/p.png?u=1"' in clean
    shown = show_images(clean, {}, remote=True)
    assert ' src="https://x.cn/p.png?u=1"' in shown
    assert " src=" not in show_images(clean, {}, remote=False)


def test_attached_images_become_attachments():
    clean = sanitise("<img src='cid:img1@x'><img src=\"cid:a&quot;b\">")
    named = name_attachments(clean, {"img1@x": 7})
    assert 'data-attachment="7"' in named
    assert 'src="/files/7"' in show_images(named, {"7": "/files/7"}, remote=False)


def test_a_sender_cannot_name_our_attachments():
    clean = sanitise("<img data-attachment=9 data-remote-src='javascript:x' src='cid:x'>")
    assert "data-attachment" not in clean
    assert "javascript" not in clean


def test_words_in_reading_order():
    html = (
        "<html><head><title>不要</title><style>p{}</style></head><body><p>您好&nbsp;，</p><div>第一行<br>第二行</div>"
        "<table><tr><td>型号</td><td>5W-30</td></tr></table><ul><li>甲</li><li>乙</li></ul><p style='display:none'>隐藏</p>"
        "<blockquote type=cite><div>旧信</div></blockquote></body></html>"
    )
    text = text_of(html)
    assert "不要" not in text
    assert "隐藏" not in text
    assert "第一行\n第二行" in text
    assert "型号 5W-30" in text
    assert "- 甲\n- 乙" in text
    assert "> 旧信" in text


@pytest.mark.parametrize(
    "bomb",
    [
        "<div>" * 200_000,
        "<a<" * 300_000,
        "<table><tr><td>" * 60_000,
        "&" * 500_000,
        "<!--" * 200_000,
        "<b><i>" * 100_000,
    ],
)
def test_html_bombs_are_quick(bomb):
    start = time.monotonic()
    sanitise("您好" + bomb)
    assert "您好" in text_of("您好" + bomb)
    assert time.monotonic() - start < 15


@given(st.text(alphabet=st.sampled_from("<>/&;=\"' abdivpscriptonxsrc:\x00\ud800"), max_size=200))
def test_sanitising_never_raises(source):
    clean = sanitise(source)
    assert "<script" not in clean
    text_of(source)
