"""Questions and answers: whatever comes, there is an answer in one sentence or none, and never a traceback."""

from __future__ import annotations

import json
import math
import threading

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maestro_jupyter.errors import Invalid, NotFound
from maestro_jupyter.recording.guard import Problems
from maestro_jupyter.widgets.exchange import Answer, Exchange, Question, checked
from maestro_jupyter.widgets.plain import plain


class Number(msgspec.Struct, forbid_unknown_fields=True):
    number: int


def double(asked: Number) -> Answer:
    if asked.number < 0:
        raise NotFound("There is no such number.", hint="Take another.")
    return Answer({"double": 1 / asked.number}, [b"bytes"])


class Teller:
    """Tells an exchange something, and waits until it has nothing more to say."""

    def __init__(self) -> None:
        self.sent: list[tuple[dict, list[bytes]]] = []
        self.came = threading.Event()
        self.problems = Problems()
        self.exchange = Exchange(
            {"double": Question(Number, double), "end": Question(End, self._end)}, self._send, self.problems
        )

    def tell(self, content: object) -> list[tuple[dict, list[bytes]]]:
        self.exchange.receive(content)
        self.exchange.receive({"ask": "the end", "kind": "end", "given": {}})
        assert self.came.wait(30)
        return [said for said in self.sent if said[0]["answer"] != "the end"]

    def _end(self, asked: End) -> Answer:
        return Answer({})

    def _send(self, content: dict, buffers: list[bytes]) -> None:
        self.sent.append((content, buffers))
        if content["answer"] == "the end":
            self.came.set()


class End(msgspec.Struct, forbid_unknown_fields=True):
    pass


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
QUESTIONS = st.fixed_dictionaries(
    {},
    optional={
        "ask": JSON | st.just("1"),
        "kind": JSON | st.just("double"),
        "given": JSON | st.fixed_dictionaries({"number": JSON}),
        "more": JSON,
    },
)


@given(JSON | QUESTIONS)
def test_whatever_comes_is_answered_in_a_sentence_or_not_at_all(content: object) -> None:
    teller = Teller()
    answers = teller.tell(content)
    assert len(answers) <= 1
    for said, _ in answers:
        assert said["answer"] == content["ask"]
        json.dumps(said, allow_nan=False).encode()
        if "error" in said:
            assert set(said["error"]) == {"message", "reason", "hint"}
            assert all("Traceback" not in text and "\n" not in text[:-1] for text in said["error"].values())
    assert set(teller.problems.counts()) <= {"widgets.double"}


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ({"ask": "1", "kind": "double", "given": {"number": -1}}, ("There is no such number.", "not_found", "Take another.")),
        ({"ask": "1", "kind": "double", "given": {"number": "a"}}, ("Expected `int`, got `str` - at `$.number`.", "invalid", "")),
        ({"ask": "1", "kind": "double", "given": {"no": 1}}, ("There is no 'no' here; known are number.", "invalid", "")),
        ({"ask": "1", "kind": "what", "given": {}}, ("There is no question 'what'.", "invalid", "")),
        ({"ask": "1", "kind": "double", "given": {"number": 0}}, ("Maestro failed at this.", "error", "`%maestro status` says what happened.")),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(content: dict, error: tuple[str, str, str]) -> None:
    ((said, buffers),) = Teller().tell(content)
    assert (said["error"]["message"], said["error"]["reason"], said["error"]["hint"]) == error
    assert buffers == []


def test_an_answer_carries_the_id_and_the_bytes() -> None:
    asked = {"ask": "x", "kind": "double", "given": {"number": 2}}
    assert Teller().tell(asked) == [({"answer": "x", "said": {"double": 0.5}}, [b"bytes"])]


def test_a_newer_question_takes_the_place_of_one_that_waits_but_of_none_that_counts() -> None:
    begun, go = threading.Event(), threading.Event()
    done: list[int] = []
    sent: list[str] = []
    last = threading.Event()

    def slow(asked: Number) -> Answer:
        begun.set()
        assert go.wait(30)
        done.append(asked.number)
        return Answer({})

    def send(content: dict, buffers: list[bytes]) -> None:
        sent.append(content["answer"])
        if content["answer"] == "last":
            last.set()

    kinds = {"see": Question(Number, slow), "write": Question(Number, slow, each=True)}
    exchange = Exchange(kinds, send, Problems())
    exchange.receive({"ask": "0", "kind": "see", "given": {"number": 0}})
    assert begun.wait(30)
    for number in (1, 2):
        exchange.receive({"ask": f"see {number}", "kind": "see", "given": {"number": number}})
        exchange.receive({"ask": f"write {number}", "kind": "write", "given": {"number": 10 * number}})
    exchange.receive({"ask": "last", "kind": "write", "given": {"number": 99}})
    go.set()
    assert last.wait(30)
    assert done == [0, 10, 2, 20, 99]
    assert sent == ["0", "write 1", "see 2", "write 2", "last"]


def test_a_closed_exchange_answers_nothing() -> None:
    sent: list[dict] = []
    exchange = Exchange({"double": Question(Number, double)}, lambda *said: sent.append(said), Problems())
    exchange.close()
    exchange.receive({"ask": "1", "kind": "double", "given": {"number": 1}})
    assert sent == []


@given(JSON)
def test_a_message_is_json_that_every_front_end_reads(value: object) -> None:
    made = plain(value)
    assert json.loads(json.dumps(made, allow_nan=False).encode().decode()) == made


def test_numbers_that_json_has_not_are_said() -> None:
    assert plain([math.inf, -math.inf, math.nan, 2**53]) == ["∞", "−∞", "NaN", "9007199254740992"]
    with pytest.raises(TypeError):
        plain(object())


def test_arguments_are_strict() -> None:
    assert checked(Number, {"number": 3}) == Number(3)
    with pytest.raises(Invalid, match="There is no 'numbre' here; known are number"):
        checked(Number, {"numbre": 3})
