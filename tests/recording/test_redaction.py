"""Nothing secret gets past the redactor, and next to nothing else is lost."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import random
import subprocess
import sys
import uuid
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from secrets_corpus import planted

from maestro_jupyter.recording.redaction import REDACTED, Redactor

PLANTED = list(planted())
INNOCENT = Path(__file__).with_name("innocent_names.txt").read_text(encoding="utf-8").split()
LIVE = {
    "SERVICE_TOKEN": 'pä\'ss\\wörd "42"',
    "PLAIN_PASSWORD": "correct-horse",
    "PWD": "/home/ana",
    "LANG": "C.UTF-8",
}

SECRET_NAMES = [
    "password",
    "passwd",
    "db_password",
    "dbPassword",
    "PGPASSWORD",
    "secret",
    "client_secret",
    "token",
    "access_token",
    "accessToken",
    "HF_TOKEN",
    "api_key",
    "apiKey",
    "API-KEY",
    "apikey",
    "X-Api-Key",
    "access_key",
    "aws_access_key_id",
    "private_key",
    "privateKey",
    "credential",
    "credentials",
    "auth",
    "auth_token",
    "bearer",
    "connection_string",
    "connectionString",
    "dsn",
    "SENTRY_DSN",
    "github_token",
    "smtp_pass",
    "db.password",
    "model__api_key",
    "openai_key",
    "password2",
]
HARMLESS_NAMES = [
    "num_tokens",
    "tokenizer",
    "max_tokens",
    "token_count",
    "n_tokens",
    "pad_token_id",
    "eos_token",
    "keyboard",
    "monkey",
    "primary_key",
    "sort_key",
    "author",
    "authors",
    "secretary",
    "key",
    "keys",
    "passes",
    "compass",
    "token_ids",
    "special_tokens",
    "key_padding_mask",
    "secret_santa_count",
]


@pytest.fixture(scope="module")
def redactor() -> Redactor:
    return Redactor({})


def test_the_corpus_is_large_and_varied() -> None:
    assert len(PLANTED) >= 500
    assert len({secret.kind for secret in PLANTED}) >= 20
    assert len(INNOCENT) >= 600


def test_no_planted_secret_survives_in_text(redactor: Redactor) -> None:
    survived = [case for case in PLANTED if case.secret in redactor.text(case.text)]
    assert not survived, survived[:5]


def test_no_planted_secret_survives_in_nested_values(redactor: Redactor) -> None:
    def shown(case: object, value: object) -> bool:
        return case.secret in repr(redactor.value("params", value))

    survived = [
        case
        for case in PLANTED
        for value in (
            {"model": {"notes": [case.text]}},
            [(1, {case.text})],
            {case.text: 1},
            {"db": {"Password": case.secret}},
            {"api_keys": [case.secret]},
            [("token", case.secret)],
            [{"name": "API_KEY", "value": case.secret}],
            case.text.encode(),
        )
        if shown(case, value)
    ]
    assert not survived, survived[:5]


def test_escaped_and_coloured_texts_are_read_through(redactor: Redactor) -> None:
    survived = [
        case
        for case in PLANTED
        for text in (
            repr(case.text),
            json.dumps({"cell": case.text}),
            case.text.replace("=", "\x1b[38;5;241m=\x1b[39m"),
        )
        if case.secret in redactor.text(text)
    ]
    assert not survived, survived[:5]


def test_lines_stay_in_place(redactor: Redactor) -> None:
    for case in PLANTED:
        assert redactor.text(case.text).count("\n") == case.text.count("\n")


def test_redacting_twice_changes_nothing_more(redactor: Redactor) -> None:
    for case in PLANTED:
        once = redactor.text(case.text)
        assert redactor.text(once) == once


def _innocent_values() -> list[str]:
    rng = random.Random(22)
    digest = hashlib.sha256(b"data").hexdigest()
    return [
        digest,
        digest[:40],
        hashlib.md5(b"data").hexdigest(),
        str(uuid.UUID(int=rng.getrandbits(128))),
        "1.26.4.post1+cu121",
        "/home/ana/projects/churn-2024/data/train_v2.parquet",
        "data/images/2024-01-01/cat_0001.png",
        base64.b64encode(rng.randbytes(600)).decode(),
        "0.12345678901234567",
        "12345678901234567890",
        "bert-base-uncased",
        "meta-llama/Llama-3.1-8B-Instruct",
        "https://example.org:8080/path?page=2#top",
        "sklearn.ensemble._forest.RandomForestClassifier",
        "2024-05-01T12:30:00+00:00",
        "[PAD]",
        "a task-oriented-dialogue-dataset-2024 and disk-based-storage-benchmark-7",
        "squared_error",
    ]


def test_innocent_names_and_values_survive(redactor: Redactor) -> None:
    values = _innocent_values()
    alarms = [
        name
        for place, name in enumerate(INNOCENT)
        if redactor.value(name, 3) != 3
        or redactor.value(name, values[place % len(values)]) != values[place % len(values)]
        or any(
            redactor.text(text) != text
            for text in (
                f'{name} = "text"',
                f"{name}=0.5,",
                f"{name}: 12345678",
                f'{{"{name}": "{values[place % 18]}"}}',
            )
        )
    ]
    assert len(alarms) <= len(INNOCENT) // 100, alarms


@pytest.mark.parametrize("value", _innocent_values())
def test_innocent_values_survive(redactor: Redactor, value: str) -> None:
    assert redactor.value("note", value) == value
    assert (
        redactor.text(f"note = {value!r}\nprint(note)  # {value}")
        == f"note = {value!r}\nprint(note)  # {value}"
    )


@pytest.mark.parametrize(
    "source",
    [
        "token = tokenizer.encode(x)",
        "password = getpass()",
        "password = getpass.getpass('Password: ')",
        'api_key = os.environ["API_KEY"]',
        "api_key = os.getenv('API_KEY')",
        "password=None",
        'token=""',
        "secret=True",
        "connect(password=password, token=self.token)",
        "def login(user: str, password: str, token: str | None = None) -> None: ...",
        "for token in doc: print(token.text, token == 'the')",
        "tokens = tokenizer('the cat', return_tensors='pt')",
        "parser.add_argument('--password', help='asked for if missing')",
        "usage: tool [--token TOKEN] [--password PASSWORD]",
        "columns = ['user', 'token', 'label']",
        "df.groupby('token', as_index=False)",
        "url = f'postgresql://{user}:{password}@{host}/db'",
        "engine: postgresql://ana:***@db/sales",
        "export API_KEY=$OTHER_KEY",
        "git@github.com:team/repo.git",
        "https://git@github.com/team/repo.git",
        "KeyError: 'token'",
        "commit 3f786850e387550fdab836ed7e6dc881de23001b",
        "PASSWORD = input()",
        "model.fit(X, y)  # the key: use more data",
    ],
)
def test_code_and_prose_stay(redactor: Redactor, source: str) -> None:
    assert redactor.text(source) == source


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("postgresql://ana:hunter2@host/db", f"postgresql://ana:{REDACTED}@host/db"),
        ('password = "hunter2"  # mine', f'password = "{REDACTED}"  # mine'),
        ("connect(user='ana', password='x')", f"connect(user='ana', password='{REDACTED}')"),
        ('{"user": "ana", "token": "abc"}', f'{{"user": "ana", "token": "{REDACTED}"}}'),
        ("tool --password foo --verbose", f"tool --password {REDACTED} --verbose"),
        ("secrets = {'db': 'a', 'mail': 'b'}", f"secrets = {{'db': '{REDACTED}', 'mail': '{REDACTED}'}}"),
        ('password = "one" "two"', f'password = "{REDACTED}" "{REDACTED}"'),
        ('PASSWORD="a \\"quoted\\" one"', f'PASSWORD="{REDACTED}"'),
        ("Authorization: Bearer abcdefgh", f"Authorization: Bearer {REDACTED}"),
    ],
)
def test_only_the_secret_is_replaced(redactor: Redactor, source: str, expected: str) -> None:
    assert redactor.text(source) == expected


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_secret_names(redactor: Redactor, name: str) -> None:
    assert redactor.is_secret_key(name)
    assert redactor.value(name, "x") == REDACTED
    assert redactor.value(name, b"x") == REDACTED
    assert redactor.value(name, 1234) == REDACTED
    assert [redactor.value(name, harmless) for harmless in (None, True, False, "")] == [None, True, False, ""]


@pytest.mark.parametrize("name", HARMLESS_NAMES)
def test_names_that_only_look_secret(redactor: Redactor, name: str) -> None:
    assert not redactor.is_secret_key(name)


def test_containers_keep_their_kind_and_the_originals_their_content(redactor: Redactor) -> None:
    given = {"a": [1, ("x", {2}), frozenset({"y"})], "password": "p", 3: None}
    assert redactor.value("params", given) == {**given, "password": REDACTED}
    assert given["password"] == "p"


def test_a_container_that_holds_itself_ends(redactor: Redactor) -> None:
    endless: list[object] = []
    endless.append(endless)
    assert REDACTED in repr(redactor.value("x", endless))


def test_live_values_are_hidden_in_every_spelling() -> None:
    redactor = Redactor(LIVE)
    value = LIVE["SERVICE_TOKEN"]
    coded = [
        base64.b64encode(f"{before}{value}{after}".encode()).decode()
        for before in ("", "a", "ab")
        for after in ("", "z")
    ]
    for text in (value, repr(value), json.dumps(value), quote(value), quote(value, safe="")):
        assert "rd" not in redactor.text(f"it is {text} here").replace(REDACTED, ""), text
    for text in coded:
        assert len(redactor.text(text).replace(REDACTED, "")) <= 8, text
    assert (
        redactor.text("the correct-horse runs in /home/ana with C.UTF-8")
        == f"the {REDACTED} runs in /home/ana with C.UTF-8"
    )


def test_the_environment_is_read_live(monkeypatch: pytest.MonkeyPatch) -> None:
    redactor = Redactor()
    assert redactor.text("blue-elephant-17") == "blue-elephant-17"
    monkeypatch.setenv("MY_SERVICE_PASSWORD", "blue-elephant-17")
    assert redactor.text("blue-elephant-17") == REDACTED
    monkeypatch.delenv("MY_SERVICE_PASSWORD")
    assert redactor.text("blue-elephant-17") == "blue-elephant-17"


def test_a_path_in_the_environment_is_no_secret(tmp_path: Path) -> None:
    assert Redactor({"APP_CREDENTIALS": str(tmp_path)}).text(str(tmp_path)) == str(tmp_path)


_PIECES = st.sampled_from(
    [
        "password",
        "token",
        "api_key",
        "=",
        ": ",
        "'",
        '"',
        '"""',
        "\\",
        "\n",
        " ",
        "(",
        "[",
        "{",
        ",",
        "://",
        "@",
        ":",
        "Bearer ",
        "--",
        "%env ",
        REDACTED,
        "-----BEGIN PRIVATE " + "KEY-----",
        "-----END",
        "\x1b[1m",
        "eyJ",
        "==",
        "ab12" * 5,
        "İ",
        "�",
    ]
)
_TEXTS = st.one_of(
    st.text(st.characters(codec=None)),
    st.lists(st.one_of(_PIECES, st.text(st.characters(codec=None), max_size=5)), max_size=25).map("".join),
)


