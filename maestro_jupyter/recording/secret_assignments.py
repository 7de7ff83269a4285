"""Secrets that show by the name they are given to: assignments, arguments, mappings and flags.

Only literals are secrets: `token = tokenizer.encode(x)` and `password = getpass()` are code and stay.
"""

from __future__ import annotations

import functools
import re
from itertools import chain

from maestro_jupyter.recording.secret_formats import REDACTED, is_placeholder, looks_random
from maestro_jupyter.recording.secret_names import is_secret_name

_NAME_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
_LONGEST_NAME = 64
_STEMS = "pass|pw|secret|token|key|cred|auth|bearer|conn|dsn|jwt"
# Names whose bare values (no quotes) are passwords even if they look like words.
_PASSWORDS = r"passw|passphrase|pwd|secret"
# Calls that take a key and then its value: os.environ.setdefault("API_KEY", "…"), log_param("password", "…").
_TAKES_KEY = (
    r"(?:env|get|set|put|pop|default|param|params|tag|config|header|option|conf|add|login|secret)\(\s{0,9}\\*[\"']$"
    r"|(?:setattr|getattr)\([\w.]{1,60},\s{0,9}\\*[\"']$"
)
_SHELL = (
    r"(?:\bexport|\bset|\bsetx|\bsetenv|%env|%set_env|\benv|declare -x|\bset -g?x|\bENV|\bARG|-e|--env"
    r"|config:set|configure set)[ \t]+$"
)
# What stands behind a name in prose, help texts and type annotations.
_WORDS = frozenset(
    re.findall(
        r"\w+",
        """
    none null nil true false undefined yes no on off str int float bool bytes any object type self
    optional required default missing empty invalid unset here value hidden text string number to is
    and or for in as if not the a an with from option flag argument parameter field must was are
    should password token secret key
    """,
    )
)
_SHORTEST = 6


# A name with a telling stem and what joins it to a value; in lower case.
_HEAD = (
    rf"(?:{_STEMS})[\w-]{{0,{_LONGEST_NAME}}}+"
    r"(?P<close>\\{0,4}+[\"'`]?+)(?:[ \t]{0,8}+\])?+"
    r"(?P<op>[ \t]{0,40}+(?::=|=>|[=!]=|[=:])[ \t]{0,40}+"
    r"|[ \t]{0,8}+,[ \t\n]{0,40}+|\)[ \t]{1,8}+or[ \t]{1,8}+)"
)
# A name that is joined to its value by a space only: a flag, a magic, a shell's set; in lower case.
_SPACED = tuple(
    rf"{opening}(?P<name>[\w-]{{1,{_LONGEST_NAME}}}+)[ \t]{{1,8}}+(?![=:])"
    for opening in (
        r"--(?=[a-z])",
        r"env(?<=[%_t]env)[ \t]{1,8}+",
        r"set(?:x|[ \t]-g?x|(?<=configure set))[ \t]{1,8}+",
    )
)


@functools.cache
def _pattern(source: str, flags: int = 0) -> re.Pattern[str]:
    return re.compile(source, flags)


_LITERAL = (
    r"[rbufRBUF]{0,2}(?:(?P<q>\\{0,4}+(?:\"\"\"|'{3})|(?:\\{1,4}+[\"']){3})(?P<body>(?:(?!(?P=q))(?:\\[\s\S]|[^\\]))*+)"
    r"|(?P<q1>\\{0,4}+[\"'`])(?P<body1>(?:(?!(?P=q1))(?:\\.|[^\\\n]))*+))"
)
_ANNOTATION = (
    r"[A-Za-z_][\w.]{0,60}+(?:\[[\w.,| \[\]]{0,80}\])?(?:[ \t]?\|[ \t]?\w{1,40}+){0,4}"
    r"[ \t]{0,8}=(?!=)[ \t]{0,8}"
)
_WRAPPER = r"(?i:[\w.]{0,40}secret\w{0,20}|str|bytes|[\w.]{0,40}quote(?:_plus)?)\((?=[rbufRBUF]{0,2}[\"'])"
_CONTINUED = r"[ \t]{0,40}+(?:\+[ \t]{0,40}+|\\\n[ \t]{0,80}+)?(?=[rbufRBUF]{0,2}[\"'])"
_DEFAULT = r"[^()\n]{0,200}?\bdefault[ \t]{0,8}=[ \t]{0,8}"
_SCHEME = r"(?i:bearer|basic|token|digest|apikey|negotiate)[ \t]{1,8}"
_SHELL_VALUE = r"[^\s\"'`\\]+"
_QUERY_VALUE = r"[^\s\"'`&;<>\\]+"
_BARE_VALUE = r"[^\s\"'`<>,;(){}\[\]\\]+"
_LONGEST_BARE = 256
_CODE = r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*"
_CALLED = r"[A-Za-z_][\w.]*[(\[]"
_AFTER_QUOTE = r"[ \t]{0,8}(?:[)\],+%.}]|$|\n)"
_LINE = 200
_BLANK = (" ", "\t")
_LINE_START = r"(?:^|\n)[+-]?[ \t]*(?:- )?$"


