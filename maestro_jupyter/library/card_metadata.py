"""What a card says in the fields of Hugging Face's model cards: https://huggingface.co/docs/hub/model-cards."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from maestro_jupyter.library.card import CardDocument, CardMetric

_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]{0,63}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_PIPELINES = {"classification": "tabular-classification", "regression": "tabular-regression"}
_MODELS = frozenset({"model", "model_template"})


def metadata(document: CardDocument) -> dict[str, Any]:
    """Give the metadata of a card, as its Markdown has it in front.

    Parameters
    ----------
    document : CardDocument

    Returns
    -------
    dict
        ``license``, ``language``, ``tags``, ``datasets``, ``metrics``, ``library_name``, ``pipeline_tag`` and
        ``model-index`` as far as they are known; ``maestro`` says which version and edition the card is of.
    """
    artifact = document.artifact
    is_model = artifact.type in _MODELS
    measured = [metric for metric in document.metrics if metric.value is not None and not metric.training]
    found: dict[str, Any] = {
        **_license(document.section("license").text),
        "language": _languages(document.section("language").text),
        "library_name": document.framework,
        "pipeline_tag": _PIPELINES.get(document.task or "") if is_model else None,
        "tags": artifact.tags,
        "datasets": document.datasets,
        "metrics": sorted({metric.metric for metric in measured}),
        "model-index": [_index(document, measured)] if is_model and measured else None,
        "maestro": {
            "artifact": artifact.name,
            "version": artifact.version,
            "type": artifact.type,
            "sha256": artifact.sha256,
            "edition": document.edition,
        },
    }
    return {key: value for key, value in found.items() if value}


def _license(text: str) -> dict[str, str]:
    """Give a licence's identifier; a licence in words is another one, and its words stand in the card."""
    said = text.strip()
    if not said:
        return {}
    return {"license": said.lower() if _IDENTIFIER.fullmatch(said) else "other"}


def _languages(text: str) -> list[str]:
    """Give the codes of languages, if the text is nothing else."""
    words = [word for word in re.split(r"[\s,;]+", text) if word]
    return words if all(map(_LANGUAGE.fullmatch, words)) else []


def _index(document: CardDocument, measured: list[CardMetric]) -> dict[str, Any]:
    data = document.data
    name = "not recorded" if data is None else data.name
    kind = "not recorded" if data is None else data.fingerprint[:12] or data.name
    task = _PIPELINES.get(document.task or "", document.task or "other")
    results = {
        "task": {"type": task},
        "dataset": {"name": name, "type": kind},
        "metrics": [
            {"type": metric.metric, "name": metric.key, "value": metric.value} for metric in measured
        ],
    }
    return {"name": document.artifact.name, "results": [results]}
