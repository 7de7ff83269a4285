"""A kernel as a notebook's front end sees it: outputs, the comms that it opens, and questions over them."""

from __future__ import annotations

import os
import time
import uuid
from typing import TYPE_CHECKING, NamedTuple

from jupyter_client.manager import start_new_kernel

if TYPE_CHECKING:
    from pathlib import Path


class Shown(NamedTuple):
    """What a cell has shown."""

    bundles: list[dict[str, str]]
    """The data of its outputs by media type."""

    widgets: dict[str, dict[str, object]]
    """The states of the widgets of ours that it has opened, by comm."""

    errors: list[str]


class Answered(NamedTuple):
    """What a widget has answered."""

    content: dict[str, object]
    buffers: list[bytes]

    @property
    def said(self):
        assert "error" not in self.content, self.content
        return self.content["said"]


class Kernel:
    """A kernel in a process of its own, with Maestro's extension on."""

    def __init__(self, home: Path, *, session: str | None = "notebook.ipynb") -> None:
        own = {"MAESTRO_HOME": str(home), "IPYTHONDIR": str(home.parent / "ipython")}
        if session is not None:
            own["JPY_SESSION_NAME"] = session
        env = {name: value for name, value in os.environ.items() if name != "JPY_SESSION_NAME"} | own
        self._manager, self._client = start_new_kernel(kernel_name="python3", env=env, cwd=str(home.parent))
        self._subshell: str | None = None
        self.closed: set[str] = set()
        self._answers: dict[str, Answered] = {}
        assert self.run("%load_ext maestro_jupyter\nimport maestro_jupyter as maestro").errors == []

    def stop(self) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)

    def run(self, cell: str) -> Shown:
        """Run a cell to its end."""
        return self.finish(self.begin(cell))

    def begin(self, cell: str) -> str:
        """Have a cell run, and give what it is finished by."""
        return self._client.execute(cell)

    def finish(self, message: str) -> Shown:
        """Wait for the end of a cell."""
        shown = Shown([], {}, [])
        while True:
            said = self._next()
            kind, content = said["msg_type"], said["content"]
            if kind == "comm_open" and content["data"]["state"].get("_model_module") == "anywidget":
                shown.widgets[content["comm_id"]] = content["data"]["state"]
            if said["parent_header"].get("msg_id") != message:
                continue
            if kind in {"display_data", "execute_result"}:
                shown.bundles.append(content["data"])
            elif kind == "error":
                shown.errors.append(content["evalue"])
            elif kind == "status" and content["execution_state"] == "idle":
                return shown

    def widget(self, cell: str) -> str:
        """Run a cell that shows one widget, and give its comm."""
        (comm,) = self.run(cell).widgets
        return comm

    def ask(self, comm: str, kind: str, **given: object) -> Answered:
        """Ask a widget, and wait for its answer."""
        return self.tell(comm, {"ask": uuid.uuid4().hex, "kind": kind, "given": given})

    def tell(self, comm: str, content: dict[str, object]) -> Answered:
        """Send a message, and wait for what answers to it."""
        self.send(comm, {"method": "custom", "content": content})
        ask = content["ask"]
        while ask not in self._answers:
            self._next()
        return self._answers.pop(ask)

    def send(self, comm: str, data: object) -> None:
        self._client.shell_channel.send(self._message("comm_msg", {"comm_id": comm, "data": data}))

    def use_subshell(self) -> None:
        """Let what is sent from here on go beside the cells, as JupyterLab does with what widgets ask."""
        client = self._client
        client.control_channel.send(client.session.msg("create_subshell_request", {}))
        while (reply := client.get_control_msg(timeout=60))["msg_type"] != "create_subshell_reply":
            pass
        self._subshell = reply["content"]["subshell_id"]

    def send_cell(self, cell: str) -> None:
        """Have a cell run beside the others, and wait for nothing."""
        self._client.shell_channel.send(
            self._message("execute_request", {"code": cell, "silent": True, "store_history": False})
        )

    def _message(self, kind: str, content: dict[str, object]) -> dict:
        message = self._client.session.msg(kind, content)
        if self._subshell is not None:
            message["header"]["subshell_id"] = self._subshell
        return message

    def _next(self) -> dict:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            said = self._client.get_iopub_msg(timeout=60)
            content = said["content"]
            if said["msg_type"] == "comm_close":
                self.closed.add(content["comm_id"])
            if said["msg_type"] == "comm_msg" and content["data"].get("method") == "custom":
                told = content["data"]["content"]
                self._answers[told["answer"]] = Answered(told, [bytes(one) for one in said["buffers"]])
            return said
        raise AssertionError("nothing is said")
