"""Planted secrets, made up at test time from pieces so that no file holds anything like a key."""

from __future__ import annotations

import base64
import json
import random
import string
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PER_KIND = 25
_ALNUM = string.ascii_letters + string.digits
_URLSAFE = _ALNUM + "_-"
_HEX = string.hexdigits[:16]


class Planted(NamedTuple):
    """A secret in its surroundings: one text, or a nested value under a key."""

    kind: str
    secret: str
    text: str


def _some(rng: random.Random, alphabet: str, length: int) -> str:
    """Draw characters, with a digit, a small and a capital letter among them where the alphabet has any."""
    drawn = [rng.choice(alphabet) for _ in range(length)]
    for place, kind in zip(rng.sample(range(length), 3), (string.digits, "abcdef", "ABCDEF"), strict=True):
        if kind[0] in alphabet:
            drawn[place] = rng.choice(kind)
    return "".join(drawn)


def _prefixed(*prefixes: str, alphabet: str = _ALNUM, length: int = 36) -> Callable[[random.Random], str]:
    return lambda rng: rng.choice(prefixes) + _some(rng, alphabet, length)


def _jwt(rng: random.Random) -> str:
    parts = [{"alg": "HS256", "typ": "JWT"}, {"sub": _some(rng, string.digits, 10)}]
    coded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*coded, _some(rng, _URLSAFE, 43)])


# Keys that are recognised by their form, whatever they are assigned to.
FORMS: dict[str, Callable[[random.Random], str]] = {
    "aws access key": _prefixed(
        "AK" + "IA", "AS" + "IA", alphabet=string.ascii_uppercase + "234567", length=16
    ),
    "gcp api key": _prefixed("AI" + "za", alphabet=_URLSAFE, length=35),
    "google oauth": _prefixed("ya29" + ".", "GOC" + "SPX-", alphabet=_URLSAFE, length=40),
    "github": _prefixed("gh" + "p_", "gh" + "o_", "gh" + "s_", "github" + "_pat_"),
    "gitlab": _prefixed("glp" + "at-", alphabet=_URLSAFE, length=20),
    "slack token": _prefixed("xo" + "xb-", "xo" + "xp-", "xo" + "xa-", length=30),
    "slack webhook": _prefixed("https://hooks.slack" + ".com/services/T0ABCDEFG/B0ABCDEFG/", length=24),
    "openai": _prefixed("s" + "k-", "s" + "k-proj-", length=48),
    "anthropic": _prefixed("s" + "k-ant-api03-", alphabet=_URLSAFE, length=80),
    "hugging face": _prefixed("h" + "f_", alphabet=string.ascii_letters, length=34),
    "stripe": _prefixed("sk_" + "live_", "rk_" + "live_", length=24),
    "twilio": _prefixed("S" + "K", "A" + "C", alphabet=_HEX, length=32),
    "sendgrid": lambda rng: "S" + "G." + _some(rng, _URLSAFE, 22) + "." + _some(rng, _URLSAFE, 43),
    "npm": _prefixed("np" + "m_"),
    "pypi": _prefixed("pyp" + "i-AgEIcHlwaS5vcmc", alphabet=_URLSAFE, length=80),
    "jwt": _jwt,
    "databricks": _prefixed("da" + "pi", alphabet=_HEX, length=32),
    "telegram": lambda rng: f"{rng.randrange(10**8, 10**9)}:AA{_some(rng, _URLSAFE, 33)}",
    "digitalocean": _prefixed("do" + "p_v1_", alphabet=_HEX, length=64),
    "shopify": _prefixed("shp" + "at_", alphabet=_HEX, length=32),
}


def _password(rng: random.Random) -> str:
    return _some(rng, _ALNUM + "!#%^*.,-", rng.randrange(8, 20))


def _word(rng: random.Random) -> str:
    return rng.choice(("hunter", "tr0ub4dor", "letmein", "Sommer", "dragon")) + str(rng.randrange(10, 10**5))


def _in(*templates: str) -> Callable[[random.Random, str], str]:
    return lambda rng, secret: rng.choice(templates).replace("§", secret)


def _pem(rng: random.Random, secret: str) -> str:
    kind = rng.choice(("RSA ", "", "OPENSSH ", "EC "))
    lines = [
        f"-----BEGIN {kind}PRIVATE " + "KEY-----",
        secret,
        secret[::-1],
        f"-----END {kind}PRIVATE " + "KEY-----",
    ]
    style = rng.randrange(4)
    if style == 0:
        return "\n".join(lines)
    if style == 1:
        return json.dumps({"type": "service_account", "private_key": "\n".join(lines)})
    if style == 2:
        return "\n".join("+" + line for line in lines)
    return 'pem = b"""' + "\n".join(lines[:-1])


