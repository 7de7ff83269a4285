"""What of a notebook tells which artifacts may fit it: short texts, words, imports and columns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from maestro_jupyter.store.words import identifiers_of, parts_of, written_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from maestro_jupyter.models import NotebookAtHand, TableAtHand

_CELLS = ("the last cell", "the last cell but one", "the last cell but two")

CELLS = len(_CELLS)
"""How many of the latest cells are compared one by one."""

CELL_TEXT, WHOLE_TEXT = 160, 240
"""How many characters of a cell, and of all that is at hand, are compared by meaning: more of them take
longer, and tell no more."""

FADING = 0.8
"""What a word counts in a cell, against one in the cell after it."""

IN_COLUMNS = 0.5
"""What a word counts in the names of columns."""

WORDS = 64
"""How many words are looked for: of the project and the imports, up to half, and of the latest cells."""

COLUMNS = 64
"""How many columns are looked for."""

_SCANNED = 4000
_IMPORT = re.compile(r"^[ \t]*(?:import|from)[ \t].*$", re.MULTILINE)
_COMMENT = re.compile(r"#[ \t]*(.*)")

_EVERYWHERE = re.compile(
    "collections|copy|csv|datetime|functools|glob|io|ipython|ipywidgets|itertools|json|logging|math|"
    "matplotlib|numpy|os|pandas|pathlib|pickle|plotly|random|re|scipy|seaborn|shutil|sklearn|string|sys|time|"
    "tqdm|warnings",
    re.IGNORECASE,
)
"""What nearly every notebook imports tells nothing of it; what it takes from there does."""

_NOTHING_TOLD = re.compile("__future__|maestro_jupyter|typing")
"""Of these, nothing that is taken tells anything either."""

_BOILERPLATE = frozenset(
    written_words(
        "abs all append apply array arr assign astype axis bool bins ax class cls col cols column columns "
        "concat copy count csv data dataset def describe df dict display drop dtype elif else end excel "
        "false fig figsize figure file filename fit float for format frame frames function groupby head "
        "hist import index info int items json key label labels lambda len line list load loc iloc maestro "
        "main map matplotlib max mean merge min model models name names none np num number numpy object open "
        "out output pandas parquet path pd plot plt predict print random range read reset result results "
        "return round row rows sample save score seed self series set shape show size sklearn sort split "
        "state std str subplots sum table tail template test text title to train true tuple type use using "
        "value values with write xlabel ylabel zip"
    )
)
"""Words of nearly every notebook, as they are looked for."""


class Clues(NamedTuple):
    """What is compared with artifacts.

    Attributes
    ----------
    texts : list of str
        What is compared by meaning: cells, the latest first; all that is at hand; the project.
    called : list of str
        What each of the texts is called.
    cells : int
        How many of the texts are cells.
    words : dict of str to float
        What is compared by words, and how much each counts, up to 1.
    written : dict of str to str
        How each word is written in the notebook.
    imports : dict of str to list of str
        The words of what is imported and tells something, by its name.
    columns : dict of str to str
        The words of the tables' columns, by their names.
    """

    texts: list[str]
    called: list[str]
    cells: int
    words: dict[str, float]
    written: dict[str, str]
    imports: dict[str, list[str]]
    columns: dict[str, str]

    @property
    def whole(self) -> int:
        """Where the text of all that is at hand stands, or else the only other one."""
        return min(self.cells, len(self.texts) - 1)

    @property
    def looked_for(self) -> dict[str, float]:
        """All words, those of the columns, too, and how much each counts."""
        return dict.fromkeys(self.columns.values(), IN_COLUMNS) | self.words


def clues_of(notebook: NotebookAtHand) -> Clues:
    """Read what a notebook tells of what may fit it.

    Parameters
    ----------
    notebook : NotebookAtHand

    Returns
    -------
    Clues

    Examples
    --------
    >>> from maestro_jupyter.models import NotebookAtHand
    >>> clues = clues_of(NotebookAtHand(imports=["librosa"], cells=["wave = librosa.load('a.wav')"]))
    >>> clues.texts, list(clues.words)
    (['wave librosa load a wav', 'wave librosa load a wav librosa'], ['librosa', 'wave', 'wav'])
    """
    recent = [cell for cell in map(_without_imports, reversed(notebook.cells)) if cell.strip()]
    texts = [text for cell in recent[:CELLS] if (text := _said(cell, CELL_TEXT))]
    imports = {name: _import_words(name) for name in notebook.imports}
    imports = {name: words for name, words in imports.items() if words}
    project = " ".join(filter(None, [notebook.project, notebook.description]))
    whole = _whole(recent[:CELLS], imports, notebook.tables)
    words, written = _words(recent, imports, project, notebook.tables)
    further = {"what the notebook has done last": whole, "what the project is about": project[:WHOLE_TEXT]}
    said = dict(zip(_CELLS, texts, strict=False)) | {name: text for name, text in further.items() if text}
    return Clues(
        list(said.values()),
        list(said),
        len(texts),
        words,
        written,
        imports,
        dict(_columns(notebook.tables)),
    )


def column_word(name: str) -> str:
    """Give the word that a column's name is looked for as.

    Examples
    --------
    >>> column_word("Monthly Charges") == column_word("monthly_charges") == "monthlycharg"
    True
    """
    return (identifiers_of("_".join(name.split())) or [""])[0]


def _without_imports(cell: str) -> str:
    return _IMPORT.sub("", cell[:_SCANNED])


def _comments(cell: str) -> str:
    return " ".join(found.strip() for found in _COMMENT.findall(cell))


def _said(cell: str, length: int) -> str:
    """Give what a cell says to people: its comments, then its words."""
    return " ".join(filter(None, [_comments(cell), *parts_of(cell)]))[:length].strip()


def _whole(cells: Sequence[str], imports: dict[str, list[str]], tables: Sequence[TableAtHand]) -> str:
    """Give all in one text: the comments, the latest first, then the words, the imports and the columns."""
    said = [_comments(cell) for cell in cells]
    said += [part for cell in cells for part in parts_of(cell)]
    said += [part for name in imports for part in parts_of(name.rpartition(".")[2])]
    said += [part for table in tables for name in (table.name, *table.columns) for part in parts_of(name)]
    return " ".join(filter(None, said))[:WHOLE_TEXT].strip()


def _import_words(name: str) -> list[str]:
    """Give the words by which an import is known; none of what every notebook imports."""
    top, _, rest = name.partition(".")
    if _NOTHING_TOLD.fullmatch(top):
        return []
    told = rest.rpartition(".")[2] if _EVERYWHERE.fullmatch(top) else f"{top} {rest.rpartition('.')[2]}"
    return [word for word in written_words(told) if _tells(word)]


def _words(
    cells: Sequence[str], imports: dict[str, list[str]], project: str, tables: Sequence[TableAtHand]
) -> tuple[dict[str, float], dict[str, str]]:
    """Give the words of all of it, how much each counts, and how it is written."""
    counts: dict[str, float] = {}
    written: dict[str, str] = {}

    def add(text: str, weight: float, most: int = WORDS) -> None:
        for word, part in written_words(text).items():
            if _tells(word) and len(counts) < most:
                counts.setdefault(word, weight)
                written.setdefault(word, part)

    add(project, 1.0, WORDS // 2)
    for name, words in imports.items():
        for word, part in written_words(name).items():
            if word in words:
                add(part, 1.0, WORDS // 2)
    for age, cell in enumerate(cells):
        add(f"{_comments(cell)} {cell}", FADING**age)
    for table in tables:
        for name in (table.name, *table.columns):
            add(name, IN_COLUMNS)
    return counts, written


def _tells(word: str) -> bool:
    return len(word) > 1 and not word.isdecimal() and word not in _BOILERPLATE


def _columns(tables: Sequence[TableAtHand]) -> Iterator[tuple[str, str]]:
    names = dict.fromkeys(name for table in tables for name in table.columns)
    for name in list(names)[:COLUMNS]:
        word = column_word(name)
        if word:
            yield name, word
