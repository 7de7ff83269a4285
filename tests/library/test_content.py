"""Tables, schemas, files, folders, notebooks and plain values come back as they were."""

from __future__ import annotations

import io
import json
import os
import stat
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
import pytest
from notebook import in_empty_process, run

from maestro_jupyter.app import current
from maestro_jupyter.errors import Forbidden, Invalid, MaestroError, NotFound, TooLarge, Unavailable
from maestro_jupyter.library.loading import load
from maestro_jupyter.library.sources import content_of

if TYPE_CHECKING:
    from maestro_jupyter.library.content import Content


def loaded(content: Content, *, trust: bool = False) -> Any:
    file = content.data if isinstance(content.data, Path) else io.BytesIO(content.data)
    return load(content.format, file, content.about, trust=trust)


TABLE = pd.DataFrame(
    {
        "n": [1, 2, 3],
        "x": [0.5, None, 2.5],
        "town": ["a", None, "é"],
        "kind": pd.Categorical(["u", "v", "u"]),
        "when": pd.to_datetime(["2026-01-01", "2026-01-02", None]),
        "size": pd.Categorical([2, None, 1], categories=[3, 2, 1], ordered=True),
        "yes": [True, False, True],
    },
    index=pd.Index([10, 20, 30], name="key"),
)


@pytest.mark.parametrize(
    "table",
    [
        TABLE,
        TABLE.iloc[:0],
        TABLE.reset_index(drop=True),
        TABLE.set_index(["n", "town"]),
        pd.DataFrame({0: [1]}),
    ],
    ids=["typed", "empty", "plain index", "two indices", "numbers for names"],
)
def test_a_data_frame_comes_back(table: pd.DataFrame) -> None:
    before = table.copy(deep=True)
    content = content_of(table)
    assert (content.type, content.format, content.trusted_only) == ("dataset", "parquet", False)
    pd.testing.assert_frame_equal(loaded(content), table)
    pd.testing.assert_frame_equal(table, before)


def test_what_is_known_of_a_data_frame() -> None:
    content = content_of(TABLE)
    about = content.about
    assert about["shape"] == [3, 7]
    assert [column["name"] for column in about["columns"]] == list(TABLE.columns)
    assert about["columns"][1] == {"name": "x", "dtype": "float64", "missing": pytest.approx(1 / 3)}
    assert about["fingerprint"] == content_of(TABLE.copy()).about["fingerprint"]
    assert "town" in content.text


@pytest.mark.parametrize("series", [TABLE.x, TABLE.town, pd.Series([1, 2]), pd.Series([1.0], name="values")])
def test_a_series_comes_back(series: Any) -> None:
    pd.testing.assert_series_equal(loaded(content_of(series)), series)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(24).reshape(2, 3, 4),
        np.zeros((0, 3)),
        np.array([[1.5, np.nan]], dtype=np.float32),
        np.array([True, False]),
        np.array(["a", "bcd"]),
        np.array(["2026-01-01"], dtype="datetime64[s]"),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.array(3),
    ],
)
def test_an_array_comes_back(array: Any) -> None:
    back = loaded(content_of(array))
    np.testing.assert_array_equal(back, array)
    assert (back.dtype, back.shape) == (array.dtype, array.shape)


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame({"a": [object()]}),
        pd.DataFrame([[1, 2]], columns=["a", "a"]),
        np.array([object()]),
        np.array([1j]),
    ],
)
def test_what_parquet_cannot_say_is_refused(table: Any) -> None:
    with pytest.raises(Invalid, match=r"^The (DataFrame|ndarray) cannot be written as Parquet: .*\. Convert"):
        content_of(table)


def test_without_pyarrow_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(Unavailable, match=r"pip install 'maestro-jupyter\[library\]'"):
        content_of(TABLE)


VALUES: list[Any] = [{}, [], {"a": [1, 2.5, None, True, {"b": "é"}]}, ["x", ["y"]]]


@pytest.mark.parametrize("value", VALUES)
def test_plain_values_come_back(value: Any) -> None:
    content = content_of(value)
    assert content.format == "json"
    assert loaded(content) == value


NOT_PLAIN = [
    ({"a": float("nan")}, "it['a'] is nan"),
    ({1: "a"}, "it has the key 1, which is no text"),
    ([(1, 2)], "it[0] is of tuple"),
    ({"a": {"b": TABLE}}, "it['a']['b'] is of DataFrame"),
]


