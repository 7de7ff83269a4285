"""The OpenAPI document, made of the routes and their types; ``python -m`` prints it without a server."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

import msgspec

from maestro_jupyter._version import __version__
from maestro_jupyter.api import ACTIONS
from maestro_jupyter.server.routes import PREFIX, ROUTES, SOCKETS

if TYPE_CHECKING:
    from maestro_jupyter.server.operation import Operation
    from maestro_jupyter.server.routes import Route

_REFERENCE = "#/components/schemas/{name}"
_ERRORS = {
    "400": "The request cannot be understood.",
    "403": "Not authenticated, or not allowed.",
    "404": "Absent, or hidden from this user.",
    "409": "It contradicts the present state.",
    "413": "Too large.",
    "422": "It would take too long.",
    "429": "Too many requests; `Retry-After` says when to come again.",
    "503": "A part of the server cannot answer now.",
}
_OPEN_ERRORS = ("403", "404", "413")
_PART = {"type": "string", "minLength": 1, "maxLength": 255}
_NOT_FINITE = {"type": "string", "enum": ["nan", "inf", "-inf"]}


class Error(msgspec.Struct):
    """What went wrong."""

    message: str
    reason: str
    hint: str


def document(base_url: str = "/") -> dict[str, Any]:
    """Give the OpenAPI document.

    Parameters
    ----------
    base_url : str
        The server's base URL.

    Returns
    -------
    dict
        OpenAPI 3.1.

    Examples
    --------
    >>> document()["paths"]["/runs"]["get"]["x-maestro-action"]
    'read runs'
    """
    operations = [operation for route in (*ROUTES, *SOCKETS) for _, operation in route.operations()]
    kinds = [Error, *(kind for one in operations for kind in (one.answer, one.body) if _has_schema(kind))]
    schemas, components = msgspec.json.schema_components(kinds, ref_template=_REFERENCE)
    known = dict(zip(map(str, kinds), schemas, strict=True))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Maestro",
            "version": __version__,
            "description": "What Maestro remembers of your experiments. Finite numbers are JSON numbers; "
            'NaN and infinities are the texts "nan", "inf" and "-inf".',
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": f"{base_url.rstrip('/')}/{PREFIX}"}],
        "paths": {
            f"/{route.path}": {
                verb: _operation(route, verb, operation, known) for verb, operation in route.operations()
            }
            for route in ROUTES
        },
        "x-maestro-sockets": {
            f"/{route.path}": _socket(declared, known)
            for route in SOCKETS
            for _, declared in route.operations()
        },
        "components": {
            "schemas": _with_non_finite(components),
            "securitySchemes": {
                "token": {"type": "apiKey", "in": "header", "name": "Authorization"},
            },
        },
        "security": [{"token": []}],
    }


def _has_schema(kind: Any) -> bool:
    return kind is not None and kind is not bytes


def _operation(route: Route, verb: str, declared: Operation, known: dict[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": _name(route, verb),
        "summary": declared.summary,
        "parameters": [*_path_parameters(route), *_query_parameters(declared.query)],
        "responses": _responses(declared, known),
    }
    if declared.action is None:
        said["security"] = []
    else:
        said["x-maestro-action"] = declared.action
        said["description"] = ACTIONS[declared.action].help
    if declared.body is not None:
        said["requestBody"] = {"required": True, "content": _content(declared.body, known)}
    return said


def _socket(declared: Operation, known: dict[str, Any]) -> dict[str, Any]:
    """Describe a WebSocket, for which OpenAPI has no words."""
    return {
        "summary": declared.summary,
        "x-maestro-action": declared.action,
        "messages": known[str(declared.answer)],
    }


def _name(route: Route, verb: str) -> str:
    words = re.findall(r"\w+", route.path)
    return verb + "".join(word[0].upper() + word[1:] for word in words)


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _PART}
        for name in re.findall(r"\{(\w+)\}", route.path)
    ]


def _query_parameters(query: type | None) -> list[dict[str, Any]]:
    if query is None:
        return []
    schema = msgspec.json.schema(query, ref_template=_REFERENCE)
    properties = schema["$defs"][query.__name__]["properties"] if "$defs" in schema else schema["properties"]
    return [
        {"name": name, "in": "query", "required": "default" not in about, "schema": about}
        for name, about in properties.items()
    ]


def _responses(declared: Operation, known: dict[str, Any]) -> dict[str, Any]:
    good: dict[str, Any] = {"description": "As asked."}
    if declared.answer is bytes or declared.media_type != "application/json":
        good["content"] = {declared.media_type: {}}
    elif declared.answer is not None:
        good["content"] = _content(declared.answer, known)
    if declared.other_media_type is not None:
        good["content"][declared.other_media_type] = {}
    errors = _ERRORS if declared.action is not None else {code: _ERRORS[code] for code in _OPEN_ERRORS}
    wrong = {code: {"description": said, "content": _content(Error, known)} for code, said in errors.items()}
    parts = {"206": {**good, "description": "A part, as asked with Range."}} if declared.in_parts else {}
    return {str(declared.status): good, **parts, **wrong}


def _content(kind: Any, known: dict[str, Any]) -> dict[str, Any]:
    if kind is bytes:
        return {"application/octet-stream": {}}
    return {"application/json": {"schema": known[str(kind)]}}


def _with_non_finite(schema: Any) -> Any:
    """Let every number also be one of the texts that stand for NaN and the infinities."""
    if isinstance(schema, list):
        return [_with_non_finite(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") == "number":
        rest = {key: value for key, value in schema.items() if key != "type"}
        return {"anyOf": [{"type": "number"}, _NOT_FINITE], **rest}
    return {key: _with_non_finite(value) for key, value in schema.items()}


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(document()), indent=2) + b"\n")
