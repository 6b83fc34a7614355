"""JSON as models write it: what is valid is read as it is; what is not is read where there is one way to, and else refused with the place.

Strings are the hard part. A quotation mark ends a text where what follows goes on with the document (a comma and a key, a bracket, the
end); any other one belongs to the text. Every look ahead is bounded, so reading takes time in proportion to the text.

Contents: :func:`read_value`, :class:`Open` (an object without its end), :class:`Several` (a key that came twice), :class:`SyntaxFault`.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, Literal

from .faults import Log, shown
from .vocabulary import KEYS

MAX_DEPTH = 32
"""Deepest nesting that is read; an answer has five levels. Keeps the reader, which calls itself, off Python's limit."""
Role = Literal["key", "value", "item"]

_OBJECTS, _LISTS = "{｛", "[［【"
_CLOSERS = {"}": "}", "｝": "}", "]": "]", "］": "]", "】": "]"}
_COMMAS, _COLONS = ",，、;；", ":："
_QUOTES = {'"': '"', "'": "'", "“": '”“"', "”": '”"', "‘": "’‘'", "＂": '＂"', "「": "」", "`": "`"}
_ENDS = {quote: re.compile(rf"[{closers}]|\\|\n[ \t]*```") for quote, closers in _QUOTES.items()}
_BLANK = re.compile(r"[\s\ufeff\u200b\x00-\x1f\x7f]*")
_COMMENT = re.compile(r"//[^\n]*|/\*[\s\S]*?\*/")
_DOTS = re.compile(r"\.{3,}|…+")
_OVER = re.compile(r"```|<[|/]")
_QUOTED_KEY = re.compile(r"[\"“”'‘`＂「]([^\W\d][\w -]{0,40})[\"“”'’`＂」]\s{0,20}[:：]")
_BARE_KEY = re.compile(rf"(?:{'|'.join(sorted(KEYS))})\s{{0,20}}[:：]")
_KEY_BEGUN = re.compile(r"[\"“'‘`＂「]\w{0,40}$")
_NAME = re.compile(r"[^\W\d]\w{0,60}")
_BARE = re.compile(r"[^\s,，;；、\[\]{}｛｝【】［］\"“”'：:]{1,80}(?:[:：][\w.]{1,20}){0,3}")
_NUMBER = re.compile(r"[-+]?(?:\d{1,20}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][-+]?\d{1,4})?")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|([\s\S]))")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", '"': '"', "\\": "\\", "/": "/"}
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None, "none": None, "undefined": None}
_NO_NUMBERS = frozenset({"nan", "infinity", "-infinity", "inf", "-inf"})
_MISSING = object()
"""Instead of a value that the text ended in."""


class SyntaxFault(Exception):
    """It cannot be told how to read on from the offset ``at``."""

    def __init__(self, at: int, message: str) -> None:
        super().__init__(message)
        self.at = at


class Open(dict[str, Any]):
    """An object whose end is missing; its members are whole."""


class Several(list[Any]):
    """The values of a key that an object has more than once."""


def read_value(text: str, at: int, log: Log) -> tuple[Any, int, bool]:
    """The object or list that begins at ``at``: the value, where it ends, and whether the text was over before it.

    Raises:
        SyntaxFault: there is no one way to read it.
    """
    numbers: list[str] = []
    decoder = json.JSONDecoder(object_pairs_hook=_together, parse_constant=numbers.append)
    try:
        value, end = decoder.raw_decode(text, at)
    except (ValueError, RecursionError):
        loose = _Loose(text, at, log)
        return loose.value("value"), loose.at, loose.cut
    if numbers:
        log.add("json.number", at, numbers[0])
    return value, end, False