@pytest.mark.parametrize(
    ("value", "said"), NOT_PLAIN, ids=lambda value: value if isinstance(value, str) else ""
)
def test_values_that_json_would_change_are_refused(value: Any, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        content_of(value)
    assert said in str(refused.value)


def test_a_value_that_holds_itself_is_refused() -> None:
    circle: list[Any] = []
    circle.append(circle)
    with pytest.raises(Invalid, match="nested too deeply, or in itself"):
        content_of(circle)


def test_a_file_is_given_on_and_not_read(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("a,b\n")
    content = content_of(str(file))
    assert (content.data, content.temporary, content.media_type) == (file, False, "text/csv")
    back = loaded(content)
    assert (back.name, back.read_text()) == ("rows.csv", "a,b\n")
    assert back != file


@pytest.mark.parametrize("name", ["../../up", "/etc/passwd", "a\\..\\b", "..", "", "x\0y", "n" * 500, " . "])
def test_a_hostile_name_stays_in_its_folder(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for format_ in ("file", "notebook"):
        back = load(format_, io.BytesIO(b"x"), {"filename": name})
        assert back.parent.parent == tmp_path
        assert back.read_bytes() == b"x"


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("not_there.csv", NotFound),
        ("x" * 5000, Invalid),
        ("a\0b", NotFound),
        (object(), Invalid),
        (3, Invalid),
        (os, Invalid),
    ],
)
def test_what_cannot_be_registered_is_refused(path: Any, error: type[MaestroError]) -> None:
    with pytest.raises(error):
        content_of(path)


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Invalid, match="is no file"):
        content_of(tmp_path / "pipe")
    with pytest.raises(Invalid, match="holds 'pipe', which is no file"):
        content_of(tmp_path)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder with files in it, and a place of its own for temporary files."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    made = tmp_path / "made"
    (made / "sub" / "deep").mkdir(parents=True)
    (made / "a.txt").write_text("one")
    (made / "sub" / "deep" / "é.bin").write_bytes(bytes(range(256)) * 10)
    (made / ".git").mkdir()
    (made / ".git" / "config").write_text("secret")
    return made


def test_a_folder_comes_back_and_equal_folders_give_equal_bytes(folder: Path) -> None:
    content = content_of(folder)
    data = Path(str(content.data)).read_bytes()
    os.utime(folder / "a.txt", (0, 0))
    (folder / "a.txt").chmod(0o755)
    again = content_of(folder)
    assert Path(str(again.data)).read_bytes() == data
    assert (content.format, content.temporary) == ("folder", True)
    assert content.about["left_out"] == [".git"]
    back = loaded(content)
    files = {
        path.relative_to(back).as_posix(): path.read_bytes() for path in back.rglob("*") if path.is_file()
    }
    assert files == {"a.txt": b"one", "sub/deep/é.bin": bytes(range(256)) * 10}


def test_folders_with_links_or_too_many_files_or_none_are_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "sub" / "link").symlink_to("/etc/passwd")
    with pytest.raises(Invalid, match="holds a link, 'link', which may lead anywhere"):
        content_of(folder)
    (folder / "sub" / "link").unlink()
    monkeypatch.setattr("maestro_jupyter.library.folders.MOST_FILES", 1)
    with pytest.raises(TooLarge, match="has more than 1 files"):
        content_of(folder)
    (folder / "empty").mkdir()
    with pytest.raises(Invalid, match="is empty"):
        content_of(folder / "empty")
    assert not list((folder.parent / "temporary").iterdir()), "what was refused leaves nothing behind"


