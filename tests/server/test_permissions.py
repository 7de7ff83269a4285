"""Who may do what: every route and verb, for every identity, on their own run, another's, and one that is not."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from zlib import crc32

import pytest
from live_server import MEMBER, OWNER, PREFIX, READER, SHUT_OUT

from maestro_jupyter.server.routes import ROUTES

NOBODY, WRONG = "", "wrong"
IDENTITIES = (NOBODY, WRONG, MEMBER, OWNER, READER, SHUT_OUT)

# What each is answered, in the order of IDENTITIES:
#   nobody, a wrong token, the member, the owner, an owner who may not write, an owner who is shut out.
EVERYBODY = (200, 200, 200, 200, 200, 200)
KNOWN = (403, 403, 200, 200, 200, 403)
OWNERS = (403, 403, 403, 200, 200, 403)
OWNERS_RUN = (403, 403, 404, 200, 200, 403)
"""The run is the owner's: it is hidden from the member."""
NO_RUN = (403, 403, 404, 404, 404, 403)
EDITING = (403, 403, 200, 200, 403, 403)
EDITING_OWNERS = (403, 403, 404, 200, 403, 403)
EDITING_NONE = (403, 403, 404, 404, 403, 403)
EDITING_SHARED = (403, 403, 403, 200, 403, 403)
"""The artifact is the owner's: the member sees it, and may not change it."""
REFUSED = (403, 403, 405, 405, 405, 405)
"""There is no such verb."""

MEMBERS, OWNED, ABSENT = "0004" * 8, "0001" * 8, "dead" * 8
MEMBERS_FILE = hashlib.sha256(b"<script>alert(1)</script>").hexdigest()
OWNED_FILE = hashlib.sha256(b"<svg onload=alert(1)>").hexdigest()

MEMBERS_JOURNAL, OWNED_JOURNAL = "4" * 32, "1" * 32
DATA = b"shipped"
PIECE = f"?segment=1&offset=0&crc32={crc32(DATA):08x}"
BYTES = f"{hashlib.sha256(DATA).hexdigest()}?offset=0&size={len(DATA)}&crc32={crc32(DATA):08x}"

NEXT = f"offset=0&crc32={crc32(DATA):08x}"
ANNOUNCED = {"size": len(DATA), "sha256": hashlib.sha256(DATA).hexdigest()}

VERSION = "artifacts/{name}/versions/{version}"
ALIAS = "artifacts/{name}/aliases/{alias}"

NOTE = json.dumps({"note": "seen"}).encode()

