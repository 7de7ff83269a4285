"""What something came from and what came of it: a picture, and the same as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from maestro_jupyter.views import html, text
from maestro_jupyter.views.html import element
from maestro_jupyter.views.lineage_picture import lineage_picture
from maestro_jupyter.views.run_words import SHORT
from maestro_jupyter.views.view import View

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from maestro_jupyter.store.lineage_graph import Lineage, LineageNode


@dataclass(frozen=True, repr=False)
class LineageView(View):
    """A lineage that is shown.

    Attributes
    ----------
    lineage : Lineage
        The nodes and edges.
    svg : str
        The picture alone.
    """

    lineage: Lineage
    svg: str


def lineage_view(lineage: Lineage) -> LineageView:
    """Show what something came from and what came of it.

    Parameters
    ----------
    lineage : Lineage

    Returns
    -------
    LineageView
    """
    root = lineage.node(lineage.root)
    picture = lineage_picture(lineage)
    words = lineage_text(lineage)
    title = html.title(root.name, " ", html.quiet(root.about))
    shown = element("div", picture, class_="maestro-scroll")
    folded = html.folded("as text", html.code(words))
    return LineageView(html.join([title, shown, folded]), words, lineage, str(picture))


def lineage_text(lineage: Lineage) -> str:
    """Say a lineage in lines, each thing under what it leads to, or what it comes from."""
    root = lineage.node(lineage.root)
    before = list(_tree(root, lineage.before, lambda node: node.more_before, "←"))
    after = list(_tree(root, lineage.after, lambda node: node.more_after, "→"))
    lines = [_said(root)]
    lines += ["Comes from", *before] if before else ["Nothing is known of what it comes from."]
    lines += ["Led to", *after] if after else ["Nothing is known to have come of it."]
    return "\n".join(lines)


def _tree(
    root: LineageNode,
    following: Callable[[str], list[LineageNode]],
    more: Callable[[LineageNode], int],
    sign: str,
) -> Iterator[str]:
    """Give the lines; what has stood above already is not unfolded again."""
    told = {root.id}
    path = [(root, iter(following(root.id)))]
    while path:
        node, rest = path[-1]
        child = next(rest, None)
        indent = "  " * len(path)
        if child is None:
            if more(node):
                yield f"{indent}{sign} {more(node):,} more"
            path.pop()
            continue
        again = child.id in told
        yield f"{indent}{sign} {_said(child)}{' (see above)' if again else ''}"
        if not again:
            told.add(child.id)
            path.append((child, iter(following(child.id))))


def _said(node: LineageNode) -> str:
    """Name a node in a line."""
    id_ = f" ({node.reference[:SHORT]})" if node.kind in {"run", "data"} else ""
    kind = "" if node.kind == "artifact" else f"{node.kind} "
    return f"{kind}{text.one_line(node.name, 80)}{id_}: {text.one_line(node.about, 60)}"