def _together(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for key, value in pairs:
        if key not in members:
            members[key] = value
        elif isinstance(members[key], Several):
            members[key].append(value)
        else:
            members[key] = Several([members[key], value])
    return members


class _Loose:
    """One pass over the text; ``closers`` are the brackets that are still to come, ``cut`` says that the text was over before them."""

    def __init__(self, text: str, at: int, log: Log) -> None:
        self.text, self.at, self.log = text, at, log
        self.cut = False
        self.closers: list[str] = []

    def value(self, role: Role) -> Any:
        self._skip()
        if self._is_over(self.at):
            self.cut = True
            return _MISSING
        char = self.text[self.at]
        if char in _OBJECTS:
            return self._object()
        if char in _LISTS:
            return self._list()
        return self._string(role) if char in _QUOTES else self._bare()

    def _object(self) -> dict[str, Any]:
        self._open("}")
        pairs: list[tuple[str, Any]] = []
        while self._has_next("}", first=not pairs):
            key = self._key()
            value = _MISSING if key is _MISSING else self.value("value")
            if value is not _MISSING:
                pairs.append((key, value))
            if self.cut:
                break
        self.closers.pop()
        members = _together(pairs)
        return Open(members) if self.cut else members

    def _list(self) -> list[Any]:
        self._open("]")
        items: list[Any] = []
        while self._has_next("]", first=not items):
            item = self.value("item")
            if item is not _MISSING:
                items.append(item)
            if self.cut:
                break
        self.closers.pop()
        return items

    def _open(self, closer: str) -> None:
        if len(self.closers) >= MAX_DEPTH:
            raise SyntaxFault(self.at, f"it is nested more than {MAX_DEPTH} levels deep")
        self._punctuation("{" if closer == "}" else "[")
        self.closers.append(closer)

    def _has_next(self, closer: str, *, first: bool) -> bool:
        """Go to the next member; false where the bracket closes, was forgotten, or the text is over."""
        num_commas = 0
        while True:
            self._skip()
            if self._is_over(self.at):
                self.cut = True
                return False
            char = self.text[self.at]
            dots = _DOTS.match(self.text, self.at)
            if char in _COMMAS:
                num_commas += 1
                self._punctuation(",")
            elif dots:
                self.log.add("json.comment", self.at, dots[0])
                self.at = dots.end()
            elif char in _CLOSERS and _CLOSERS[char] != closer and _CLOSERS[char] not in self.closers:
                self.log.add("json.bracket", self.at, f"{char} too many")
                self.at += 1
            else:
                break
        if char in _CLOSERS:
            if num_commas:
                self.log.add("json.comma", self.at, f"comma before {char}")
            if _CLOSERS[char] == closer:
                self._punctuation(closer)
            else:
                self.log.add("json.bracket", self.at, f"{closer} missing")
            return False
        if closer == "}" and char in _OBJECTS and self.closers[-2:] == ["]", "}"] and not first:
            self.log.add("json.bracket", self.at, "} missing")
            return False
        if num_commas != (0 if first else 1):
            self.log.add("json.comma", self.at, f"{num_commas} commas")
        return True

    def _key(self) -> Any:
        start = self.at
        if self.text[start] in _QUOTES:
            key = self._string("key")
        elif match := _NAME.match(self.text, start):
            key, self.at = match[0], match.end()
            self.log.add("json.quotes", start, key)
        else:
            raise SyntaxFault(start, f"a key was expected, not {shown(self.text[start : start + 20])!r}")
        if key is _MISSING:
            return _MISSING
        self._skip()
        if self._is_over(self.at):
            self.cut = True
            return _MISSING
        if self.text[self.at] not in _COLONS:
            raise SyntaxFault(self.at, f"a colon was expected after the key {shown(key)!r}")
        self._punctuation(":")
        return key

    def _string(self, role: Role) -> Any:
        start, opener = self.at, self.text[self.at]
        at = start + 1
        num_inner = 0
        while True:
            mark = _ENDS[opener].search(self.text, at)
            if mark is None or mark[0].startswith("\n"):
                self.at, self.cut = len(self.text) if mark is None else mark.start(), True
                return _MISSING
            if mark[0] == "\\":
                at = mark.end() + 1
            elif self._closes(mark.end(), role):
                end, self.at = mark.start(), mark.end()
                break
            elif role == "key":
                raise SyntaxFault(mark.end(), "a colon was expected after a key")
            elif role == "value" and (end := self._unclosed_end(start, mark.start())):
                self.log.add("json.unclosed", start, shown(self.text[start:end]))
                self.at = end
                break
            else:
                num_inner += 1
                at = mark.end()
        if opener != '"':
            self.log.add("json.quotes", start, opener)
        if num_inner:
            self.log.add("json.inner_quote", start, shown(self.text[start + 1 : end]))
        return self._plain(self.text[start + 1 : end], start)

    def _closes(self, at: int, role: Role) -> bool:
        """Whether what follows a quotation mark (at ``at``) goes on with the document."""
        after = self._blank(at)
        if self._is_over(after):
            return True
        char = self.text[after]
        if role == "key":
            return char in _COLONS
        if char in _CLOSERS or self.text.startswith(("//", "/*"), after):
            return True
        if char in _COMMAS:
            after = self._blank(after + 1)
            if self._is_over(after) or self.text[after] in _CLOSERS or self.text.startswith(("//", "/*"), after):
                return True
            if role == "item":
                return self.text[after] in _QUOTES or _DOTS.match(self.text, after) is not None
            return self._is_key(after) or (self.text[after] in _OBJECTS and self.closers[-2:] == ["]", "}"])
        return self._is_key(after) if role == "value" else after > at and char in _QUOTES

    def _is_key(self, at: int) -> bool:
        """Whether a key begins here, or the beginning of one is the end of the text."""
        return any(key.match(self.text, at) for key in (_QUOTED_KEY, _BARE_KEY, _KEY_BEGUN))

    def _unclosed_end(self, start: int, quote: int) -> int:
        """Where a text ends whose closing mark is missing, if the key at ``quote`` is the next member; 0 if it is not."""
        key = _QUOTED_KEY.match(self.text, quote)
        if key is None or key[1] not in KEYS:
            return 0
        between = self.text[max(start + 1, quote - 200) : quote]
        kept = between.rstrip()
        if kept.endswith(tuple(_COMMAS)):
            return quote - len(between) + len(kept) - 1
        return quote - len(between) + len(kept) if "\n" in between[len(kept) :] else 0

    def _plain(self, raw: str, start: int) -> str:
        if "\n" in raw or "\t" in raw:
            self.log.add("json.newline", start)
        if "\\" not in raw:
            return raw

        def plain(escape: re.Match[str]) -> str:
            if escape[1]:
                return chr(int(escape[1], 16))
            if escape[2] not in _ESCAPED:
                self.log.add("json.escape", start, escape[0])
                return escape[2] if not escape[2].isalnum() else escape[0]
            return _ESCAPED[escape[2]]

        text = _ESCAPE.sub(plain, raw)
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")

    def _bare(self) -> Any:
        match = _BARE.match(self.text, self.at)
        if match is None:
            raise SyntaxFault(self.at, f"a value was expected, not {shown(self.text[self.at : self.at + 20])!r}")
        after = self._blank(match.end())
        if after >= len(self.text):
            self.at, self.cut = after, True
            return _MISSING
        over = self._is_over(after) or self.text.startswith(("//", "/*"), after)
        if not (over or self.text[after] in _CLOSERS or self.text[after] in _COMMAS or self._is_key(after)):
            raise SyntaxFault(self.at, f"a text without quotation marks: {shown(self.text[self.at : self.at + 40])!r}")
        start, token, self.at = self.at, match[0], match.end()
        if _NUMBER.fullmatch(token):
            number = float(token) if re.search(r"[.eE]", token) else int(token)
            if math.isfinite(number):
                return number
        if token.casefold() in _NO_NUMBERS or _NUMBER.fullmatch(token):
            self.log.add("json.number", start, token)
            return None
        if token.casefold() in _WORDS:
            return _WORDS[token.casefold()]
        self.log.add("json.bare", start, token)
        return token

    def _skip(self) -> None:
        self.at = self._blank(self.at)
        while comment := _COMMENT.match(self.text, self.at):
            self.log.add("json.comment", self.at, shown(comment[0]))
            self.at = self._blank(comment.end())

    def _blank(self, at: int) -> int:
        blank = _BLANK.match(self.text, at)
        return blank.end() if blank else at

    def _is_over(self, at: int) -> bool:
        return at >= len(self.text) or _OVER.match(self.text, at) is not None

    def _punctuation(self, meant: str) -> None:
        if self.text[self.at] != meant:
            self.log.add("json.punctuation", self.at, self.text[self.at])
        self.at += 1