TABLE = [
    # verb, route, the path asked for, what each is answered
    ("GET", "projects", "projects", KNOWN),
    ("GET", "projects/{name}", "projects/q", (403, 403, 200, 200, 200, 403)),
    ("GET", "projects/{name}", "projects/secret", OWNERS_RUN),
    ("GET", "projects/{name}", "projects/none", NO_RUN),
    ("GET", "runs", "runs", KNOWN),
    ("GET", "runs/count", "runs/count", KNOWN),
    ("GET", "runs/metrics", "runs/metrics", KNOWN),
    ("GET", "runs/history", "runs/history", KNOWN),
    ("GET", "runs/best", "runs/best?metric=gain", KNOWN),
    ("GET", "runs/{run_id}", f"runs/{MEMBERS}", KNOWN),
    ("GET", "runs/{run_id}", f"runs/{OWNED}", OWNERS_RUN),
    ("GET", "runs/{run_id}", f"runs/{ABSENT}", NO_RUN),
    ("GET", "runs/{run_id}/itself", f"runs/{MEMBERS}/itself", KNOWN),
    ("GET", "runs/{run_id}/itself", f"runs/{OWNED}/itself", OWNERS_RUN),
    ("GET", "runs/{run_id}/itself", f"runs/{ABSENT}/itself", NO_RUN),
    ("GET", "runs/{run_id}/children", f"runs/{MEMBERS}/children", KNOWN),
    ("GET", "runs/{run_id}/children", f"runs/{OWNED}/children", OWNERS_RUN),
    ("GET", "runs/{run_id}/children", f"runs/{ABSENT}/children", NO_RUN),
    ("GET", "runs/{run_id}/metrics", f"runs/{MEMBERS}/metrics", KNOWN),
    ("GET", "runs/{run_id}/metrics", f"runs/{OWNED}/metrics", OWNERS_RUN),
    ("GET", "runs/{run_id}/metrics", f"runs/{ABSENT}/metrics", NO_RUN),
    ("PATCH", "runs/{run_id}", f"runs/{MEMBERS}", EDITING),
    ("PATCH", "runs/{run_id}", f"runs/{OWNED}", EDITING_OWNERS),
    ("PATCH", "runs/{run_id}", f"runs/{ABSENT}", EDITING_NONE),
    ("GET", "runs/{run_id}/metrics/{key}", f"runs/{MEMBERS}/metrics/gain", KNOWN),
    ("GET", "runs/{run_id}/metrics/{key}", f"runs/{OWNED}/metrics/loss", OWNERS_RUN),
    ("GET", "runs/{run_id}/metrics/{key}", f"runs/{ABSENT}/metrics/loss", NO_RUN),
    ("GET", "runs/{run_id}/metrics/{key}", f"runs/{MEMBERS}/metrics/loss", NO_RUN),
    ("GET", "runs/{run_id}/metrics/{key}/points", f"runs/{MEMBERS}/metrics/gain/points", KNOWN),
    ("GET", "runs/{run_id}/metrics/{key}/points", f"runs/{OWNED}/metrics/loss/points", OWNERS_RUN),
    ("GET", "runs/{run_id}/metrics/{key}/points", f"runs/{ABSENT}/metrics/loss/points", NO_RUN),
    ("GET", "runs/{run_id}/diff/{other}", f"runs/{MEMBERS}/diff/{MEMBERS}", KNOWN),
    ("GET", "runs/{run_id}/diff/{other}", f"runs/{MEMBERS}/diff/{OWNED}", OWNERS_RUN),
    ("GET", "runs/{run_id}/diff/{other}", f"runs/{OWNED}/diff/{MEMBERS}", OWNERS_RUN),
    ("GET", "runs/{run_id}/diff/{other}", f"runs/{MEMBERS}/diff/{ABSENT}", NO_RUN),
    ("GET", "runs/{run_id}/diff/{other}", f"runs/{ABSENT}/diff/{MEMBERS}", NO_RUN),
    ("GET", "runs/{run_id}/lineage", f"runs/{MEMBERS}/lineage", KNOWN),
    ("GET", "runs/{run_id}/lineage", f"runs/{OWNED}/lineage", OWNERS_RUN),
    ("GET", "runs/{run_id}/lineage", f"runs/{ABSENT}/lineage", NO_RUN),
    ("GET", "runs/{run_id}/files/{sha256}", f"runs/{MEMBERS}/files/{MEMBERS_FILE}", KNOWN),
    ("GET", "runs/{run_id}/files/{sha256}", f"runs/{OWNED}/files/{OWNED_FILE}", OWNERS_RUN),
    ("GET", "runs/{run_id}/files/{sha256}", f"runs/{MEMBERS}/files/{OWNED_FILE}", NO_RUN),
    ("GET", "runs/{run_id}/files/{sha256}", f"runs/{OWNED}/files/{MEMBERS_FILE}", NO_RUN),
    ("GET", "runs/{run_id}/files/{sha256}", f"runs/{ABSENT}/files/{OWNED_FILE}", NO_RUN),
    ("GET", "files/{sha256}", f"files/{MEMBERS_FILE}", KNOWN),
    ("GET", "files/{sha256}", f"files/{OWNED_FILE}", OWNERS_RUN),
    ("GET", "files/{sha256}", f"files/{'0' * 64}", NO_RUN),
    ("GET", "journals/{journal}", f"journals/{MEMBERS_JOURNAL}", KNOWN),
    ("GET", "journals/{journal}", f"journals/{OWNED_JOURNAL}", OWNERS_RUN),
    ("GET", "journals/{journal}", f"journals/{ABSENT}", NO_RUN),
    ("POST", "journals/{journal}", f"journals/{MEMBERS_JOURNAL}{PIECE}", EDITING),
    ("POST", "journals/{journal}", f"journals/{OWNED_JOURNAL}{PIECE}", EDITING_OWNERS),
    ("POST", "journals/{journal}", f"journals/{{new}}{PIECE}", EDITING),
    ("PUT", "journals/{journal}/files/{sha256}", f"journals/{MEMBERS_JOURNAL}/files/{BYTES}", EDITING),
    ("PUT", "journals/{journal}/files/{sha256}", f"journals/{OWNED_JOURNAL}/files/{BYTES}", EDITING_OWNERS),
    ("PUT", "journals/{journal}/files/{sha256}", f"journals/{{new}}/files/{BYTES}", EDITING),
    ("GET", "artifacts", "artifacts", KNOWN),
    ("GET", "artifacts/search", "artifacts/search", KNOWN),
    ("GET", "artifacts/top", "artifacts/top", KNOWN),
    ("GET", "artifacts/used", "artifacts/used", KNOWN),
    ("GET", "artifacts/trending", "artifacts/trending", KNOWN),
    ("GET", "artifacts/unused", "artifacts/unused", KNOWN),
    ("GET", "artifacts/archived", "artifacts/archived", KNOWN),
    ("GET", "artifacts/{name}", "artifacts/members", KNOWN),
    ("GET", "artifacts/{name}", "artifacts/shared", KNOWN),
    ("GET", "artifacts/{name}", "artifacts/owned", OWNERS_RUN),
    ("GET", "artifacts/{name}", "artifacts/none", NO_RUN),
    ("PATCH", "artifacts/{name}", "artifacts/members", EDITING),
    ("PATCH", "artifacts/{name}", "artifacts/shared", EDITING_SHARED),
    ("PATCH", "artifacts/{name}", "artifacts/owned", EDITING_OWNERS),
    ("PATCH", "artifacts/{name}", "artifacts/none", EDITING_NONE),
    ("GET", "artifacts/{name}/usage", "artifacts/members/usage", KNOWN),
    ("GET", "artifacts/{name}/usage", "artifacts/owned/usage", OWNERS_RUN),
    ("GET", "artifacts/{name}/usage", "artifacts/none/usage", NO_RUN),
    ("GET", VERSION, "artifacts/members/versions/1", KNOWN),
    ("GET", VERSION, "artifacts/shared/versions/newest", KNOWN),
    ("GET", VERSION, "artifacts/owned/versions/@first", OWNERS_RUN),
    ("GET", VERSION, "artifacts/members/versions/7", NO_RUN),
    ("PATCH", VERSION, "artifacts/members/versions/1", EDITING),
    ("PATCH", VERSION, "artifacts/shared/versions/1", EDITING_SHARED),
    ("PATCH", VERSION, "artifacts/owned/versions/1", EDITING_OWNERS),
    ("PATCH", VERSION, "artifacts/none/versions/1", EDITING_NONE),
    ("DELETE", VERSION, "artifacts/members/versions/1", EDITING),
    ("DELETE", VERSION, "artifacts/shared/versions/1", EDITING_SHARED),
    ("DELETE", VERSION, "artifacts/owned/versions/1", EDITING_OWNERS),
    ("DELETE", VERSION, "artifacts/none/versions/1", EDITING_NONE),
    ("DELETE", VERSION, "artifacts/{purged}/versions/1?purge=true", (403, 403, 200, 200, 403, 403)),
    ("DELETE", VERSION, "artifacts/owned/versions/2?purge=true", EDITING_NONE),
    ("DELETE", VERSION, "artifacts/shared/versions/7?purge=true", (403, 403, 403, 404, 403, 403)),
    ("GET", f"{VERSION}/content", "artifacts/members/versions/1/content", KNOWN),
    ("GET", f"{VERSION}/content", "artifacts/shared/versions/@first/content", KNOWN),
    ("GET", f"{VERSION}/content", "artifacts/owned/versions/1/content", OWNERS_RUN),
    ("GET", f"{VERSION}/content", "artifacts/none/versions/1/content", NO_RUN),
    ("GET", f"{VERSION}/lineage", "artifacts/members/versions/1/lineage", KNOWN),
    ("GET", f"{VERSION}/lineage", "artifacts/owned/versions/1/lineage", OWNERS_RUN),
    ("GET", f"{VERSION}/lineage", "artifacts/none/versions/1/lineage", NO_RUN),
    ("GET", f"{VERSION}/card", "artifacts/members/versions/1/card", KNOWN),
    ("GET", f"{VERSION}/card", "artifacts/shared/versions/@first/card?format=markdown", KNOWN),
    ("GET", f"{VERSION}/card", "artifacts/members/versions/newest/card?format=html", KNOWN),
    ("GET", f"{VERSION}/card", "artifacts/owned/versions/1/card", OWNERS_RUN),
    ("GET", f"{VERSION}/card", "artifacts/none/versions/1/card", NO_RUN),
    ("PATCH", f"{VERSION}/card", "artifacts/members/versions/1/card", EDITING),
    ("PATCH", f"{VERSION}/card", "artifacts/shared/versions/1/card", EDITING_SHARED),
    ("PATCH", f"{VERSION}/card", "artifacts/owned/versions/1/card", EDITING_OWNERS),
    ("PATCH", f"{VERSION}/card", "artifacts/none/versions/1/card", EDITING_NONE),
    ("PUT", ALIAS, "artifacts/members/aliases/best", EDITING),
    ("PUT", ALIAS, "artifacts/shared/aliases/best", EDITING_SHARED),
    ("PUT", ALIAS, "artifacts/owned/aliases/best", EDITING_OWNERS),
    ("PUT", ALIAS, "artifacts/none/aliases/best", EDITING_NONE),
    ("DELETE", ALIAS, "artifacts/members/aliases/{alias}", (403, 403, 200, 200, 403, 403)),
    ("DELETE", ALIAS, "artifacts/shared/aliases/{alias}", (403, 403, 403, 200, 403, 403)),
    ("DELETE", ALIAS, "artifacts/owned/aliases/{alias}", (403, 403, 404, 200, 403, 403)),
    ("DELETE", ALIAS, "artifacts/members/aliases/none", EDITING_NONE),
    ("POST", "recommendations/artifacts", "recommendations/artifacts", KNOWN),
    ("POST", "recommendations/models", "recommendations/models", KNOWN),
    ("GET", "recommendations/parameters", "recommendations/parameters?metric=x", KNOWN),
    ("POST", "artifacts", "artifacts?upload={members_upload}", (403, 403, 201, 404, 403, 403)),
    ("POST", "artifacts", f"artifacts?upload={ABSENT}", EDITING_NONE),
    ("POST", "uploads", "uploads", (403, 403, 201, 201, 403, 403)),
    ("GET", "uploads/{upload}", "uploads/{members_upload}", (403, 403, 200, 404, 403, 403)),
    ("GET", "uploads/{upload}", f"uploads/{ABSENT}", EDITING_NONE),
    ("PATCH", "uploads/{upload}", f"uploads/{{begun}}?{NEXT}", (403, 403, 200, 404, 403, 403)),
    ("PATCH", "uploads/{upload}", f"uploads/{ABSENT}?{NEXT}", EDITING_NONE),
    ("DELETE", "uploads/{upload}", "uploads/{members_upload}", (403, 403, 200, 404, 403, 403)),
    ("DELETE", "uploads/{upload}", f"uploads/{ABSENT}", EDITING_NONE),
    ("GET", "events", "events", KNOWN),
    ("GET", "audit", "audit", OWNERS),
    ("GET", "health/live", "health/live", EVERYBODY),
    ("GET", "health/ready", "health/ready", KNOWN),
    ("GET", "metrics", "metrics", OWNERS),
    ("GET", "openapi.json", "openapi.json", KNOWN),
]
"""Every route and verb that answers."""