def hide_assigned(text: str) -> str:
    """Replace every literal that is given to a secret's name.

    Parameters
    ----------
    text : str
        Source code, output, a diff, a traceback, …

    Returns
    -------
    str
        The text itself if it holds none.

    Examples
    --------
    >>> hide_assigned("connect(user='ana', password='hunter2', token=get_token())")
    "connect(user='ana', password='[redacted]', token=get_token())"
    """
    scan = _Scan(text)
    scan.names()
    scan.flags()
    return scan.result()


class _Scan:
    """One pass over a text, which collects the spans to hide."""

    def __init__(self, text: str) -> None:
        self.text = text
        lowered = text.lower()
        if len(lowered) != len(text):  # only İ becomes longer
            lowered = text.replace("\u0130", "I").lower()
        self.lowered = lowered
        self.spans: list[tuple[int, int]] = []

    def names(self) -> None:
        """Look behind every telling name that is joined to something."""
        search, position = _pattern(_HEAD).search, 0
        while match := search(self.lowered, position):
            start = self._name_start(match.start())
            name = self.text[start : match.start("close")]
            position = match.end()
            if is_secret_name(name):
                position = max(position, self._named(name, start, " ".join(match["op"].split()), position))

    def flags(self) -> None:
        """Look behind every telling name that a space joins to something: `--password hunter2`."""
        for match in chain.from_iterable(_pattern(spaced).finditer(self.lowered) for spaced in _SPACED):
            name, at = self.text[match.start("name") : match.end("name")], match.end()
            if not is_secret_name(name) or self._literals(at) > at:
                continue
            bare = _pattern(_SHELL_VALUE).match(self.text, at)
            if bare and bare[0][0] not in "-[]):,|=" and not _is_word(bare[0]) and not _is_metavar(bare[0]):
                self._hide(at, bare.end())

    def result(self) -> str:
        """Give the text with the spans hidden; as many lines as before."""
        if not self.spans:
            return self.text
        parts, position = [], 0
        for start, end in sorted(self.spans):
            if start < position:
                continue
            parts += [self.text[position:start], REDACTED, "\n" * self.text.count("\n", start, end)]
            position = end
        return "".join([*parts, self.text[position:]])

    def _name_start(self, stem: int) -> int:
        before = self.text[max(0, stem - _LONGEST_NAME) : stem]
        start = stem - len(before) + len(before.rstrip(_NAME_CHARACTERS))
        escaped = start > 0 and self.text[start - 1] == "\\" and self.text[start] in "nrt" and start < stem
        return start + escaped

    def _named(self, name: str, start: int, op: str, at: int) -> int:
        """Hide the value of a secret's name; give where to go on."""
        before = self.text[max(0, start - 80) : start]
        if op == ",":
            return self._second_argument(name, before, at)
        if op in ("==", "!=") and not _pattern(_PASSWORDS).search(name.lower()):
            return at  # `token == "the"` compares words
        if op == ":" and (annotation := _pattern(_ANNOTATION).match(self.text, at)):
            at = annotation.end()
        if self.text[start + len(name)] in " \t:=" and self._closes_quote(start, at):
            return at
        if wrapper := _pattern(_WRAPPER).match(self.text, at):
            at = wrapper.end()
        end = self._literals(at)
        if end > at or op in ("==", "!=", ") or"):
            return end
        if self.text.startswith(("(", "[", "{"), at):
            return self._collection(at)
        return self._bare(name, before, op, at)

    def _closes_quote(self, start: int, at: int) -> bool:
        """Tell whether a quote ends the text that the name stands in: `getpass("Password: ")`."""
        quote = self.text[at : at + 1]
        if quote not in ("'", '"') or not _pattern(_AFTER_QUOTE).match(self.text, at + 1):
            return False
        line = self.text[max(0, start - _LINE) : start].rpartition("\n")[2]
        return line.count(quote) % 2 == 1

    def _second_argument(self, name: str, before: str, at: int) -> int:
        if name.startswith("--"):
            if default := _pattern(_DEFAULT).match(self.text, at):
                return self._literals(default.end())
            is_value = not self.text.startswith(('"-', "'-"), at)
            return self._literals(at) if is_value else at
        return self._literals(at) if _pattern(_TAKES_KEY).search(before) else at

    def _literals(self, at: int) -> int:
        """Hide the quoted text here and those joined to it; give the end, or `at` if there is none."""
        literal, end = _pattern(_LITERAL), at
        while match := literal.match(self.text, at):
            body = "body" if match["q"] else "body1"
            self._hide(match.start(body), match.end(body))
            end = match.end() + len(match["q"] or match["q1"])
            more = _pattern(_CONTINUED).match(self.text, end)
            if not more:
                break
            at = more.end()
        return min(end, len(self.text))

    def _collection(self, at: int) -> int:
        """Hide the quoted texts of a display, but not the keys of a mapping."""
        text, literal, depth = self.text, _pattern(_LITERAL), 0
        while at < len(text):
            if text[at] in "([{":
                depth += 1
            elif text[at] in ")]}":
                depth -= 1
                if not depth:
                    break
            elif match := literal.match(text, at):
                end = match.end() + len(match["q"] or match["q1"])
                if not text.startswith(":", end):
                    body = "body" if match["q"] else "body1"
                    self._hide(match.start(body), match.end(body))
                at = end
                continue
            elif text.startswith(("\\n", "\\t"), at):
                at += 1
            elif text[at] not in " \t\r\n,:":
                break
            at += 1
        return at

    def _bare(self, name: str, before: str, op: str, at: int) -> int:
        """Hide a value without quotes where it can be nothing but a value, or looks like one."""
        text = self.text
        if op == ":" and ("-" in name.lstrip("-") or name.lower() == "authorization"):
            scheme = _pattern(_SCHEME).match(text, at)
            return self._taken(_SHELL_VALUE, scheme.end() if scheme else at)
        glued = text[at - 1] == "="
        if glued and before[-1:] in tuple("?&;\"'"):
            return self._taken(_QUERY_VALUE, at)
        if op == "=" and (
            name.startswith("--") or (before[-1:] in _BLANK and _pattern(_SHELL).search(before))
        ):
            return self._taken(_SHELL_VALUE, at)
        secretive = _pattern(_PASSWORDS).search(name.lower()) is not None
        may_set = (glued and name.isupper()) or (op == ":" and text[at - 1] in _BLANK)
        settings = may_set and _pattern(_LINE_START).search(before) is not None
        source = _SHELL_VALUE if settings else _BARE_VALUE
        found = _pattern(source).match(text, at, at + _LONGEST_BARE)
        if not found or _pattern(_CALLED).match(text, at, at + _LONGEST_BARE):
            return at
        return self._taken(source, at) if _is_bare_secret(found[0], secretive, settings) else at

    def _taken(self, source: str, at: int) -> int:
        found = _pattern(source).match(self.text, at)
        if not found or _is_word(found[0]):
            return at
        self._hide(at, found.end())
        return found.end()

    def _hide(self, start: int, end: int) -> None:
        if not is_placeholder(self.text[start:end]):
            self.spans.append((start, end))


def _is_word(text: str) -> bool:
    return text.strip(".,:;!?)").lower() in _WORDS


def _is_metavar(text: str) -> bool:
    return text.strip(".,:;)]").replace("_", "").isalpha() and text.upper() == text


def _is_bare_secret(value: str, secretive: bool, settings: bool) -> bool:
    if _is_word(value):
        return False
    digits = any(map(str.isdigit, value))
    if _pattern(_CODE).fullmatch(value):
        if "." in value and not looks_random(value.replace(".", ""), 20):
            return False
        if secretive and settings:
            return digits or value.islower()
        return (secretive and digits and len(value) >= _SHORTEST) or looks_random(value)
    if value.isdigit():
        return len(value) >= (4 if secretive else 8)
    return secretive or (settings and digits and len(value) >= _SHORTEST) or looks_random(value)
