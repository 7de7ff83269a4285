"""A model card: its sections, each with what is filled in from the records and what people have written."""

from __future__ import annotations

import re
from datetime import datetime

import msgspec

from maestro_jupyter.errors import Invalid
from maestro_jupyter.models import ArtifactVersion, Impact
from maestro_jupyter.store.lineage_graph import Lineage

SECTIONS = {
    "overview": "Overview",
    "intended_use": "Intended use",
    "out_of_scope": "Out-of-scope use",
    "limitations": "Limitations",
    "ethical_considerations": "Ethical considerations",
    "content": "Content",
    "data": "Data",
    "training": "Training",
    "parameters": "Parameters",
    "evaluation": "Evaluation",
    "environment": "Environment",
    "lineage": "Lineage",
    "impact": "Use and impact",
    "license": "Licence",
    "language": "Languages",
    "citation": "Citation",
    "contact": "Contact",
}
"""By key, the sections of a card in their order: people may write in each."""

TEXT_LIMIT = 64 << 10
"""How many characters a section's text has at most."""

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class CardTable(msgspec.Struct):
    """A table that is filled in; every value is text."""

    columns: list[str]
    rows: list[list[str]]


class CardSection(msgspec.Struct, kw_only=True):
    """A section of a card.

    Attributes
    ----------
    key, title : str
        Of `SECTIONS`.
    said : list of str
        Sentences that are filled in.
    tables : list of CardTable
        Filled in, too.
    text : str
        What people have written, in Markdown.
    digest : str
        The sha256 of `text`: to be given back with an edit.
    editor, edited, version : str, datetime and int, or None
        Who wrote it last, when, and for which version; None where nobody did.
    """

    key: str
    title: str
    said: list[str] = []
    tables: list[CardTable] = []
    text: str = ""
    digest: str
    editor: str | None = None
    edited: datetime | None = None
    version: int | None = None


class CardMetric(msgspec.Struct, kw_only=True):
    """A metric of the run that an artifact came from.

    Attributes
    ----------
    key : str
        As it was recorded.
    metric : str
        The name that runs share, such as ``accuracy``; else the key.
    value : float or None
        None where it is no finite number; `shown` says what it is.
    low, high : float or None
        The ends of the interval; None where the value was not resampled, or it is not known how.
    std : float or None
        The standard deviation over the folds.
    folds : int or None
        How many values it is the mean of.
    training : bool
        Whether it was measured on the data that the model was trained with.
    method : str
        How the interval was made, or why there is none.
    """

    key: str
    metric: str
    value: float | None
    shown: str
    low: float | None = None
    high: float | None = None
    std: float | None = None
    folds: int | None = None
    training: bool = False
    method: str = "not resampled"


class CardData(msgspec.Struct, frozen=True):
    """Data that an artifact was made with, as a card's metadata names it."""

    name: str
    fingerprint: str


class CardDocument(msgspec.Struct, kw_only=True):
    """A model card.

    Attributes
    ----------
    artifact : ArtifactVersion
    sections : list of CardSection
        All of `SECTIONS`.
    metrics : list of CardMetric
    impact : Impact
        An association, not a cause.
    lineage : Lineage
    task : str or None
        Such as ``classification``, as far as the run's target tells.
    framework : str or None
        The library that the object is of, such as ``sklearn``.
    data : CardData or None
        What was learned from.
    datasets : list of str
        The library's datasets that the run has used.
    edition : str
        A sha256 over the artifact's name and all that people have written: another if any of it has changed.
    """

    artifact: ArtifactVersion
    sections: list[CardSection]
    metrics: list[CardMetric]
    impact: Impact
    lineage: Lineage
    task: str | None = None
    framework: str | None = None
    data: CardData | None = None
    datasets: list[str] = []
    edition: str

    def section(self, key: str) -> CardSection:
        """Give a section by its key; see `checked_section`."""
        known = checked_section(key)
        return next(section for section in self.sections if section.key == known)


def checked_section(key: str) -> str:
    """Give the key of a section, if it is one.

    Raises
    ------
    Invalid
        If it is none; the hint lists them.

    Examples
    --------
    >>> checked_section("limitations")
    'limitations'
    """
    if key in SECTIONS:
        return key
    msg = f"A card has no section {key!r:.60}."
    raise Invalid(msg, hint=f"It has {', '.join(SECTIONS)}.")


def checked_text(text: str) -> str:
    r"""Give a text as it is kept: lines end in one way, and nothing steers a terminal.

    Raises
    ------
    Invalid
        If it is too long.

    Examples
    --------
    >>> checked_text("one\r\ntwo\x1b")
    'one\ntwo�'
    """
    if len(text) > TEXT_LIMIT:
        msg = f"The text is {len(text):,} characters long; a section takes {TEXT_LIMIT:,}."
        raise Invalid(msg, hint="Keep the rest in a file, and link to it.")
    return visible(text.replace("\r\n", "\n").replace("\r", "\n")) if text.strip() else ""


def visible(text: str) -> str:
    """Replace what would steer a terminal, or end a line for some readers and not for others."""
    return _CONTROL.sub("\ufffd", text)