ASKING = {("POST", "recommendations/artifacts"), ("POST", "recommendations/models")}
"""Questions that take more than a query: they change nothing."""

VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
DECLARED = {(verb.upper(), route.path) for route in ROUTES for verb, _ in route.operations()}


def undeclared():
    """Give every verb that a route does not declare, on a path that is there."""
    paths = {route: path for _, route, path, _ in reversed(TABLE)}
    for route in ROUTES:
        for verb in VERBS:
            if (verb, route.path) not in DECLARED and route.path in paths:
                yield verb, route.path, paths[route.path], REFUSED


CELLS = [
    (verb, path, identity, status)
    for verb, _, path, statuses in [*TABLE, *undeclared()]
    for identity, status in zip(IDENTITIES, statuses, strict=True)
]


@pytest.fixture(scope="module", autouse=True)
def journals(live):
    """Ship what the table speaks of: a journal of the member's and one of the owner's."""
    for user, journal in ((MEMBER, MEMBERS_JOURNAL), (OWNER, OWNED_JOURNAL)):
        path = f"journals/{journal}?segment=1&offset=0&crc32=00000000"
        assert live.ask("POST", path, user=user).status == 200


@pytest.fixture
def fresh(live):
    """Make what was shipped be forgotten, so that shipping it again changes something."""
    for journal in (MEMBERS_JOURNAL, OWNED_JOURNAL):
        for path in (live.home / "received" / journal).iterdir():
            path.unlink()