# Secrets of any form, known by what stands around them.
NAMED: dict[str, tuple[Callable[[random.Random], str], Callable[[random.Random, str], str]]] = {
    "assignment": (
        _word,
        _in(
            'password = "§"',
            "api_key: str = '§'",
            'os.environ["API_KEY"] = "§"',
            "os.environ.setdefault('DB_PASSWORD', '§')",
            'secret = """§"""',
            'self._auth_token = f"§"',
            'password = (\n    "§"\n)',
            'key = os.environ.get("API_KEY") or "§"',
        ),
    ),
    "argument": (
        _password,
        _in(
            "connect(host='db', password='§')",
            'client = Client("ana", api_key="§", timeout=3)',
            'requests.get(url, auth=("ana", "§"))',
            'mlflow.log_param("db_password", "§")',
            'headers = {"X-Api-Key": "§"}',
            'config = {"db": {"passwd": "§", "port": 5432}}',
            'subprocess.run(["tool", "--token", "§"])',
        ),
    ),
    "shell": (
        _word,
        _in(
            "export AWS_SECRET_ACCESS_KEY=§",
            "%env API_TOKEN=§",
            "%env API_TOKEN §",
            "!tool --password §",
            "!tool --api-key=§ --fast",
            "docker run -e DB_PASSWORD=§ image",
            "DB_PASSWORD=§",
            "password: §",
        ),
    ),
    "url": (
        lambda rng: _some(rng, _ALNUM, 14),
        _in(
            "postgresql://ana:§@db.example.org:5432/sales",
            "engine = create_engine('mysql+pymysql://ana:§@db/sales')",
            "redis://:§@cache:6379/0",
            "https://§@github.com/team/repo.git",
            "https://example.org/data?token=§&page=2",
            "Server=db;User Id=ana;Password=§;Encrypt=yes",
            'dsn = "host=db user=ana password=§ dbname=sales"',
        ),
    ),
    "header": (
        lambda rng: _some(rng, _ALNUM, 32),
        _in(
            "Authorization: Bearer §",
            "curl -H 'Authorization: token §' https://example.org",
            '{"Authorization": "Bearer §"}',
            "X-Api-Key: §",
            "curl -u ana:§ https://example.org",
        ),
    ),
    "basic auth": (
        lambda rng: base64.b64encode(f"ana:{_word(rng)}".encode()).decode(),
        _in("Authorization: Basic §", '-H "Authorization: Basic §"', "sent header Basic § to the proxy"),
    ),
    "azure": (
        lambda rng: _some(rng, _ALNUM + "+/", 86) + "==",
        _in(
            "DefaultEndpointsProtocol=https;AccountName=x;AccountKey=§;EndpointSuffix=core.windows.net",
            "Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=root;SharedAccessKey=§",
        ),
    ),
    "azure sas": (
        lambda rng: _some(rng, _ALNUM, 43) + "%3D",
        _in("https://x.blob.core.windows.net/c/f.csv?sv=2022-11-02&sr=b&sig=§&se=2030-01-01"),
    ),
    "aws secret key": (
        lambda rng: _some(rng, _ALNUM + "/+", 40),
        _in(
            "aws_secret_access_key = §",
            'boto3.client("s3", aws_secret_access_key="§")',
            f'boto3.Session("{"AK" + "IA"}ABCDEFGH23456777", "§")',
        ),
    ),
    "wandb": (
        lambda rng: _some(rng, _HEX, 40),
        _in("wandb login §", 'wandb.login(key="§")', "machine api.wandb.ai login user password §"),
    ),
    "twilio auth": (
        lambda rng: _some(rng, _HEX, 32),
        _in(f'client = Client("{"A" + "C"}{"0123456789abcdef" * 2}", "§")', 'auth_token = "§"  # twilio'),
    ),
    "private key": (
        lambda rng: _some(rng, _ALNUM + "+/", 64),
        _pem,
    ),
}


def _cell(text: str) -> str:
    return f"import pandas as pd\n{text}\ndf = pd.read_csv('data.csv')\n"


def _traceback(text: str) -> str:
    return (
        "Traceback (most recent call last):\n"
        f'  File "cell.py", line 2, in <module>\n    {text}\nConnectionError: refused\n'
    )


def _diff(text: str) -> str:
    lines = text.split("\n")
    return "@@ -1,2 +1,2 @@\n import os\n" + "\n".join(f"-{line}" for line in lines) + "\n+pass_through = 1\n"


def _output(text: str) -> str:
    return f"epoch 1/3 loss 0.53\n{text}\nepoch 2/3 loss 0.41\n"


SURROUNDINGS = (_cell, _traceback, _diff, _output, str)
_CARRIERS = _in("§", "x = '§'", 'client("§")', "got §, retrying", "#§", '["§", 3]', '"first\\n§"', "key:§")


def planted(seed: int = 20) -> Iterator[Planted]:
    """Give 25 secrets of each kind, each in a text."""
    rng = random.Random(seed)
    for kind, make in FORMS.items():
        for turn in range(PER_KIND):
            secret = make(rng)
            yield Planted(kind, secret, SURROUNDINGS[turn % len(SURROUNDINGS)](_CARRIERS(rng, secret)))
    for kind, (make, put) in NAMED.items():
        for turn in range(PER_KIND):
            secret = make(rng)
            yield Planted(kind, secret, SURROUNDINGS[turn % len(SURROUNDINGS)](put(rng, secret)))
