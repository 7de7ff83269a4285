"""A view: the same content as static HTML, which needs no script, and as text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

STYLE = """
.maestro-view{font-size:13px;line-height:1.45;color:inherit;background:transparent;max-width:100%}
.maestro-view .maestro-scroll{overflow-x:auto}
.maestro-view table.maestro-table{border-collapse:collapse;border:0;margin:4px 0 10px;font-size:12.5px;\
background:transparent;color:inherit}
.maestro-view table.maestro-table th,.maestro-view table.maestro-table td{padding:3px 14px 3px 0;border:0;\
border-bottom:1px solid rgba(127,127,127,.22);text-align:left;vertical-align:baseline;background:transparent;\
color:inherit;white-space:nowrap;max-width:34em;overflow:hidden;text-overflow:ellipsis}
.maestro-view table.maestro-table tr{background:transparent}
.maestro-view table.maestro-table thead th{font-weight:600;opacity:.7;\
border-bottom-color:rgba(127,127,127,.5)}
.maestro-view table.maestro-table th[scope=row]{font-weight:600}
.maestro-view table.maestro-table .maestro-number{text-align:right;font-variant-numeric:tabular-nums}
.maestro-view .maestro-title{font-size:15px;font-weight:600;margin:2px 0}
.maestro-view .maestro-heading{font-weight:600;margin:10px 0 2px}
.maestro-view .maestro-quiet{opacity:.68}
.maestro-view .maestro-best{font-weight:700}
.maestro-view .maestro-figures{display:flex;flex-wrap:wrap;gap:4px 32px;margin:6px 0}
.maestro-view .maestro-large{font-size:17px;font-variant-numeric:tabular-nums}
.maestro-view code,.maestro-view pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;\
font-size:12px;background:transparent;color:inherit}
.maestro-view pre.maestro-code{margin:4px 0 10px;padding:6px 10px;\
border-left:3px solid rgba(127,127,127,.35);\
overflow:auto;max-height:30em;white-space:pre}
.maestro-view .maestro-good{color:#2c9a57}
.maestro-view .maestro-bad{color:#d9483f}
.maestro-view .maestro-busy{color:#3b82d6}
.maestro-view .maestro-warn{color:#b7791f}
.maestro-view .maestro-plus{background:rgba(44,154,87,.18)}
.maestro-view .maestro-minus{background:rgba(217,72,63,.18)}
.maestro-view .maestro-hunk{opacity:.6}
.maestro-view ul.maestro-list{margin:4px 0 8px;padding-left:18px}
.maestro-view p{margin:2px 0 6px;white-space:pre-line}
.maestro-view .maestro-prose{border-left:3px solid rgba(127,127,127,.35);padding-left:10px;margin:4px 0}
.maestro-view summary{cursor:pointer}
.maestro-view svg{vertical-align:middle}
"""


class Live(NamedTuple):
    """What a front end that runs scripts may show in a view's place.

    Attributes
    ----------
    kind : str
        Such as ``runs``; see `maestro_jupyter.widgets`.
    about : dict
        What is said of it.
    """

    kind: str
    about: dict[str, Any]


@dataclass(frozen=True, repr=False)
class View:
    """Content with two forms.

    Attributes
    ----------
    html : str
        Static markup: no script, no link to anything outside of it.
    text : str
    live : Live or None
        The live form, where there is one.

    Examples
    --------
    >>> View("<b>3 runs</b>", "3 runs")
    3 runs
    """

    html: str
    text: str
    live: Live | None = field(default=None, compare=False, kw_only=True)

    def _repr_html_(self) -> str:
        return f'<div class="maestro-view"><style>{STYLE}</style>{self.html}</div>'

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:  # noqa: ARG002
        return {"text/html": self._repr_html_(), "text/plain": self.text}

    def __repr__(self) -> str:
        return self.text