def made(live, what):
    """Make what a path speaks of, as whoever it belongs to; give its name."""
    if what == "alias":
        alias = f"a{uuid.uuid4().int}"  # hex digits may spell a name
        body, headers = body_of("PUT", "artifacts/members/aliases/x")
        for name in ("members", "shared", "owned"):
            said = live.ask(
                "PUT", f"artifacts/{name}/aliases/{alias}", user=OWNER, body=body, headers=headers
            )
            assert said.status == 200
        return alias
    if what == "new":
        return uuid.uuid4().hex
    body, headers = body_of("POST", "uploads")
    upload = live.ask("POST", "uploads", user=MEMBER, body=body, headers=headers).json()["id"]
    if what == "begun":
        return upload
    body, headers = body_of("PATCH", f"uploads/{upload}")
    said = live.ask("PATCH", f"uploads/{upload}?{NEXT}", user=MEMBER, body=body, headers=headers)
    assert said.status == 200
    if what == "members_upload":
        return upload
    body, headers = body_of("POST", "artifacts")
    said = live.ask("POST", f"artifacts?upload={upload}", user=MEMBER, body=body, headers=headers)
    assert said.status == 201
    return said.json()["name"]


def body_of(verb, path):
    kind = {"Content-Type": "application/json"}
    if path.endswith("/card") and verb == "PATCH":
        edit = {"text": "Not for loans.", "expected": hashlib.sha256(b"").hexdigest()}
        return json.dumps({"sections": {"limitations": edit}}).encode(), kind
    if verb == "POST" and path.startswith("artifacts"):
        return json.dumps({"name": f"n{uuid.uuid4().hex}"}).encode(), kind
    asked = {
        "uploads": ANNOUNCED,
        "recommendations/artifacts": {"n": 3},
        "recommendations/models": {"task": "regression", "metafeatures": {"nr_inst": 100}},
    }
    if verb == "POST" and path in asked:
        return json.dumps(asked[path]).encode(), kind
    if path.startswith("artifacts/") and verb in {"PUT", "PATCH"}:
        edit = {"archived": False} if verb == "PATCH" else {"version": 1}
        return json.dumps(edit).encode(), kind
    if verb in {"POST", "PUT"} or path.startswith("uploads/"):
        return DATA, {"Content-Type": "application/octet-stream"}
    return (NOTE, kind) if verb == "PATCH" else (b"", {})


