"""What a page of another site can have a browser send: nothing is changed, whatever the combination."""

from __future__ import annotations

import itertools
import json

import pytest
from live_server import OWNER, PREFIX

from maestro_jupyter.server.routes import ROUTES

CHANGING = [
    (verb.upper(), route.path.replace("{run_id}", "0001" * 8).replace("{", "").replace("}", ""))
    for route in ROUTES
    for verb, _ in route.operations()
    if verb != "get"
]
XSRF = "5eed" * 8
NOTE = json.dumps({"note": "hostile"}).encode()
FORM = b"note=hostile&_method=PATCH"
EVIL = "http://evil.example"

SITES = {
    "cross-site": {"Sec-Fetch-Site": "cross-site"},
    "cross-site form": {
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "iframe",
    },
    "same-site": {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"},
    "odd": {"Sec-Fetch-Site": "Same-Origin, cross-site"},
    "origin": {"Origin": EVIL},
    "origin null": {"Origin": "null"},
    "origin by prefix": {"Origin": "http://{host}.evil.example"},
    "origin with our host as user": {"Origin": "http://{host}@evil.example"},
    "other port": {"Origin": "http://127.0.0.1:1"},
    "referer": {"Referer": f"{EVIL}/page"},
    "both": {"Origin": EVIL, "Referer": "http://{host}/", "Sec-Fetch-Site": "cross-site"},
    "rebound": {"Host": "evil.example:{port}", "Origin": "http://evil.example:{port}"},
    "rebound, same origin": {"Host": "evil.example:{port}", "Sec-Fetch-Site": "same-origin"},
    "rebound by name": {"Host": "127.0.0.1.evil.example"},
}
LOGINS = ("header", "query", "cookie", "cookie and xsrf")
FORMS = {
    "json": (NOTE, {"Content-Type": "application/json"}),
    "text": (NOTE, {"Content-Type": "text/plain"}),
    "form": (FORM, {"Content-Type": "application/x-www-form-urlencoded", "X-HTTP-Method-Override": "PATCH"}),
    "untold": (NOTE, {}),
}


@pytest.fixture(scope="module")
def cookie(live):
    """Log in as a browser does: a token in the address gives a cookie."""
    said = live.ask("GET", f"runs?token={OWNER}")
    return said.headers["Set-Cookie"].partition(";")[0]


def send(live, cookie, verb, path, login, body, headers):
    given = {
        name: value.format(host=live.host, port=live.port) if "{" in value else value
        for name, value in headers.items()
    }
    if login == "query":
        path = f"{path}?token={OWNER}"
    elif login.startswith("cookie"):
        given["Cookie"] = cookie
        if login == "cookie and xsrf":
            given["Cookie"] += f"; _xsrf={XSRF}"
            given["X-XSRFToken"] = XSRF
    return live.ask(verb, path, user=OWNER if login == "header" else "", headers=given, body=body)


COMBINATIONS = list(itertools.product(CHANGING, SITES, LOGINS, FORMS))


def test_there_are_enough_combinations():
    assert CHANGING
    assert len(COMBINATIONS) >= 200


@pytest.mark.parametrize("login", LOGINS)
@pytest.mark.parametrize("site", SITES)
def test_what_another_site_sends_changes_nothing(live, cookie, site, login):
    before = live.digest()
    for (verb, path), form in itertools.product(CHANGING, FORMS):
        body, headers = FORMS[form]
        said = send(live, cookie, verb, path, login, body, SITES[site] | headers)
        assert 400 <= said.status < 500, (verb, path, form, said)
    assert live.digest() == before


WRONG_XSRF = {
    "none": {},
    "only the cookie": {"Cookie": f"_xsrf={XSRF}"},
    "only the header": {"X-XSRFToken": XSRF},
    "another": {"Cookie": f"_xsrf={XSRF}", "X-XSRFToken": "dead" * 8},
    "empty": {"Cookie": "_xsrf=", "X-XSRFToken": ""},
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("wrong", WRONG_XSRF)
def test_a_cookie_alone_changes_nothing(live, cookie, wrong, form):
    before = live.digest()
    body, headers = FORMS[form]
    about = dict(WRONG_XSRF[wrong])
    about["Cookie"] = "; ".join(filter(None, (cookie, about.get("Cookie"))))
    for verb, path in CHANGING:
        for site in ({}, {"Sec-Fetch-Site": "same-origin"}, {"Origin": f"http://{live.host}"}):
            assert live.ask(verb, path, headers=headers | about | site, body=body).status in {403, 404}
    assert live.digest() == before


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "_method"])
def test_a_verb_is_what_it_is(live, name):
    before = live.digest()
    path = "runs/" + "0001" * 8
    body, headers = FORMS["json"]
    assert live.ask("GET", path, user=OWNER, headers=headers | {name: "PATCH"}).status == 200
    assert live.ask("POST", path, user=OWNER, headers=headers | {name: "PATCH"}, body=body).status == 405
    assert live.digest() == before


@pytest.mark.parametrize("login", LOGINS)
@pytest.mark.parametrize("site", [site for site in SITES if not site.startswith("referer")])
def test_another_site_reads_nothing_either(live, cookie, site, login):
    assert send(live, cookie, "GET", "runs", login, b"", SITES[site]).status in {403, 404}


def test_no_other_origin_is_told_that_it_may_ask(live):
    asked = {"Origin": EVIL, "Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "authorization"}  # fmt: skip
    for path in ("runs", "health/live"):
        said = live.ask("OPTIONS", path, headers=asked)
        assert said.status in {403, 405}
        assert not [name for name in said.headers if name.lower().startswith("access-control-allow-o")]


@pytest.mark.parametrize("login", ["header", "query", "cookie and xsrf"])
@pytest.mark.parametrize(
    "site",
    [
        {},
        {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
        {"Origin": "http://{host}"},
        {"Origin": "http://{host}", "Referer": "http://{host}/lab", "Sec-Fetch-Site": "same-origin"},
    ],
)
def test_what_is_ours_works(live, cookie, site, login):
    before = live.digest()
    body, headers = FORMS["json"]
    said = send(live, cookie, "PATCH", "runs/" + "0001" * 8, login, body, site | headers)
    assert said.status == 200, said
    assert live.digest() != before, "the digest would show a change"
    assert send(live, cookie, "GET", "runs", login, b"", site).status == 200


def test_a_link_from_elsewhere_opens_health_only(live):
    assert live.ask("GET", "health/live", headers={"Sec-Fetch-Site": "cross-site"}).status == 200
    assert (
        live.ask("GET", f"{PREFIX}health/live", raw_path=True, headers={"Host": "evil.example"}).status == 403
    )
