"""Questions of a widget and their answers, as custom messages that are tied together by an id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta

from maestro_jupyter.errors import Invalid, MaestroError
from maestro_jupyter.widgets.plain import plain
from maestro_jupyter.widgets.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from maestro_jupyter.recording.guard import Problems


class Asked(msgspec.Struct, forbid_unknown_fields=True):
    """A question as it comes.

    Attributes
    ----------
    ask : str
        Its id, which the answer repeats.
    kind : str
        One of those that the widget answers.
    given : dict
        What is asked about.
    """

    ask: Annotated[str, Meta(min_length=1, max_length=64)]
    kind: str
    given: dict[str, Any] = {}


class Answer(NamedTuple):
    """What is answered: plain data, and numbers as bytes."""

    said: dict[str, Any]
    buffers: list[bytes] = []  # noqa: RUF012 - nobody adds to it


class Question(NamedTuple):
    """One kind of question.

    Attributes
    ----------
    given : type of msgspec.Struct
        What it is asked with.
    answer : callable
        Takes that and gives the `Answer`.
    each : bool
        Whether each one counts, as where something is changed. Otherwise a newer one takes the place of an
        older one that nobody has begun to answer.
    at_once : bool
        Whether it is answered while others are being answered, and where it comes in: without asking anybody.
    """

    given: type[msgspec.Struct]
    answer: Callable[[Any], Answer]
    each: bool = False
    at_once: bool = False


class Exchange:
    """Answers the questions of one widget, on a thread of its own.

    Parameters
    ----------
    questions : mapping of str to Question
        By kind.
    send : callable
        Takes an answer's content and its buffers.
    problems : Problems
        Where failures of Maestro's own are counted.
    """

    def __init__(
        self,
        questions: Mapping[str, Question],
        send: Callable[[dict[str, Any], list[bytes]], object],
        problems: Problems,
    ) -> None:
        self._questions = questions
        self._send = send
        self._problems = problems
        self._worker = Worker()

    def receive(self, content: object) -> None:
        """Take a message; what is no question that can be answered to is left."""
        try:
            asked = msgspec.convert(content, Asked)
        except msgspec.ValidationError as error:
            self._refuse(content, Invalid(f"The question is wrong: {error}."))
            return
        question = self._questions.get(asked.kind)
        if question is None:
            self._refuse(content, Invalid(f"There is no question {asked.kind!r:.80}."))
            return
        if question.at_once:
            self._answer(asked, question)
            return
        lane = asked.ask if question.each else f"kind {asked.kind}"
        self._worker.put(lane, lambda: self._answer(asked, question))

    def close(self) -> None:
        """Answer nothing more."""
        self._worker.close()

    def _answer(self, asked: Asked, question: Question) -> None:
        with self._problems.caught("widgets.send"):
            try:
                said, buffers = question.answer(checked(question.given, asked.given))
                self._send({"answer": asked.ask, "said": plain(said)}, buffers)
            except MaestroError as error:
                self._send(_failed(asked.ask, error), [])
            except Exception as error:  # noqa: BLE001 - a widget says in one sentence that it cannot
                self._problems.add(f"widgets.{asked.kind}", error)
                inside = MaestroError("Maestro failed at this.", hint="`%maestro status` says what happened.")
                self._send(_failed(asked.ask, inside), [])

    def _refuse(self, content: object, error: MaestroError) -> None:
        """Say that a question is none, to whoever can be told."""
        ask = content.get("ask") if isinstance(content, dict) else None
        if isinstance(ask, str):
            with self._problems.caught("widgets.send"):
                self._send(_failed(ask, error), [])


def checked(kind: type[msgspec.Struct], given: Mapping[str, object]) -> Any:
    """Make a struct of what is given.

    Parameters
    ----------
    kind : type of msgspec.Struct
    given : mapping
        By the struct's names.

    Raises
    ------
    Invalid
        If something is unknown, missing or of another kind.

    Examples
    --------
    >>> checked(Asked, {"ask": "1", "kind": "rows", "what": 1})
    Traceback (most recent call last):
        ...
    maestro_jupyter.errors.Invalid: There is no 'what' here; known are ask, kind, given.
    """
    known = kind.__struct_fields__
    strange = [name for name in given if name not in known]
    if strange:
        msg = f"There is no {strange[0]!r:.80} here; known are {', '.join(known) or 'none'}."
        raise Invalid(msg)
    try:
        return msgspec.convert(dict(given), kind)
    except msgspec.ValidationError as error:
        msg = f"{error}."
        raise Invalid(msg) from None


def _failed(ask: str, error: MaestroError) -> dict[str, Any]:
    said = {"message": error.message, "reason": error.reason, "hint": error.hint}
    return {"answer": ask, "error": plain(said)}