def test_the_table_has_every_route_and_verb():
    assert {(verb, route) for verb, route, _, _ in TABLE} == DECLARED
    with_runs = {route.path for route in ROUTES if "{run_id}" in route.path}
    for verb, route in DECLARED:
        if route in with_runs:
            paths = [path for one, other, path, _ in TABLE if (one, other) == (verb, route)]
            for run in (MEMBERS, OWNED, ABSENT):
                assert any(path.startswith(f"runs/{run}") for path in paths), (verb, route, run)


@pytest.mark.parametrize(("verb", "path", "identity", "status"), CELLS)
def test_every_cell(live, fresh, verb, path, identity, status):
    if verb == "PATCH" and path.endswith("/card"):
        take_away_text(live, path)
    path = re.sub(r"\{(\w+)\}", lambda found: made(live, found[1]), path)
    body, headers = body_of(verb, path)
    before = live.digest()
    said = live.ask(verb, path, user=identity, body=body, headers=headers)
    assert said.status == status, said.body
    if verb in {"GET", "HEAD", "OPTIONS"} or status >= 400 or (verb, path) in ASKING:
        assert live.digest() == before, "nothing is changed"
    else:
        assert live.digest() != before, "the digest would show a change"
    if (verb, status) == ("DELETE", 200) and "/versions/" in path and "purge" not in path:
        take_out_again(live, path)
    if status >= 400 and verb != "HEAD":
        assert set(said.json()) == {"message", "reason", "hint"}
    if status == 405:
        assert set(said.headers["Allow"].split(", ")) == {
            one for one, route in DECLARED if route == route_of(path)
        }


