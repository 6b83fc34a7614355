"""The documents in a model's text: behind its thinking, inside fences and prose, written twice, or in two parts.

Contents: :func:`find_documents`, :class:`Document`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Set
from dataclasses import dataclass
from typing import Any

from .faults import AnswerError, Log, shown
from .loose_json import SyntaxFault, read_value

MAX_CHARS = 4_000_000
"""Longest text that is read: a few times what 45 minutes of film take."""
MAX_FAULTS = 8
"""Unreadable passages in brackets that are looked behind."""

_START = re.compile(r"[{｛]\s*(?:[\"“”'‘`＂「}｝]|\w{1,40}\s{0,20}[:：]|//|/\*|$)|[\[［【]\s*[{｛]")
_WRITTEN_AS_TEXT = re.compile(r"\"\s*(?:\\[nrt]\s*)*\{(?:\s|\\[nrt])*\\\"")
_OPEN_TAG = re.compile(r"<\s*(?:think|thinking|thought|reasoning)\s*>", re.IGNORECASE)
_CLOSE_TAG = re.compile(r"<\s*/\s*(?:think|thinking|thought|reasoning)\s*>", re.IGNORECASE)
_FENCE = re.compile(r"```[ \t]*\w{0,20}")
_TOKEN = re.compile(r"<\|[\w ]{1,30}\|>|</s>")
_TOKEN_CHARS = 34


@dataclass(frozen=True)
class Document:
    """A JSON value and where it stands."""

    value: Any
    start: int
    end: int
    is_cut: bool


def find_documents(text: str, keys: Set[str], parts: Set[str], log: Log) -> tuple[str, list[Document]]:
    """The thinking part, and every document that may be (a part of) an answer.

    Args:
        keys: the keys of a whole answer.
        parts: further keys, of parts that may stand alone.

    Raises:
        AnswerError: there is no document, or one that cannot be read.
    """
    if len(text) > MAX_CHARS:
        raise AnswerError("line 1, column 1", f"it is {len(text):,} characters long, more than {MAX_CHARS:,}")
    end = _end(text, log)
    thinking, at, is_open = _thinking(text, log)
    found = _scan(text[:end], at, keys, parts, log)
    if not found and thinking and not is_open:
        found = _scan(thinking, 0, keys, parts, log)
        if found:
            log.add("thinking.answer", at)
            return thinking[: found[0].start].strip(), [Document(each.value, at, at, each.is_cut) for each in found]
    if not found:
        raise AnswerError(log.place(min(at, len(text))), _nothing(text[at:end]))
    if is_open:
        thinking = text[at : found[0].start].strip()
    _tell_around(text[:end], found[0].start if is_open else at, found, log)
    return thinking, found


def _end(text: str, log: Log) -> int:
    """Where the text ends but for blanks and special tokens."""
    end = len(text.rstrip())
    while found := re.search(rf"(?:{_TOKEN.pattern})$", text[max(0, end - _TOKEN_CHARS) : end]):
        log.add("text.tokens", end - len(found[0]), found[0])
        end -= len(found[0])
        while end and text[end - 1].isspace():
            end -= 1
    return end


def _thinking(text: str, log: Log) -> tuple[str, int, bool]:
    """What was thought, where to read on, and whether it is not closed (it then goes up to the document)."""
    first = _START.search(text)
    limit = first.start() if first else len(text)
    thoughts, at = [], 0
    while opening := _OPEN_TAG.search(text, at, max(limit, at)):
        closing = _CLOSE_TAG.search(text, opening.end())
        if closing is None:
            log.add("thinking.tags", opening.start(), "it is not closed")
            return "", opening.end(), True
        thoughts.append(text[opening.end() : closing.start()].strip())
        at = closing.end()
        first = _START.search(text, at)
        limit = first.start() if first else len(text)
    if not thoughts and (closing := _CLOSE_TAG.search(text, 0, limit)):
        log.add("thinking.tags", 0, "it is not opened")
        thoughts, at = [text[: closing.start()].strip()], closing.end()
    return "\n".join(thoughts), at, False


def _scan(text: str, at: int, keys: Set[str], parts: Set[str], log: Log) -> list[Document]:
    found: list[Document] = []
    faults: list[SyntaxFault] = []
    while start := _START.search(text, at):
        mark = log.mark()
        try:
            value, end, is_cut = read_value(text, start.start(), log)
        except SyntaxFault as fault:
            log.back_to(mark)
            faults.append(fault)
            if len(faults) > MAX_FAULTS:
                break
            at = max(start.end(), fault.at)
            continue
        at = max(end, start.end())
        if _has(value, keys) if faults else _has(value, keys | parts) or _is_list(value, keys | parts):
            if faults and not found:
                log.add("document.draft", faults[0].at, str(faults[0]))
                faults.clear()
            found.append(Document(value, start.start(), end, is_cut))
        else:
            log.back_to(mark)
    if faults:
        raise AnswerError(log.place(faults[0].at), str(faults[0])) from faults[0]
    return found or _written_as_text(text, at, keys, parts, log)


def _written_as_text(text: str, at: int, keys: Set[str], parts: Set[str], log: Log) -> list[Document]:
    """A document inside a JSON text: ``"{\\"scenes\\": …}"``."""
    start = _WRITTEN_AS_TEXT.search(text, at)
    if start is None:
        return []
    try:
        inner, length = json.JSONDecoder().raw_decode(text[start.start() :])
    except ValueError:
        return []
    log.add("document.wrapped", start.start(), "as a JSON text")
    end = start.start() + length
    return [Document(each.value, start.start(), end, each.is_cut) for each in _scan(inner, 0, keys, parts, Log(inner))]


def _has(value: Any, keys: Set[str]) -> bool:
    """Whether one of the keys is in the object, or in the one object or list that it wraps."""
    if not isinstance(value, dict):
        return False
    if any(key.strip().casefold() in keys for key in value):
        return True
    inner = next(iter(value.values())) if len(value) == 1 else None
    return (isinstance(inner, dict) and any(key.strip().casefold() in keys for key in inner)) or _is_list(inner, keys)


def _is_list(value: Any, keys: Set[str]) -> bool:
    return isinstance(value, list) and any(isinstance(item, dict) and any(key.strip().casefold() in keys for key in item) for item in value)


def _nothing(rest: str) -> str:
    return f"there is no JSON answer in {shown(rest)!r}" if rest.strip() else "there is no text"


def _tell_around(text: str, at: int, found: list[Document], log: Log) -> None:
    """Note what is left out around and between the documents."""
    for start, end in zip([at, *(each.end for each in found)], [*(each.start for each in found), len(text)], strict=True):
        around = text[start:end]
        if "```" in around:
            log.add("fence", start + around.index("```"))
        rest = _TOKEN.sub("", _FENCE.sub("", around)).strip("\ufeff\u200b \t\r\n,;，；")
        if rest:
            log.add("prose", start + max(0, around.find(rest[:20])), shown(rest))
