"""Every setting, once: a traitlet of `Maestro` with its environment variable, default and help."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from traitlets import Bool, Enum, Float, Int, List, TraitError, Unicode, default, validate
from traitlets.config import Config, Configurable

from maestro_jupyter.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

_HINT = "See docs/settings.md."
_LEAST = 0.001


class Maestro(Configurable):
    """The settings of Maestro, as ``c.Maestro.…`` in IPython's configuration.

    An environment variable, where a setting has one and it is set, wins over the configuration file.

    Raises
    ------
    Invalid
        If a setting has a value that it cannot have.

    Examples
    --------
    >>> Maestro(environ={"MAESTRO_PROJECT": "churn"}).project
    'churn'
    """

    home = Unicode(help="The data folder: journals, database, blobs.").tag(
        config=True, env="MAESTRO_HOME", shown="maestro/ in the Jupyter data directory"
    )
    database_url = Unicode(help="SQLAlchemy URL of the database: sqlite:///… or postgresql+psycopg://….").tag(
        config=True, env="MAESTRO_DATABASE_URL", shown="maestro.db in the data folder"
    )
    artifact_url = Unicode(help="Where artifacts' bytes are kept: a folder, or a URL that fsspec knows.").tag(
        config=True, env="MAESTRO_ARTIFACT_URL", shown="blobs/ in the data folder"
    )
    project = Unicode("default", help="The project that new runs belong to.").tag(
        config=True, env="MAESTRO_PROJECT"
    )
    mode = Enum(
        ["on", "offline", "disabled"],
        "on",
        help="on: record, and collect into the database when asked. offline: record into the journal only. "
        "disabled: record nothing.",
    ).tag(config=True, env="MAESTRO_MODE")
    embedding_model = Unicode(
        "sentence-transformers/all-MiniLM-L6-v2",
        help="The sentence-transformers model of the library's search by meaning: a folder, or a name, which "
        "is fetched once if it is not there.",
    ).tag(config=True, env="MAESTRO_EMBEDDING_MODEL")
    knowledge = List(
        Unicode(),
        help="Files of knowledge from which suggestions learn beside what ships with the package; in the "
        "variable with `:` between them (`;` on Windows). See knowledge.md.",
    ).tag(config=True, env="MAESTRO_KNOWLEDGE", shown="")
    autoload = Bool(False, help="Load the extension in every IPython that starts in this environment.").tag(
        config=True
    )
    owners = List(
        Unicode(),
        help="Users of the Jupyter server to whom the whole store belongs; others see their own runs. Empty: "
        "whoever the server lets in, as only one person has its token.",
    ).tag(config=True, shown="")
    query_seconds = Float(
        10.0,
        help="How many seconds a query of the server may take; it is stopped then, with status 422.",
    ).tag(config=True, env="MAESTRO_QUERY_SECONDS")
    body_seconds = Float(
        30.0, help="How many seconds the body of a request may take to arrive; the server then hangs up."
    ).tag(config=True, env="MAESTRO_BODY_SECONDS")
    read_rate = Float(
        5000.0, help="How many times a second the server goes on answering what one user asks."
    ).tag(config=True, env="MAESTRO_READ_RATE")
    read_burst = Int(4000, min=1, help="How many times at once it answers what one user asks.").tag(
        config=True, env="MAESTRO_READ_BURST"
    )
    write_rate = Float(
        50.0, help="How many times a second the server goes on doing what one user changes."
    ).tag(config=True, env="MAESTRO_WRITE_RATE")
    write_burst = Int(100, min=1, help="How many times at once it does what one user changes.").tag(
        config=True, env="MAESTRO_WRITE_BURST"
    )
    request_log = Enum(
        ["errors", "all"],
        "errors",
        help="Of which requests the server logs a line of JSON: errors: of those that failed, with the "
        "traceback. all: of every one. See server.md.",
    ).tag(config=True, env="MAESTRO_REQUEST_LOG")
    output_limit = Int(64 << 10, min=0, help="Text output kept per cell, in characters.").tag(config=True)
    figure_limit = Int(20, min=0, help="Figures kept per cell.").tag(config=True)
    artifact_limit = Int(1 << 30, min=0, help="The largest artifact kept, in bytes.").tag(config=True)
    upload_limit = Int(
        8 << 30,
        min=0,
        help="How many bytes of one user's uploads may wait for the rest of them, or to be registered.",
    ).tag(config=True, env="MAESTRO_UPLOAD_LIMIT")
    member_limit = Int(
        0,
        min=0,
        help="How many bytes of files one member may store: kept with runs, registered, shipped or uploaded. "
        "0: without limit. The owner has none.",
    ).tag(config=True, env="MAESTRO_MEMBER_LIMIT")
    segment_limit = Int(
        64 << 20, min=4096, help="The size at which a journal begins a new file, in bytes."
    ).tag(config=True)

    def __init__(self, *, config: Config | None = None, environ: Mapping[str, str] | None = None) -> None:
        try:
            super().__init__(config=config or Config())
        except TraitError as error:
            msg = f"A setting of Maestro has a wrong value: {error}"
            raise Invalid(msg, hint=_HINT) from error
        environ = os.environ if environ is None else environ
        for name, trait in self.traits(config=True).items():
            variable = trait.metadata.get("env")
            if variable and environ.get(variable):
                self._set(name, variable, environ[variable])

    def _set(self, name: str, variable: str, given: str) -> None:
        trait = self.traits()[name]
        try:
            setattr(self, name, _read(trait, given))
        except (TraitError, ValueError) as error:
            msg = f"The variable {variable} is {given!r:.60}, which the setting {name} cannot be."
            raise Invalid(msg, hint=_HINT) from error

    @validate("query_seconds", "body_seconds", "read_rate", "write_rate")
    def _check_measure(self, proposal: Any) -> float:
        value = float(proposal["value"])
        if _LEAST <= value < math.inf:
            return value
        msg = f"{proposal['trait'].name} is {value}; expected a number from {_LEAST}."
        raise TraitError(msg)

    @default("home")
    def _default_home(self) -> str:
        from jupyter_core.paths import jupyter_data_dir

        return str(Path(jupyter_data_dir()) / "maestro")

    @default("database_url")
    def _default_database_url(self) -> str:
        return f"sqlite:///{self.home_path / 'maestro.db'}"

    @default("artifact_url")
    def _default_artifact_url(self) -> str:
        return str(self.home_path / "blobs")

    @property
    def home_path(self) -> Path:
        """The data folder."""
        return Path(self.home).expanduser().absolute()

    @property
    def knowledge_files(self) -> tuple[Path, ...]:
        """The files of knowledge, each once."""
        return tuple(dict.fromkeys(Path(one).expanduser().absolute() for one in self.knowledge if one))

    @property
    def journals(self) -> Path:
        """The folder of the journals."""
        return self.home_path / "journals"

    @property
    def spool(self) -> Path:
        """The folder where artifacts' bytes wait to be collected, each under its sha256."""
        return self.home_path / "spool"

    @property
    def received(self) -> Path:
        """The folder of the journals that other hosts have shipped, one folder for each."""
        return self.home_path / "received"

    @property
    def uploads(self) -> Path:
        """The folder of files on their way into the library, one folder for each."""
        return self.home_path / "uploads"


def _read(trait: Any, given: str) -> Any:
    """Read what a variable says."""
    if isinstance(trait, Unicode):  # a text is what it is; traitlets would take quotes off it
        return given
    return given.split(os.pathsep) if isinstance(trait, List) else trait.from_string(given)


def settings_table() -> list[dict[str, str]]:
    """Give every setting with its environment variable, default and help, as the documentation shows it.

    Returns
    -------
    list of dict
        With the keys ``setting``, ``environment``, ``default`` and ``help``.

    Examples
    --------
    >>> settings_table()[0]["setting"]
    'artifact_limit'
    """
    rows = []
    for name, trait in sorted(Maestro.class_traits(config=True).items()):
        shown: Any = trait.metadata.get("shown", trait.default_value)
        rows.append(
            {
                "setting": name,
                "environment": trait.metadata.get("env", ""),
                "default": str(shown),
                "help": trait.help,
            }
        )
    return rows