def take_out_again(live, path):
    """Make a version that was put away be there for the next."""
    body, headers = json.dumps({"archived": False}).encode(), {"Content-Type": "application/json"}
    assert live.ask("PATCH", path, user=OWNER, body=body, headers=headers).status == 200


def take_away_text(live, path):
    """Make what was written on a card be gone, so that writing it again changes something."""
    said = live.ask("GET", path, user=OWNER)
    if said.status == 200:
        (digest,) = (one["digest"] for one in said.json()["sections"] if one["key"] == "limitations")
        body = json.dumps({"sections": {"limitations": {"text": "", "expected": digest}}}).encode()
        headers = {"Content-Type": "application/json"}
        assert live.ask("PATCH", path, user=OWNER, body=body, headers=headers).status == 200


def route_of(path):
    return next(
        route
        for _, route, known, _ in TABLE
        if re.fullmatch(re.sub(r"\\\{\w+\\\}", ".*", re.escape(known)), path)
    )


HIDDEN = [
    # a path with what is hidden from the member, and with what there is not; the part that is named
    (verb, hidden, absent, parts)
    for verb, hidden, absent, parts in [
        ("GET", f"runs/{OWNED}", f"runs/{ABSENT}", (OWNED, ABSENT)),
        ("PATCH", f"runs/{OWNED}", f"runs/{ABSENT}", (OWNED, ABSENT)),
        ("GET", "runs/0", "runs/f", ("0", "f")),
        ("GET", f"runs/{OWNED}/metrics/loss", f"runs/{ABSENT}/metrics/loss", (OWNED, ABSENT)),
        ("GET", f"runs/{MEMBERS}/metrics/loss", f"runs/{MEMBERS}/metrics/lass", ("loss", "lass")),
        ("GET", f"runs/{MEMBERS}/diff/{OWNED}", f"runs/{MEMBERS}/diff/{ABSENT}", (OWNED, ABSENT)),
        ("GET", f"runs/{OWNED}/files/{OWNED_FILE}", f"runs/{ABSENT}/files/{OWNED_FILE}", (OWNED, ABSENT)),
        (
            "GET",
            f"runs/{MEMBERS}/files/{OWNED_FILE}",
            f"runs/{MEMBERS}/files/{'d' * 64}",
            (OWNED_FILE[:12], "d" * 12),
        ),
        ("GET", f"journals/{OWNED_JOURNAL}", f"journals/{ABSENT}", (OWNED_JOURNAL[:8], ABSENT[:8])),
        ("GET", "artifacts/owned", "artifacts/eaten", ("owned", "eaten")),
        ("GET", "artifacts/search?owner=ada", "artifacts/search?owner=eva", ("", "")),
        ("GET", "artifacts/archived?owner=ada", "artifacts/archived?owner=eva", ("", "")),
        ("PATCH", "artifacts/owned", "artifacts/eaten", ("owned", "eaten")),
        ("GET", "artifacts/owned/versions/1", "artifacts/eaten/versions/1", ("owned", "eaten")),
        (
            "GET",
            "artifacts/owned/versions/@x/content",
            "artifacts/eaten/versions/@x/content",
            ("owned", "eaten"),
        ),
        ("GET", f"runs/{OWNED}/lineage", f"runs/{ABSENT}/lineage", (OWNED, ABSENT)),
        (
            "GET",
            "artifacts/owned/versions/1/lineage",
            "artifacts/eaten/versions/1/lineage",
            ("owned", "eaten"),
        ),
        ("GET", "artifacts/owned/versions/1/card", "artifacts/eaten/versions/1/card", ("owned", "eaten")),
        ("PATCH", "artifacts/owned/versions/1/card", "artifacts/eaten/versions/1/card", ("owned", "eaten")),
        ("PUT", "artifacts/owned/aliases/x", "artifacts/eaten/aliases/x", ("owned", "eaten")),
        ("DELETE", "artifacts/owned/aliases/x", "artifacts/eaten/aliases/x", ("owned", "eaten")),
        ("GET", "projects/secret", "projects/absent", ("secret", "absent")),
        ("GET", "runs?project=secret", "runs?project=absent", ("", "")),
        ("GET", "runs/count?project=secret", "runs/count?project=absent", ("", "")),
        ("GET", "runs/history?project=secret", "runs/history?project=absent", ("", "")),
        ("GET", "runs/best?metric=loss", "runs/best?metric=lass", ("loss", "lass")),
        ("GET", "runs?filter=metrics.loss+>+0", "runs?filter=metrics.lass+>+0", ("loss", "lass")),
        ("GET", "runs?order_by=metrics.loss", "runs?order_by=metrics.lass", ("loss", "lass")),
        ("GET", "runs?filter=user+=+'ada'", "runs?filter=user+=+'eva'", ("", "")),
    ]
    if hidden != "runs/0"
]


