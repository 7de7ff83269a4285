"""What somebody might write so that it runs, and what markup may have in it."""

from __future__ import annotations

from html.parser import HTMLParser

PAYLOADS = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "<svg/onload=alert(1)>",
    "<body onload=alert(1)>", "<iframe src=javascript:alert(1)>", "<a href='javascript:alert(1)'>x</a>",
    "\"><script>alert(1)</script>", "'><script>alert(1)</script>", "\" onmouseover=\"alert(1)", "' onfocus='alert(1)",
    "</td><script>alert(1)</script>", "</title><script>alert(1)</script>", "</style><script>alert(1)</script>",
    "</code></pre><script>alert(1)</script>", "</svg><script>alert(1)</script>", "<!--<script>alert(1)</script>",
    "--><script>alert(1)</script>", "<![CDATA[<script>alert(1)</script>]]>", "<scr<script>ipt>alert(1)</script>",
    "<SCRIPT SRC=//x.example/a.js></SCRIPT>", "<input autofocus onfocus=alert(1)>", "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>", "<audio src=x onerror=alert(1)>", "<marquee onstart=alert(1)>",
    "<object data=javascript:alert(1)>", "<embed src=javascript:alert(1)>", "<form action=javascript:alert(1)>",
    "<math><mtext></mtext><script>alert(1)</script></math>", "<base href=//x.example>", "<link rel=stylesheet href=//x>",
    "<meta http-equiv=refresh content='0;url=//x'>", "<style>*{display:none}</style>", "<button onclick=alert(1)>b</button>",
    "<select onchange=alert(1)><option>1</select>", "<textarea onfocus=alert(1)>", "<template><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;", "&#60;script&#62;alert(1)", "\\x3cscript\\x3ealert(1)", "<\x00script>alert(1)",
    "<script\x0b>alert(1)</script>", "{{constructor.constructor('alert(1)')()}}", "${alert(1)}", "<p style=\"x:expression(1)\">",
    "\x1b]0;title\x07<b>", "\x1b[2J\x1b[31m", "\u202e<i>", "<foreignObject><script>alert(1)</script></foreignObject>",
]  # fmt: skip

ALLOWED = {
    "div", "style", "table", "thead", "tbody", "tr", "th", "td", "span", "code", "pre", "ul", "li", "details",
    "summary", "svg", "title", "desc", "path", "line", "text", "circle", "g", "rect", "p", "a", "strong", "em", "ol",
}  # fmt: skip
ATTRIBUTES = {
    "class", "scope", "title", "role", "aria-label", "aria-level", "d", "fill", "stroke", "stroke-width",
    "stroke-opacity", "stroke-linejoin", "stroke-dasharray", "width", "height", "viewbox", "style", "font-size",
    "font-family", "font-weight", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "text-anchor",
    "dominant-baseline", "fill-opacity", "href", "rel", "rx", "data-commandlinker-command",
    "data-commandlinker-args",
}  # fmt: skip


class Reader(HTMLParser):
    """Reads the tags, the attributes and what is shown."""

    def __init__(self):
        super().__init__()
        self.tags, self.names, self.open, self.shown = [], [], [], ""

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.open.append(tag)
        self.names += [name for name, _ in attributes]
        # JupyterLab does on a click what is named there.
        assert dict(attributes).get("data-commandlinker-command") in {None, "maestro-jupyter:open-run"}

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.shown += data

    def handle_comment(self, data):
        raise AssertionError(data)
