"""Cards and lineage over REST: the forms of a card, what is refused, and what is kept."""

from __future__ import annotations

import hashlib
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from shelf import put_on_the_shelf

from maestro_jupyter.config import Maestro
from maestro_jupyter.library.card_markdown import read_markdown

CARD = "artifacts/shared/versions/1/card"
EMPTY = hashlib.sha256(b"").hexdigest()
HOSTILE = "<script>alert(1)</script> [x](javascript:alert(1))\n\n## Limitations\n```"


@pytest.fixture
def shelf(store):
    put_on_the_shelf(store, Maestro())


def edit(text, expected=EMPTY, section="limitations"):
    return {"sections": {section: {"text": text, "expected": expected}}}


async def test_the_forms_of_a_card(ask, shelf):
    status, _, card = await ask(CARD, method="PATCH", body=edit(HOSTILE))
    assert status == 200
    (written,) = (section for section in card["sections"] if section["key"] == "limitations")
    assert (written["text"], written["digest"]) == (HOSTILE, hashlib.sha256(HOSTILE.encode()).hexdigest())
    for form, kind, name in (
        ("markdown", "text/markdown", "shared-1-card.md"),
        ("html", "text/html", "shared-1-card.html"),
    ):
        status, headers, body = await ask(CARD, format=form)
        assert (status, headers["Content-Type"]) == (200, "application/octet-stream")
        assert headers["Content-Disposition"].startswith(f'attachment; filename="{name}"')
        assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Maestro-Media-Type"] == kind
        text = body.decode()
        assert "<script" not in text
        if form == "markdown":
            assert read_markdown(text).texts["limitations"] == HOSTILE
            assert read_markdown(text).edition == card["edition"]
        else:
            assert text.startswith("<!doctype html>")
            assert "href=" not in text
    assert (await ask(CARD, format="json"))[2] == (await ask(CARD))[2] == card


async def test_what_has_not_changed_is_not_sent_again(ask, shelf):
    for query in ({}, {"format": "markdown"}, {"format": "html"}):
        _, headers, _ = await ask(CARD, **query)
        status, _, _ = await ask(CARD, headers={"If-None-Match": headers["Etag"]}, **query)
        assert status == 304, query
    _, before, _ = await ask(CARD)
    await ask(CARD, method="PATCH", body=edit("New."))
    assert (await ask(CARD))[1]["Etag"] != before["Etag"]


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 400), ({"sections": {}}, 400), (edit("x", section="nothing"), 400), (edit("x", "0" * 64), 409),
     (edit("x", "0" * 65), 400), ({"sections": {"license": {"text": "x"}}}, 400), (edit("x" * 65_537), 400),
     ({"sections": {"license": {"text": "x", "expected": EMPTY, "force": True}}}, 400), ({"sections": [1]}, 400),
     (edit("x", None), 400), ({"sections": {f"k{n}": {"text": "", "expected": EMPTY} for n in range(99)}}, 400)],
)  # fmt: skip
async def test_what_is_refused_changes_nothing(ask, shelf, body, status):
    _, _, before = await ask(CARD)
    said = await ask(CARD, method="PATCH", body=body)
    assert said[0] == status, said
    assert said[2]["message"].endswith(".")
    assert (await ask(CARD))[2] == before


async def test_other_forms_and_extents_are_refused(ask, shelf):
    for path, query in (
        (CARD, {"format": "pdf"}), (CARD, {"form": "html"}), (CARD.replace("card", "lineage"), {"depth": "51"}),
        (CARD.replace("card", "lineage"), {"width": "0"}), ("runs/0004/lineage", {"limit": "1001"}),
        ("runs/0004/lineage", {"depth": "-1"}),
    ):  # fmt: skip
        assert (await ask(path, **query))[0] == 400, (path, query)


def test_of_many_who_edit_at_once_one_is_heard(live):
    """The others are told, and may read the card and try again: every text is seen by whoever comes after."""
    path = "artifacts/members/versions/1/card"
    headers = {"Content-Type": "application/json"}

    def add(number):
        while True:
            (section,) = (
                one
                for one in live.ask("GET", path, user="ada").json()["sections"]
                if one["key"] == "citation"
            )
            body = edit(f"{section['text']} {number}", section["digest"], "citation")
            said = live.ask(
                "PATCH", path, user="ada", headers=headers, body=repr(body).replace("'", '"').encode()
            )
            if said.status == 200:
                return
            assert said.status == 409
            assert said.json()["reason"] == "conflict"

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(add, range(12)))
    (section,) = (
        one for one in live.ask("GET", path, user="ada").json()["sections"] if one["key"] == "citation"
    )
    assert sorted(map(int, re.findall(r"\d+", section["text"]))) == list(range(12))


async def test_a_secret_is_taken_out_before_it_is_written(ask, shelf):
    secret = "ghp_" + "a1B2" * 9
    _, _, card = await ask(CARD, method="PATCH", body=edit(f"Ask with {secret}."))
    assert secret not in str(card)
    assert "[redacted]" in str(card)