@pytest.mark.parametrize(("verb", "hidden", "absent", "parts"), HIDDEN)
def test_what_is_hidden_is_answered_as_what_is_absent(live, verb, hidden, absent, parts):
    body, headers = body_of(verb, hidden)
    said = [
        live.ask(verb, path.replace(">", "%3E"), user=MEMBER, body=body, headers=headers)
        for path in (hidden, absent)
    ]
    assert said[0].status == said[1].status
    found, other = (answer.body.decode().replace(part, "…") if part else answer.body.decode()
                    for answer, part in zip(said, parts, strict=True))  # fmt: skip
    assert found == other
    names = [[name for name, _ in answer.headers.items()] for answer in said]
    assert names[0] == names[1]


def test_a_beginning_that_fits_only_the_runs_of_others_is_not_ambiguous(live):
    assert live.ask("GET", "runs/0", user=OWNER).status == 409
    assert live.ask("GET", "runs/0", user=MEMBER).json()["run"]["run_id"] == MEMBERS


def test_nothing_that_a_member_reads_speaks_of_others(live):
    for verb, _, path, _ in TABLE:
        if verb == "GET" and path != "openapi.json":
            said = live.ask(verb, path, user=MEMBER).body.decode()
            said = re.sub("<style>.*?</style>", "", said, flags=re.DOTALL)
            for words in ("ada", "ValueError: no", "run 1", "run 3", "auto"):
                # Whole words: a random digest may well hold the letters "ada".
                assert not re.search(rf"\b{words}\b", said), (path, words)


def test_what_has_no_route_is_told_apart_only_by_those_who_may(live):
    for path in ("nothing", "runs/", "runs/x/y/z/w", "", "health", "journals"):
        said = [live.ask("GET", path, user=identity).status for identity in IDENTITIES]
        assert said[:2] in ([403, 403], [404, 404])
        assert set(said[2:]) == {404}
    assert live.ask("GET", f"{PREFIX}nothing", user=OWNER, raw_path=True).status == 404
