"""Secrets that show by their form alone: well-known tokens, credentials in URLs and headers, private keys.

A pattern matches the secret itself, or has a group 1 for what stays in front of it. Patterns begin with a
literal, so that they search fast, and repeat possessively, so that no input makes them backtrack. Most texts
are not searched at all: a key is a long run of letters and digits, and `str.translate` finds those quickly.
The forms are those that the issuers document, see https://docs.github.com/code-security/secret-scanning.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

REDACTED = "[redacted]"
_PLACEHOLDER = r"(?si:\{.*\}|\$.*|<.*>|[*x.…•]{3,}|%\(?\w*\)?s?|\[redacted\].*)"
_RANDOM = r"(?=[^0-9]*+[0-9])(?=[^A-Za-z]*+[A-Za-z])[A-Za-z0-9+/=~.!@#$%^&*-]+"
_SHORTEST_KEY = 15
_KEY_CHARACTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+/=.%"
_RUNS = bytes(0 if code in _KEY_CHARACTERS else 1 for code in range(256))


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def is_placeholder(text: str) -> bool:
    """Tell whether a text stands where a secret would stand, as ``{password}``, ``$TOKEN`` or ``***`` do."""
    return not text or _compiled(_PLACEHOLDER).fullmatch(text) is not None


def looks_random(text: str, shortest: int = 12) -> bool:
    """Tell whether a text looks like a generated key rather than a word or a name in code."""
    if len(text) < shortest or not _compiled(_RANDOM).fullmatch(text):
        return False
    return text.isalnum() or (text != text.lower() and text != text.upper())


class Format(NamedTuple):
    """One form of secrets; without needles its own pattern tells whether a text is searched."""

    needles: tuple[str, ...]
    pattern: str
    check: Callable[[re.Match[str]], bool] | None = None
    replace: Callable[[re.Match[str]], str] | None = None


def _unless_placeholder(match: re.Match[str]) -> bool:
    return not is_placeholder(match["secret"])


def _url_token(match: re.Match[str]) -> bool:
    return looks_random(match["secret"])


def _spoken(match: re.Match[str]) -> bool:
    secret = match["secret"]
    return any(map(str.isdigit, secret)) or len(secret) >= 24


def _basic(match: re.Match[str]) -> bool:
    import base64

    try:
        return b":" in base64.b64decode(match["secret"] + "==")
    except ValueError:
        return False


def _aws(match: re.Match[str]) -> bool:
    kinds = [sum(map(kind, match[0])) for kind in (str.isdigit, str.isupper, str.islower)]
    near = match.string[max(0, match.start() - 250) : match.start()].lower()
    mixed = min(kinds) > 1
    return mixed and any(word in near for word in ("aws", "akia", "asia", "secret", "boto", REDACTED))


def _wandb(match: re.Match[str]) -> bool:
    near = match.string[max(0, match.start() - 120) : match.start()].lower()
    return any(word in near for word in ("wandb", "api key", "api_key", "apikey")) and not any(
        word in near[-40:] for word in ("commit", "sha", "git", "rev")
    )


def _twilio(match: re.Match[str]) -> bool:
    near = match.string[max(0, match.start() - 120) : match.start()].lower()
    return "twilio" in near or re.search(r"\bac[0-9a-f]{32}|client\(.{0,3}\[redacted\]", near) is not None


def _private_key(body: str, closed: bool) -> str:
    if not closed:
        start = re.match(r"(?:[A-Za-z0-9+/=\s\"',>|+]|-(?!-)|\\[nr])*+", body)
        cut = start.end() if start else 0
        return _private_key(body[:cut], True) + body[cut:]
    return "\n".join(
        re.sub(r"([ \t+\-\"'>|]{0,40}+)[^\r]+", rf"\1{REDACTED}", line) for line in body.split("\n")
    )


def _hide_private_key(match: re.Match[str]) -> str:
    closed = match.string.startswith("-----END", match.end())
    return match[1] + _private_key(match[2], closed)


# Letters and digits before a short prefix speak against it (task-…), but not the n of an escaped newline.
def _after_boundary(prefix: str) -> str:
    return rf"{prefix}(?:(?<![A-Za-z0-9]{prefix})|(?<=\\[nrt]{prefix}))"


_W = r"[A-Za-z0-9_-]"
_PRIVATE_KEY = r"(-----BEGIN (?:[A-Z0-9]{1,16} ){0,4}PRIVATE KEY(?: BLOCK)?-----)((?:[^-]|-(?!----))++)"

# Short ones, and those with spaces.
PHRASES: tuple[Format, ...] = (
    Format(("PRIVATE KEY",), _PRIVATE_KEY, replace=_hide_private_key),
    Format(
        ("://",),
        r"(://[^\s/:@\"'<>`\\]{0,256}+:)(?P<secret>[^\s/\"'<>`\\]{1,256})(?=@)",
        _unless_placeholder,
    ),
    Format(("://",), r"(://)(?P<secret>[^\s/:@\"'<>`\\]{12,256}+)(?=:?@)", _url_token),
    Format(
        ("earer ", "EARER "), r"([Bb](?:earer|EARER)[ \t]{1,8}+)(?P<secret>[A-Za-z0-9._~+/=-]{8,}+)", _spoken
    ),
    Format(("asic ", "ASIC "), r"([Bb](?:asic|ASIC)[ \t]{1,8}+)(?P<secret>[A-Za-z0-9+/]{8,}+)={0,2}", _basic),
    Format(
        (" -u ", "--user "),
        r"((?:-u|--user)[ \t]{1,8}+[\"']?[^\s:\"']{1,128}+:)(?P<secret>[^\s\"']{1,256}+)",
        _unless_placeholder,
    ),
)
# Long runs of letters and digits.
FORMATS: tuple[Format, ...] = (
    Format(("AKIA", "ASIA", "ABIA", "ACCA"), r"A(?:KIA|SIA|BIA|CCA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    Format(
        (),
        r"(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])",
        _aws,
    ),
    Format(("AIza",), rf"AIza{_W}{{35}}"),
    Format(("ya29.",), r"ya29\.[A-Za-z0-9_.-]{20,}+"),
    Format(("GOCSPX-",), rf"GOCSPX-{_W}{{20,}}+"),
    Format(("1//0",), rf"1//0{_W}{{30,}}+"),
    Format(("sig=",), r"(sig=)[A-Za-z0-9%+/=_-]{30,}+"),
    Format(
        ("AccountKey=", "AccessKey=", "SharedSecret="),
        r"((?:AccountKey|AccessKey|SharedSecret)=)[A-Za-z0-9+/=%]{20,}+",
    ),
    Format(("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), r"gh[pousr]_[A-Za-z0-9]{30,}+"),
    Format(("github_pat_",), r"github_pat_\w{22,}+"),
    Format(("glpat-", "gldt-", "glrt-", "glptt-", "glsoat-"), rf"gl(?:pat|dt|rt|ptt|soat)-{_W}{{20,}}+"),
    Format(("xox", "xapp-"), r"x(?:ox[a-z]|app)-[A-Za-z0-9-]{10,}+"),
    Format(
        ("hooks.slack.com/",), r"(hooks\.slack\.com/(?:services|workflows|triggers)/)[A-Za-z0-9/_-]{20,}+"
    ),
    Format(("api/webhooks/",), rf"(api/webhooks/\d{{5,25}}+/){_W}{{30,}}+"),
    Format(("webhook.office.com/",), r"(webhook\.office\.com/\w{4,12}/)[A-Za-z0-9/@-]{30,}+"),
    Format(("sk-",), rf"{_after_boundary('sk-')}(?=[A-Za-z_-]{{0,80}}+[0-9]){_W}{{20,}}+"),
    Format(("hf_",), r"hf_[A-Za-z0-9]{30,}+"),
    Format(("sk_", "rk_"), r"[sr]k_(?:live|test)_[A-Za-z0-9]{10,}+"),
    Format(("whsec_",), r"whsec_[A-Za-z0-9+/=]{24,}+"),
    Format((), r"(?:SK|AC)(?:(?<![A-Za-z0-9]..)|(?<=\\[nrt]..))[0-9a-f]{32}(?![A-Za-z0-9])"),
    Format((), r"(?<![A-Za-z0-9])[0-9a-f]{32}(?![A-Za-z0-9])", _twilio),
    Format(("SG.",), rf"SG\.{_W}{{16,32}}+\.{_W}{{16,64}}+"),
    Format(("npm_",), r"npm_[A-Za-z0-9]{36}"),
    Format(("pypi-",), rf"pypi-A{_W}{{30,}}+"),
    Format(
        ("eyJ",),
        rf"eyJ(?:(?<![A-Za-z0-9_-]eyJ)|(?<=\\[nrt]eyJ)){_W}{{6,}}+\.{_W}{{6,}}+\.{_W}*+(?:\.{_W}++)*+",
    ),
    Format(
        (),
        r"(?<![A-Za-z0-9])[0-9a-f]{40}(?![A-Za-z0-9])",
        _wandb,
    ),
    Format(("wandb_v1_",), r"wandb_v1_\w{20,}+"),
    Format(("dapi",), r"dapi[0-9a-f]{32}(?:-\d)?"),
    Format(("dop_v1_", "doo_v1_", "dor_v1_"), r"do[por]_v1_[a-f0-9]{40,}+"),
    Format(("shpat_", "shpca_", "shppa_", "shpss_"), r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    Format(("gsk_", "xai-", "nvapi-", "pplx-", "pcsk_"), rf"(?:gsk_|xai-|nvapi-|pplx-|pcsk_){_W}{{32,}}+"),
    Format(("hvs.", "hvb."), rf"hv[sb]\.{_W}{{24,}}+"),
    Format(("dckr_pat_", "lin_api_", "rubygems_"), rf"(?:dckr_pat|lin_api|rubygems)_{_W}{{20,}}+"),
    Format(("PMAK-", "NRAK-", "ATATT3"), rf"(?:PMAK-|NRAK-|ATATT3){_W}{{20,}}+"),
    Format(("r8_",), r"r8_[A-Za-z0-9]{37}"),
    Format(("AGE-SECRET-KEY-",), r"AGE-SECRET-KEY-1[A-Z0-9]{40,}+"),
    Format((), rf":(?<=[0-9]{{8}}:){_W}{{35}}(?![A-Za-z0-9_-])"),
)


@functools.cache
def _needles() -> tuple[re.Pattern[str], dict[str, frozenset[int]], tuple[int, ...]]:
    """Give one pattern for the needles of keys, which formats each calls for, and the formats without any."""
    owners: dict[str, frozenset[int]] = {}
    for place, form in enumerate(FORMATS):
        for needle in form.needles:
            owners[needle] = owners.get(needle, frozenset()) | {place}
    by_length = sorted(owners, key=len, reverse=True)
    bare = tuple(place for place, form in enumerate(FORMATS) if not form.needles)
    return re.compile("|".join(map(re.escape, by_length))), owners, bare


def hide_formats(text: str) -> str:
    """Replace every secret that shows by its form.

    Parameters
    ----------
    text : str
        Anything.

    Returns
    -------
    str
        The text itself if it holds none.

    Examples
    --------
    >>> hide_formats("postgresql://ana:hunter2@db/sales")
    'postgresql://ana:[redacted]@db/sales'
    """
    for form in PHRASES:
        if any(needle in text for needle in form.needles):
            text = _hide(form, text)
    runs = _long_runs(text)
    if not runs:
        return text
    pattern, owners, bare = _needles()
    wanted = {place for place in bare if _compiled(FORMATS[place].pattern).search(runs)}
    wanted.update(*(owners[needle] for needle in set(pattern.findall(runs))))
    for place in sorted(wanted):
        text = _hide(FORMATS[place], text)
    return text


def _long_runs(text: str) -> str:
    """Give the parts of a text that are long enough for a key, each with what stands in front of it."""
    marks = text.encode("latin-1", "replace").translate(_RUNS)
    if bytes(_SHORTEST_KEY) not in marks:
        return ""
    runs = _marked_run().finditer(marks)
    return " ".join([text[max(0, run.start() - 12) : run.end()] for run in runs])


@functools.cache
def _marked_run() -> re.Pattern[bytes]:
    return re.compile(b"\0" * _SHORTEST_KEY + b"\0*+")


def _hide(form: Format, text: str) -> str:
    pattern, check = _compiled(form.pattern), form.check

    def replacement(match: re.Match[str]) -> str:
        if check is not None and not check(match):
            return match[0]
        return (match[1] if pattern.groups else "") + REDACTED

    return pattern.sub(form.replace or replacement, text)
