"""The documents in a model's text: behind its thinking, inside fences and prose, written twice, or in two parts.

Contents: :func:`find_documents`, :class:`Document`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Set
from dataclasses import dataclass
from typing import Any

from inference.errors import AnswerError

from .faults import Log, shown
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
"""Longest special token: ``<|``, 30 characters, ``|>``."""


@dataclass(frozen=True)
class Document:
    """A JSON value and where it stands."""

    value: Any
    start: int
    end: int
    is_cut: bool


@dataclass
class _Thinking:
    """What was thought, where it stands, and where to read on; ``is_open``: it is not closed, and goes up to the document."""

    text: str
    spans: list[tuple[int, int]]
    end: int
    is_open: bool = False


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
    thinking = _thinking(text, log)
    documents = _scan(text[:end], thinking.end, keys, parts, log)
    if not documents and thinking.spans and not thinking.is_open:
        (start, stop) = thinking.spans[-1]
        documents = _scan(text[:stop], start, keys, parts, log)
        if documents:
            log.add("thinking.answer", start)
            return text[start : documents[0].start].strip(), documents
    if not documents:
        raise AnswerError(log.place(min(thinking.end, len(text))), _nothing(text[thinking.end : end]))
    if thinking.is_open:
        thinking.text = text[thinking.end : documents[0].start].strip()
        thinking.spans = [(thinking.spans[0][0], documents[0].start)]
    _tell_around(text[:end], [*thinking.spans, *((each.start, each.end) for each in documents)], log)
    return thinking.text, documents


def _end(text: str, log: Log) -> int:
    """Where the text ends but for blanks and special tokens."""
    end = len(text.rstrip())
    while token := re.search(rf"(?:{_TOKEN.pattern})$", text[max(0, end - _TOKEN_CHARS) : end]):
        log.add("text.tokens", end - len(token[0]), token[0])
        end -= len(token[0])
        while end and text[end - 1].isspace():
            end -= 1
    return end


def _thinking(text: str, log: Log) -> _Thinking:
    limit = _first(text, 0)
    thoughts: list[str] = []
    thinking = _Thinking("", [], 0)
    while opening := _OPEN_TAG.search(text, thinking.end, max(limit, thinking.end)):
        closing = _CLOSE_TAG.search(text, opening.end())
        if closing is None:
            log.add("thinking.tags", opening.start(), "it is not closed")
            return _Thinking("", [opening.span()], opening.end(), is_open=True)
        thoughts.append(text[opening.end() : closing.start()].strip())
        thinking = _Thinking("\n".join(thoughts), [*thinking.spans, (opening.start(), closing.end())], closing.end())
        limit = _first(text, thinking.end)
    if not thoughts and (closing := _CLOSE_TAG.search(text, 0, limit)):
        log.add("thinking.tags", 0, "it is not opened")
        thinking = _Thinking(text[: closing.start()].strip(), [(0, closing.end())], closing.end())
    return thinking


def _first(text: str, at: int) -> int:
    """Where the first document may begin."""
    match = _START.search(text, at)
    return match.start() if match else len(text)


def _scan(text: str, at: int, keys: Set[str], parts: Set[str], log: Log) -> list[Document]:
    documents = _written_as_text(text, at, keys, parts, log)
    if documents:
        return documents
    faults: list[SyntaxFault] = []
    while opening := _START.search(text, at):
        mark = log.mark()
        try:
            value, end, is_cut = read_value(text, opening.start(), log)
        except SyntaxFault as fault:
            log.back_to(mark)
            faults.append(fault)
            if len(faults) > MAX_FAULTS:
                break
            at = max(opening.end(), fault.at)
            continue
        at = max(end, opening.end())
        if _has(value, keys) if faults else _has(value, keys | parts) or _is_list(value, keys | parts):
            if faults and not documents:
                log.add("document.draft", faults[0].at, str(faults[0]))
                faults.clear()
            documents.append(Document(value, opening.start(), end, is_cut))
        else:
            log.back_to(mark)
    if faults:
        raise AnswerError(log.place(faults[0].at), str(faults[0])) from faults[0]
    return documents


def _written_as_text(text: str, at: int, keys: Set[str], parts: Set[str], log: Log) -> list[Document]:
    """A document inside a JSON text: ``"{\\"scenes\\": …}"``."""
    start = _WRITTEN_AS_TEXT.search(text, at, _first(text, at))
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


def _tell_around(text: str, spans: list[tuple[int, int]], log: Log) -> None:
    """Note what is left out around and between thinking and documents."""
    for start, end in zip([0, *(end for _, end in spans)], [*(start for start, _ in spans), len(text)], strict=True):
        around = text[start:end]
        if "```" in around:
            log.add("fence", start + around.index("```"))
        rest = _TOKEN.sub("", _FENCE.sub("", around)).strip("\ufeff\u200b\x00 \t\r\n,;，；")
        if rest:
            log.add("prose", start + max(0, around.find(rest[:20])), shown(rest))