def zipped(*members: tuple[str, bytes], kind: int = stat.S_IFREG, how: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as archive:
        for name, data in members:
            info = zipfile.ZipInfo("placeholder")
            info.filename, info.external_attr, info.compress_type = name, kind << 16, how
            archive.writestr(info, data)
    return out.getvalue()


def overlapping() -> bytes:
    """Give a zip whose two members are the same bytes: larger unpacked than packed."""
    data = zipped(("aa", b"x" * 1000), ("bb", b""))
    first = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", first + 4)
    entry = bytearray(data[first:second])
    entry[46:48] = b"bb"
    return data[:second] + bytes(entry) + data[second + len(entry) :]


HOSTILE = [
    ("traversal", zipped(("../out", b"x")), "a member's name is '../out'"),
    ("inner traversal", zipped(("a/../../out", b"x")), "a member's name"),
    ("absolute", zipped(("/out", b"x")), "a member's name is '/out'"),
    ("drive", zipped(("C:out", b"x")), "a member's name"),
    ("backslash", zipped(("..\\out", b"x")), "a member's name"),
    ("nul", zipped(("a\0b", b"x")), "a member's name"),
    ("folder", zipped(("a/", b"")), "a member's name"),
    ("link", zipped(("out", b"/etc/passwd"), kind=stat.S_IFLNK), "is no file"),
    ("bomb", zipped(("out", b"\0" * 10_000_000), how=zipfile.ZIP_DEFLATED), "is compressed"),
    ("many", zipped(*((f"f{n}", b"") for n in range(10_001))), "it has 10,001 members"),
    ("overlapping", overlapping(), "."),
    ("noise", b"PK\x03\x04" + b"\0" * 50, "it is no zip file"),
    ("nothing", b"PK\x05\x06" + b"\0" * 18, "not of the format"),
]


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(("data", "said"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE])
def test_a_hostile_archive_is_refused_and_nothing_is_written(data: bytes, said: str, folder: Path) -> None:
    with pytest.raises(Invalid) as refused:
        load("folder", io.BytesIO(data), {"filename": "x"})
    assert said in str(refused.value)
    temporary = folder.parent / "temporary"
    assert not [path for path in temporary.rglob("*") if path.name == "out"]
    assert not (temporary / "out").exists()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_refused(folder: Path) -> None:
    with pytest.raises(Invalid, match="two members are named 'A'"):
        load("folder", io.BytesIO(zipped(("a", b"1"), ("A", b"2"))), {})


def notebook(**changes: Any) -> dict[str, Any]:
    code = {
        "cell_type": "code",
        "id": "one",
        "metadata": {"tags": ["x"]},
        "source": ["import os\n", "token = 'ghp_0123456789abcdefghijABCDEFGHIJ012345'"],
        "outputs": [{"output_type": "stream", "name": "stdout", "text": "printed"}],
        "execution_count": 7,
    }
    text = {"cell_type": "markdown", "id": "two", "metadata": {}, "source": "# Title"}
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}, "widgets": {"state": 1}}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": [code, text], **changes}


def test_a_notebook_is_kept_without_outputs_and_without_secrets(tmp_path: Path) -> None:
    import nbformat

    file = tmp_path / "work.ipynb"
    file.write_text(json.dumps(notebook()))
    content = content_of(file, redact=current().recorder.redactor.text)
    assert (content.type, content.about["outputs"], content.about["cells"]) == ("notebook", "removed", 2)
    assert content.about["redacted"]
    kept = nbformat.reads(bytes(content.data).decode(), as_version=4)
    nbformat.validate(kept)
    assert kept.cells[0].outputs == []
    assert "widgets" not in kept.metadata
    assert "import os" in content.text
    assert "# Title" in content.text
    for shown in (content.text, bytes(content.data).decode(), repr(content.about)):
        assert "ghp_" not in shown
        assert "printed" not in shown
    assert loaded(content).name == "work.ipynb"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"cells": 3}', "[" * 100_000])
def test_what_is_no_notebook_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "work.ipynb"
    file.write_text(text)
    with pytest.raises(Invalid):
        content_of(file)


SCHEMA = pa.DataFrameSchema(
    {"age": pa.Column(int, pa.Check.in_range(0, 120)), "town": pa.Column(str, nullable=True)},
    index=pa.Index(int),
    strict=True,
    name="people",
)


def test_a_pandera_schema_comes_back() -> None:
    content = content_of(SCHEMA)
    assert (content.type, content.format, content.trusted_only) == ("schema", "pandera", False)
    assert content.about["columns"][0] == {"name": "age", "dtype": "int64", "nullable": False}
    assert loaded(content) == SCHEMA


def test_a_schema_with_a_function_in_it_is_refused() -> None:
    schema = pa.DataFrameSchema({"a": pa.Column(int, pa.Check(lambda values: values > 0))})
    with pytest.raises(Invalid, match=r"^The schema cannot be written as JSON: .* Register the function"):
        content_of(schema)


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b'{"schema_type": "series"}', b'{"schema_type": "dataframe", "columns": 3}']
)
def test_what_is_no_schema_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid, match="no pandera schema"):
        load("pandera", io.BytesIO(data), {})


