"""Schemas of data: pandera's as JSON, and what a class of pandera or pydantic demands."""

from __future__ import annotations

import io
import json
import sys
import warnings
from typing import TYPE_CHECKING, Any

from maestro_jupyter.errors import Invalid, Unavailable
from maestro_jupyter.library.content import Content, indexed

if TYPE_CHECKING:
    from typing import BinaryIO

_AS_FUNCTION = "Register the function or the class that makes the schema."


def is_schema(source: object) -> bool:
    """Tell whether something is a pandera schema of a data frame."""
    return any(
        f"{cls.__module__}.{cls.__qualname__}" == "pandera.api.pandas.container.DataFrameSchema"
        for cls in type(source).__mro__
    )


def schema_content(source: Any) -> Content:
    """Give a pandera schema as JSON.

    Raises
    ------
    Invalid
        If one of its checks is a function, which JSON cannot say.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            text = source.to_json()
            same = type(source).from_json(io.StringIO(text)) == source
    except Exception as error:
        msg = f"The schema cannot be written as JSON: {str(error).splitlines()[0]:.200}."
        raise Invalid(msg, hint=_AS_FUNCTION) from error
    if not same:
        msg = "The schema holds what JSON cannot say."
        raise Invalid(msg, hint=_AS_FUNCTION)
    columns: list[dict[str, Any]] = [
        {"name": str(name), "dtype": str(column.dtype), "nullable": bool(column.nullable)}
        for name, column in source.columns.items()
    ]
    about = {"kind": "DataFrameSchema", "columns": columns, "schema": json.loads(text)}
    found_by = indexed(
        [source.name or "", source.description or "", *(column["name"] for column in columns), text]
    )
    return Content("schema", "pandera", "application/json", ".json", text.encode(), found_by, about)


def load_schema(file: BinaryIO) -> Any:
    """Give back what `schema_content` was given.

    Raises
    ------
    Invalid
        If the bytes are no schema.
    Unavailable
        Without pandera.
    """
    try:
        import pandera.pandas
    except ImportError as error:
        msg = "The schema is pandera's, which is not installed."
        raise Unavailable(msg, hint="pip install 'pandera[pandas]'.") from error
    try:
        said = json.loads(file.read())
        if said["schema_type"] != "dataframe":
            msg = f"it is of a {said['schema_type']}"
            raise ValueError(msg)  # noqa: TRY301 - one sentence for all that is wrong
        return pandera.pandas.DataFrameSchema.from_json(io.StringIO(json.dumps(said)))
    except Exception as error:
        msg = f"The bytes are no pandera schema: {str(error).splitlines()[0]:.200}."
        raise Invalid(msg) from error


def class_schema(source: Any) -> dict[str, Any] | None:
    """Give what a pydantic model or a pandera model demands, as plain data; None if a class is neither."""
    pydantic, pandera = sys.modules.get("pydantic"), sys.modules.get("pandera.pandas")
    try:
        if pydantic is not None and issubclass(source, pydantic.BaseModel):
            schema: dict[str, Any] = source.model_json_schema()
            return schema
        if pandera is not None and issubclass(source, pandera.DataFrameModel):
            return {"columns": [str(name) for name in source.to_schema().columns]}
    except Exception:  # noqa: BLE001 - a model may hold what JSON Schema cannot say; its source says it
        return {}
    return None
