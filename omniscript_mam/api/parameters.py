"""What requests of the API say, checked: parameters and bodies.

Problem: a parameter that is passed over is worse than an error, because who sent it believes that it was heeded. So every address names
the parameters it has; another one, one given twice, or one out of its bounds is answered with 400 and its name. Text may hold nothing
that one database stores and another refuses (NUL, half of a surrogate pair), numbers nothing that a column cannot hold.

Contents: :func:`check_query`, :func:`check_text`, :func:`whole_number`, :func:`paging`, :func:`flag`, :func:`one_of`,
:func:`identifier`, :func:`body`, :func:`form`, :func:`list_of`.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

from django.http import QueryDict
from rest_framework.request import Request

from omniscript_mam.errors import ParameterError
from omniscript_mam.selectors.identifiers import named_moment, parse_uuid
from search import MomentName

MAX_LIMIT = 200
"""Most rows of one page."""

DEFAULT_LIMIT = 24
MAX_OFFSET = 10_000_000
MAX_WHOLE = 2**31 - 1
"""Largest whole number that a column of either database holds."""

MAX_DEPTH = 32
"""How deep objects and lists of a body may lie in each other."""

MAX_TEXT = 4_000
"""Longest value of a parameter in an address, in characters."""

FLAGS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False, "": False}


def check_query(query: QueryDict, known: Collection[str], repeated: Collection[str] = ()) -> None:
    """Refuse what an address does not have.

    Args:
        known: the parameters that there are. repeated: those of them that may be given several times.

    Raises:
        ParameterError: an unknown parameter, one given twice, or one whose text cannot be.
    """
    for name, values in query.lists():
        if name not in known:
            remedy = f"Use: {', '.join(known)}." if known else "Leave it out: there are none at this address."
            raise ParameterError(f"There is no parameter “{name[:80]}” here.", remedy=remedy)
        if len(values) > 1 and name not in repeated:
            raise ParameterError(f"“{name}” is given {len(values)} times.", remedy="Give it once.")
        for value in values:
            check_text(name, value)
            if len(value) > MAX_TEXT:
                raise ParameterError(f"“{name}” is longer than {MAX_TEXT} characters.", remedy="Give a shorter text.")


def check_text(name: str, text: str) -> None:
    """Refuse text that cannot be stored or sent.

    Raises:
        ParameterError: it holds NUL or half of a surrogate pair.
    """
    if any(char == "\0" or "\ud800" <= char <= "\udfff" for char in text):
        remedy = "Leave out NUL and halves of surrogate pairs."
        raise ParameterError(f"“{name[:80]}” holds a character that no text may hold.", remedy=remedy)


def whole_number(query: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    """A whole number between ``least`` and ``most``, both included; ``default`` where it is missing or empty.

    Raises:
        ParameterError: it is anything else.
    """
    value = query.get(name, "")
    if not value:
        return default
    digits = value.lstrip("0") or "0"
    if not (value.isascii() and value.isdigit() and len(digits) <= len(str(most)) and least <= int(digits) <= most):
        raise ParameterError(f"“{name}” must be a whole number from {least} to {most}.")
    return int(digits)


def paging(query: Mapping[str, str]) -> tuple[int, int]:
    """``offset`` and ``limit`` of a list.

    Raises:
        ParameterError: one of them is not a number within its bounds.
    """
    return whole_number(query, "offset", 0, 0, MAX_OFFSET), whole_number(query, "limit", DEFAULT_LIMIT, 1, MAX_LIMIT)


def flag(query: Mapping[str, str], name: str) -> bool:
    """True for 1, true, yes, on; false for 0, false, no, off and where it is missing.

    Raises:
        ParameterError: it is anything else.
    """
    value = query.get(name, "").lower()
    if value not in FLAGS:
        raise ParameterError(f"“{name}” must be true or false.")
    return FLAGS[value]


def one_of(query: Mapping[str, str], name: str, known: Collection[str]) -> str:
    """One of the known words; "" where it is missing or empty.

    Raises:
        ParameterError: it is another word.
    """
    value = query.get(name, "")
    if value and value not in known:
        raise ParameterError(f"“{name}” must be one of: {', '.join(known)}.")
    return value


def identifier(name: str, value: str) -> str:
    """An id in its usual spelling; "" passes.

    Raises:
        ParameterError: it is no id.
    """
    parsed = parse_uuid(value) if value else None
    if value and parsed is None:
        raise ParameterError(f"“{name}” must be an id.", remedy="Ids are 32 hexadecimal digits; lists show them.")
    return str(parsed) if parsed else ""


def moment_named(value: str) -> MomentName | None:
    """A moment as ``{asset}@{seconds}``; nothing for "".

    Raises:
        ParameterError: it is none.
    """
    if not value:
        return None
    moment = named_moment(value)
    if moment is None:
        raise ParameterError("“like” names no moment.", remedy="Write it as an asset's id, @ and seconds: 0b9c…@12.5.")
    return moment


def body(request: Request, known: Mapping[str, tuple[type, ...]]) -> dict[str, Any]:
    """The request's JSON object (or form); nothing sent is an empty one.

    Args:
        known: name of each field that may be there → its types.

    Raises:
        ParameterError: not an object, an unknown field, one of another type, or a value that cannot be stored.
    """
    if not isinstance(request.data, Mapping):
        raise ParameterError("The request is not a JSON object.", remedy=f"Send an object with {', '.join(known)}.")
    if isinstance(request.data, QueryDict):
        check_query(request.data, known)
    for name, value in request.data.items():
        if name not in known:
            raise ParameterError(f"There is no field “{name[:80]}” here.", remedy=f"Use: {', '.join(known)}.")
        if not isinstance(value, known[name]) or (isinstance(value, bool) and bool not in known[name]):
            types = " or ".join("null" if each is type(None) else each.__name__ for each in known[name])
            raise ParameterError(f"“{name}” is not of the right type.", remedy=f"It is {types}.")
        _check_value(name, value)
    return dict(request.data.items())


def form(request: Request, known: Collection[str], files: Collection[str]) -> QueryDict:
    """The fields of a form with files, all of them text.

    Raises:
        ParameterError: an unknown field or file, one given twice, or text that cannot be.
    """
    check_query(request.POST, known)
    for name, parts in request.FILES.lists():
        if name not in files:
            raise ParameterError(f"There is no file “{name[:80]}” here.", remedy=f"Send it as: {', '.join(files)}.")
        if len(parts) > 1:
            raise ParameterError(f"“{name}” is given {len(parts)} times.", remedy="Send one file at a time.")
    return request.POST


def seen_revision(request: Request, fields: Mapping[str, Any]) -> int:
    """The revision that a change is made on: ``revision`` of the body, or the header ``If-Match`` with what ``ETag`` said.

    Raises:
        ParameterError: the header names no revision, or another one than the body.
    """
    header = request.headers.get("If-Match", "")
    number = header.strip().removeprefix("W/").strip('"')
    if not header:
        return int(fields.get("revision", 0))
    if not (number.isascii() and number.isdigit() and len(number) < 10) or fields.get("revision", int(number)) != int(number):
        raise ParameterError("“If-Match” does not name the revision that was seen.", remedy='Send what “ETag” said, such as "3".')
    return int(number)


def list_of(values: Any, kind: type, name: str, *, words: str, remedy: str) -> Any:
    """``values`` of the field ``name``, of which each must be a ``kind``; what is not there (``None``) passes.

    Args:
        words: what each must be, for the message: “text”, “a whole number”.

    Raises:
        ParameterError: one is something else.
    """
    if values is not None and not all(isinstance(value, kind) and not isinstance(value, bool) for value in values):
        raise ParameterError(f"{name} holds something that is not {words}.", remedy=remedy)
    return values


def _check_value(name: str, value: Any, depth: int = 0) -> None:
    """Refuse, by the field's name, what lies anywhere in its value and cannot be stored."""
    if depth > MAX_DEPTH:
        raise ParameterError(f"“{name}” holds more than {MAX_DEPTH} levels of objects and lists.", remedy="Send a flatter one.")
    if isinstance(value, str):
        check_text(name, value)
    elif isinstance(value, int | float) and not (math.isfinite(value) if isinstance(value, float) else abs(value) <= MAX_WHOLE):
        raise ParameterError(f"“{name}” holds a number that is too large.", remedy=f"Numbers go to {MAX_WHOLE}.")
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            check_text(name, key)
            _check_value(name, inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _check_value(name, inner, depth + 1)