MODELS = [
    (
        "from pydantic import BaseModel, Field\nLEAST = 0\nclass Row(BaseModel):\n    '''A row.'''\n    age: int = Field(ge=LEAST)",
        "Row(age=3).age",
    ),
    (
        "import pandera.pandas as pa\nclass Row(pa.DataFrameModel):\n    age: int = pa.Field(ge=0)",
        "list(Row.to_schema().columns)",
    ),
]


@pytest.mark.parametrize(("cell", "question"), MODELS, ids=["pydantic", "pandera"])
def test_a_model_class_is_kept_as_source_with_its_schema(cell: str, question: str, tmp_path: Path) -> None:
    namespace = run([cell])
    content = content_of(namespace["Row"], cells=[cell], namespace=namespace)
    assert (content.type, content.format) == ("schema", "source")
    assert "age" in str(content.about["schema"])
    answer = repr(eval(question, namespace))
    assert in_empty_process(bytes(content.data), question, tmp_path) == answer


def test_a_function_comes_back_with_trust_alone() -> None:
    cells = [
        "from dataclasses import dataclass\nK = 3\n@dataclass\nclass P:\n    x: 'int'",
        "def f(x): return P(x * K)",
    ]
    namespace = run(cells)
    content = content_of(namespace["f"], cells=cells, namespace=namespace)
    with pytest.raises(Forbidden, match="'f' is a program, which runs when it is loaded"):
        loaded(content)
    back = loaded(content, trust=True)
    assert back(2).x == 6
    again = content_of(back, cells=[], namespace={"f": back})
    assert again.data == content.data, "what was loaded can be registered again"


def test_source_that_does_not_run_is_one_sentence() -> None:
    for source in (b"1 / 0", b"x = = 1", b"raise SystemExit", b"y = 1", b"\xff"):
        with pytest.raises(Invalid):
            load("source", io.BytesIO(source), {"entry": "f"}, trust=True)


def test_secrets_are_taken_out_of_source_text_and_what_is_known() -> None:
    secret = "ghp_0123456789abcdefghijABCDEFGHIJ012345"
    cells = [
        f"TOKEN = {secret!r}",
        f"def f(x={secret!r}):\n    '''Asks with {secret}.'''\n    return TOKEN, x",
    ]
    namespace = run(cells)
    content = content_of(
        namespace["f"], cells=cells, namespace=namespace, redact=current().recorder.redactor.text
    )
    assert content.about["redacted"]
    for shown in (bytes(content.data).decode(), content.text, repr(content.about)):
        assert secret not in shown
    plain = content_of({"password": "swordfish-9", "depth": 3}, redact=current().recorder.redactor.text)
    assert plain.about["redacted"]
    assert b"swordfish" not in bytes(plain.data)
    assert json.loads(bytes(plain.data))["depth"] == 3


def test_the_environments_secrets_stay_there() -> None:
    cells = ["import os\nTOKEN = os.environ.get('HOME')", "def f(): return TOKEN"]
    namespace = run(cells)
    content = content_of(namespace["f"], cells=cells, namespace=namespace)
    assert b"TOKEN = os.environ.get('HOME')" in bytes(content.data)


def test_a_stream_that_cannot_go_back_is_read() -> None:
    class Stream(io.RawIOBase):
        def __init__(self, data: bytes) -> None:
            self.source = io.BytesIO(data)

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            return self.source.readinto(buffer)

    content = content_of(TABLE)
    stream: Any = Stream(bytes(content.data))
    pd.testing.assert_frame_equal(load("parquet", stream, content.about), TABLE)


def test_what_is_known_is_plain_data() -> None:
    import msgspec
    from sklearn.linear_model import Ridge

    for source in (
        TABLE,
        np.arange(3),
        {"a": 1},
        SCHEMA,
        Ridge().fit([[1], [2]], [1, 2]),
        InAFile,
    ):
        about = content_of(source).about
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(about)) == about


@dataclass
class InAFile:
    """A class of a file."""

    x: int = 3


def test_a_class_of_a_file_is_kept(tmp_path: Path) -> None:
    content = content_of(InAFile)
    assert content.about["docstring"] == "A class of a file."
    assert in_empty_process(bytes(content.data), "InAFile()", tmp_path) == "InAFile(x=3)"
