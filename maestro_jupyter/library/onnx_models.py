"""ONNX models as bytes, and back: reading one builds a description of a graph, and runs nothing."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from maestro_jupyter.errors import Invalid, Unavailable
from maestro_jupyter.library.content import Content, indexed, said

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

MEDIA_TYPE = "application/onnx"

_MOST_NAMED = 1000


def is_onnx(source: object) -> bool:
    """Tell whether something is an ``onnx.ModelProto``, as skl2onnx and other converters give."""
    kind = getattr(sys.modules.get("onnx"), "ModelProto", None)
    return isinstance(kind, type) and isinstance(source, kind)


def onnx_content(source: Any) -> Content:
    """Give an ONNX model's content.

    Parameters
    ----------
    source : onnx.ModelProto

    Returns
    -------
    Content
        Its `about` has the inputs and outputs with their types, the operators, and what made it.

    Raises
    ------
    Invalid
        If its weights are in other files, or it is too large for one message.
    """
    _check_whole(source)
    try:
        data: bytes = source.SerializeToString(deterministic=True)
    except Exception as error:
        msg = f"The ONNX model cannot be written: {_sentence(error)}."
        raise Invalid(msg, hint="Save it with onnx.save(), and register the folder.") from error
    graph = source.graph
    about = {
        "kind": "onnx",
        "producer": f"{source.producer_name} {source.producer_version}".strip(),
        "ir_version": source.ir_version,
        "opsets": {each.domain or "ai.onnx": each.version for each in source.opset_import},
        "operators": sorted({node.op_type for node in graph.node})[:_MOST_NAMED],
        "inputs": _values(graph.input),
        "outputs": _values(graph.output),
        "metadata": {each.key: said(each.value) for each in source.metadata_props[:_MOST_NAMED]},
    }
    text = indexed(
        [
            graph.name,
            said(source.doc_string),
            said(graph.doc_string),
            about["producer"],
            *about["operators"],
            *(value["name"] for value in about["inputs"] + about["outputs"]),
            *(f"{key}={value}" for key, value in about["metadata"].items()),
        ]
    )
    return Content("model", "onnx", MEDIA_TYPE, ".onnx", data, text, about)


def load_onnx(file: BinaryIO) -> Any:
    """Give back an ONNX model.

    Parameters
    ----------
    file : binary file

    Returns
    -------
    onnx.ModelProto
        For ``onnxruntime.InferenceSession(model.SerializeToString())``.

    Raises
    ------
    Invalid
        If the bytes are no such model, or name other files, which whoever runs it would open.
    Unavailable
        Without onnx.
    """
    onnx = _package()
    try:
        model = onnx.load_model_from_string(file.read())
    except Exception as error:
        msg = f"The bytes are no ONNX model: {_sentence(error)}."
        raise Invalid(msg) from error
    if not model.ir_version or not model.HasField("graph"):
        msg = "The bytes are no ONNX model: there is no graph in them."
        raise Invalid(msg)
    _check_whole(model)
    return model


def _check_whole(model: Any) -> None:
    external = _package().TensorProto.EXTERNAL
    if any(tensor.data_location == external for tensor in _tensors(model)):
        msg = "The ONNX model has its weights in other files."
        raise Invalid(msg, hint="Load it with its weights by onnx.load(), or register the folder.")


def _tensors(message: Any) -> Iterator[Any]:
    """Give the tensors anywhere in a model: of the graph, of graphs in its nodes, of its functions."""
    waiting = [message]
    while waiting:
        one = waiting.pop()
        if one.DESCRIPTOR.name == "TensorProto":
            yield one
            continue
        for field, value in one.ListFields():
            if field.message_type is not None:
                waiting += [value] if hasattr(value, "DESCRIPTOR") else value


def _values(infos: Iterable[Any]) -> list[dict[str, str]]:
    return [{"name": info.name, "type": _type(info.type)} for info in list(infos)[:_MOST_NAMED]]


def _type(kind: Any) -> str:
    """Write a type as people read it, such as ``float[?, 3]``."""
    which = kind.WhichOneof("value") or "unknown"
    if which != "tensor_type":
        return str(which).removesuffix("_type")
    tensor = kind.tensor_type
    element = _package().TensorProto.DataType.Name(tensor.elem_type).lower()
    sizes = [str(size.dim_param or size.dim_value or "?") for size in tensor.shape.dim]
    return f"{element}[{', '.join(sizes)}]"


def _package() -> Any:
    try:
        return import_module("onnx")
    except ImportError as error:
        msg = "ONNX models are read with onnx, which is not installed."
        raise Unavailable(msg, hint="pip install 'maestro-jupyter[onnx]'.") from error


def _sentence(error: Exception) -> str:
    return f"{(str(error) or type(error).__name__).splitlines()[0]:.200}".rstrip(".")
