"""The words of an HTML body in reading order."""

from __future__ import annotations

import re
from html import unescape

from selectolax.lexbor import LexborHTMLParser, LexborNode

from yinuo.channels.email.parsing.charset import readable
from yinuo.channels.email.parsing.html import MAX_HTML, too_heavy

_BLOCKS = {
    "address",
    "article",
    "aside",
    "blockquote",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "fieldset",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "tbody",
    "tfoot",
    "thead",
    "tr",
    "ul",
}
_SILENT = {
    "script",
    "style",
    "head",
    "title",
    "noscript",
    "template",
    "iframe",
    "object",
    "embed",
    "svg",
    "math",
    "select",
    "textarea",
    "applet",
    "audio",
    "video",
    "canvas",
    "meta",
    "link",
    "base",
}


def _without_tags(source: str) -> str:
    return unescape(re.sub(r"[ \t]+", " ", re.sub(r"<[^<>]{0,2000}>", " ", source))).strip()


def _is_quote(node: LexborNode) -> bool:
    if node.tag == "blockquote":
        return (node.attributes.get("type") or "").lower() == "cite" or "quote" in (node.attributes.get("class") or "")
    return False


def _hidden(node: LexborNode) -> bool:
    style = (node.attributes.get("style") or "").replace(" ", "").lower()
    return "display:none" in style or "visibility:hidden" in style or "hidden" in node.attributes


class _Lines:
    """Collects words into lines; a quoted block gets the same mark a plain-text program writes."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.current: list[str] = []
        self.quotes = 0

    def word(self, text: str) -> None:
        self.current.append(text)

    def end(self, force: bool = False) -> None:
        text = re.sub(r"[ \t]+", " ", "".join(self.current)).strip()
        self.current = []
        if text or (force and self.lines and self.lines[-1].strip("> ")):
            self.lines.append("> " * min(self.quotes, 5) + text if self.quotes else text)

    def text(self) -> str:
        self.end()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self.lines)).strip()


def text_of(source: str) -> str:
    """The words of an HTML body in reading order. Walks without recursion, so depth cannot hurt."""
    source = readable(source[:MAX_HTML])
    if too_heavy(source):
        return _without_tags(source)
    tree = LexborHTMLParser(source)
    root = tree.body or tree.root
    out = _Lines()
    if root is None:
        return ""
    # Each entry is a node to enter, or the tag of a node to leave.
    stack: list[LexborNode | tuple[str, bool]] = [root]
    while stack:
        item = stack.pop()
        if isinstance(item, tuple):
            out.end()
            out.quotes -= item[1]
            continue
        tag = item.tag or ""
        if tag == "-text":
            out.word(re.sub(r"\s+", " ", item.text_content or ""))
            continue
        if tag.startswith(("-", "!")) or tag in _SILENT or _hidden(item):
            continue
        if tag == "br":
            out.end(force=True)
            continue
        if tag in ("td", "th"):
            out.word(" ")
        elif tag == "img" and item.attributes.get("alt"):
            out.word(f"[{item.attributes['alt']}]")
        if tag in _BLOCKS:
            out.end(force=tag in ("p", "table", "h1", "h2", "h3"))
            if tag == "hr":
                out.word("_" * 30)
                out.end()
            if tag == "li":
                out.word("- ")
            quoted = _is_quote(item)
            out.quotes += quoted
            stack.append((tag, quoted))
        children = []
        child = item.child
        while child is not None:
            children.append(child)
            child = child.next
        stack.extend(reversed(children))
    return out.text()
