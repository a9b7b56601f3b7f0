"""Foreign HTML made harmless. The words in it are the next room's."""

from __future__ import annotations

import re
from html import unescape

import nh3
from selectolax.lexbor import LexborHTMLParser

from yinuo.channels.email.parsing.charset import readable

MAX_HTML = 2_000_000
MAX_SANITISED = 1_000_000
_TAGS = {
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "caption",
    "center",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "div",
    "dl",
    "dt",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "li",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"data-remote-src", "data-cid", "data-attachment", "alt", "width", "height", "title"},
    "td": {"colspan", "rowspan", "align", "valign"},
    "th": {"colspan", "rowspan", "align", "valign"},
    "table": {"border", "cellpadding", "cellspacing"},
    "font": {"color", "size"},
    "blockquote": {"type"},
    "ol": {"start", "type"},
    "div": {"align"},
    "p": {"align"},
    "*": {"style", "dir", "lang"},
}
_STYLES = {"color", "background-color", "font-weight", "font-style", "text-align", "text-decoration", "font-size"}
_REMOTE = re.compile(r"^\s*(https?:)?//", re.IGNORECASE)


_OPENING = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_NEVER_NESTS = {
    "p",
    "li",
    "td",
    "th",
    "tr",
    "dt",
    "dd",
    "br",
    "hr",
    "img",
    "meta",
    "link",
    "input",
    "col",
    "base",
    "option",
    "area",
    "wbr",
    "source",
    "html",
    "head",
    "body",
}
MAX_DEPTH = 600
MAX_REFERENCES = 50_000


def too_heavy(source: str) -> bool:
    """Whether building the tree would take minutes (deep nesting, countless references); one linear look."""
    if source.count("&") > MAX_REFERENCES:
        return True
    depth = 0
    for closing, tag in _OPENING.findall(source):
        if tag.lower() in _NEVER_NESTS:
            continue
        depth = max(0, depth - 1) if closing else depth + 1
        if depth > MAX_DEPTH:
            return True
    return False


def _still_images(source: str) -> str:
    """Images lose their source before sanitising: a remote one waits for a click, an attached one for its file."""
    tree = LexborHTMLParser(source)
    for node in tree.css("img"):
        link = (node.attributes.get("src") or "").strip()
        for name in ("src", "srcset", "data-remote-src", "data-cid", "data-attachment"):
            if name in node.attributes:
                del node.attrs[name]
        if _REMOTE.match(link):
            node.attrs["data-remote-src"] = ("https:" + link) if link.startswith("//") else link
        elif link[:4].lower() == "cid:":
            node.attrs["data-cid"] = link[4:].strip()[:300]
    return tree.html or ""


_ABSOLUTE = re.compile(r"\s*(https?://|mailto:|tel:)", re.IGNORECASE)
#: A value with brackets may load something or compute; colours are the only ones worth keeping.
_CALM = re.compile(r"[\w\s#%.,'\"-]*|(rgb|hsl)a?\([\d\s.,%/]*\)", re.ASCII)
_SIZE = re.compile(r"([\d.]{1,6})(px|pt|em|rem|%)|(xx?-|)(small|large)|medium|smaller|larger", re.IGNORECASE)
_LARGEST = {"px": 48.0, "pt": 36.0, "em": 3.0, "rem": 3.0, "%": 300.0}


def _calm(declaration: str) -> bool:
    """Whether a piece of style only colours and sizes words: it loads nothing and covers nothing."""
    name, _colon, value = (part.strip() for part in declaration.partition(":"))
    if not _CALM.fullmatch(value):
        return False
    if name.lower() != "font-size":
        return True
    size = _SIZE.fullmatch(value)
    if size is None or size[1] is None:
        return size is not None
    return size[1].count(".") < 2 and size[1] != "." and float(size[1]) <= _LARGEST[size[2].lower()]


def _kept(_tag: str, name: str, value: str) -> str | None:
    """What of an attribute stays. A link without a place of its own would lead into our pages, so it goes."""
    if name == "style":
        return ";".join(part for part in value.split(";") if _calm(part)) or None
    return value if name != "href" or _ABSOLUTE.match(value) else None


def sanitise(source: str) -> str:
    """HTML that runs nothing, loads nothing and can be put into a page. The sanitiser is the last step."""
    source = readable(source[:MAX_HTML])
    if too_heavy(source):
        return ""
    clean = nh3.clean(
        _still_images(source),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
        filter_style_properties=_STYLES,
        clean_content_tags={"script", "style", "title", "noscript", "template", "textarea", "svg", "math"},
        set_tag_attribute_values={"a": {"target": "_blank"}},
        strip_comments=True,
        attribute_filter=_kept,
    )
    return clean if len(clean) <= MAX_SANITISED else ""


def has_remote_images(clean: str) -> bool:
    """Whether a sanitised body waits for permission to load something."""
    return "data-remote-src=" in clean


_CID = re.compile(r'data-cid="([^"]*)"')


def name_attachments(clean: str, attachments: dict[str, int]) -> str:
    """Inline images of a sanitised body point at stored attachments instead of content ids."""

    def replace(match: re.Match[str]) -> str:
        number = attachments.get(unescape(match[1]))
        return f'data-attachment="{number}"' if number else match[0]

    return _CID.sub(replace, clean)


def show_images(clean: str, links: dict[str, str], remote: bool) -> str:
    """Give images of a stored body their sources: attached ones by attachment number, remote ones when allowed."""
    tree = LexborHTMLParser(clean)
    for node in tree.css("img"):
        held = node.attributes.get("data-remote-src") or ""
        number = node.attributes.get("data-attachment") or ""
        if remote and _REMOTE.match(held):
            node.attrs["src"] = held
        elif number in links:
            node.attrs["src"] = links[number]
    return nh3.clean(
        tree.html or "",
        tags=_TAGS,
        attributes={**_ATTRIBUTES, "img": _ATTRIBUTES["img"] | {"src"}},
        url_schemes={"http", "https", "mailto", "tel"},
        url_relative="pass_through",
        link_rel="noopener noreferrer nofollow",
        filter_style_properties=_STYLES,
        set_tag_attribute_values={"a": {"target": "_blank"}},
        attribute_filter=_kept,
    )