@given(_TEXTS)
def test_any_text_is_taken_and_once_is_enough(text: str) -> None:
    redactor = Redactor(LIVE)
    once = redactor.text(text)
    assert redactor.text(once) == once
    assert once.count("\n") == text.count("\n")


@given(
    st.text(),
    st.recursive(
        st.none() | st.integers() | st.text() | st.binary(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ),
)
def test_any_value_is_taken(key: str, value: object) -> None:
    Redactor({}).value(key, value)


@pytest.mark.parametrize(
    "piece",
    [
        "token",
        "token=",
        "token='",
        'password="',
        "://a:b@",
        "://:",
        "-----BEGIN RSA PRIVATE " + "KEY-----\n",
        "eyJaaaaaaaa.",
        "eyJ",
        'key=\\"',
        "--token ",
        "-",
        "password=[",
        "password: str |",
        "bearer ",
        "a",
        "1",
        " ",
        "\\",
        "'",
        "\x1b[",
        "AccountKey=",
    ],
)
def test_long_repetition_costs_steps_in_proportion(redactor: Redactor, piece: str) -> None:
    # A quadratic or worse pattern would not end within the suite's time limit.
    redactor.text((piece * 1_000_000)[:1_000_000])


def test_importing_compiles_no_large_pattern() -> None:
    code = "from maestro_jupyter.recording import secret_formats as f, secret_assignments as a;"
    code += "print(f._compiled.cache_info().currsize + a._pattern.cache_info().currsize)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ}
    )
    assert done.stdout.strip() == "0"
