"""What requests of the API say, checked: parameters and bodies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.request import Request

from omniscript_mam.errors import ParameterError

MAX_LIMIT = 200
"""Most rows of one page."""

DEFAULT_LIMIT = 24
MAX_OFFSET = 10_000_000


def whole_number(query: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    """A whole number between ``least`` and ``most``, both included; ``default`` where it is missing or empty.

    Raises:
        ParameterError: it is anything else.
    """
    value = query.get(name, "")
    if not value:
        return default
    if not (value.isascii() and value.isdigit() and least <= int(value[:12]) <= most):
        raise ParameterError(f"“{name}” must be a whole number from {least} to {most}.")
    return int(value)


def paging(query: Mapping[str, str]) -> tuple[int, int]:
    """``offset`` and ``limit`` of a list.

    Raises:
        ParameterError: one of them is not a number within its bounds.
    """
    return whole_number(query, "offset", 0, 0, MAX_OFFSET), whole_number(query, "limit", DEFAULT_LIMIT, 1, MAX_LIMIT)


def flag(query: Mapping[str, str], name: str) -> bool:
    """True for 1, true, yes, on; false for anything else."""
    return query.get(name, "").lower() in {"1", "true", "yes", "on"}


def body(request: Request, known: Mapping[str, tuple[type, ...]]) -> dict[str, Any]:
    """The request's JSON object (or form); nothing sent is an empty one.

    Args:
        known: name of each field that may be there → its types.

    Raises:
        ParameterError: not an object, an unknown field, or one of another type.
    """
    if not isinstance(request.data, Mapping):
        raise ParameterError("The request is not a JSON object.", remedy=f"Send an object with {', '.join(known)}.")
    for name, value in request.data.items():
        if name not in known:
            raise ParameterError(f"There is no field “{name}” here.", remedy=f"Use: {', '.join(known)}.")
        if not isinstance(value, known[name]) or (isinstance(value, bool) and bool not in known[name]):
            types = " or ".join("null" if each is type(None) else each.__name__ for each in known[name])
            raise ParameterError(f"“{name}” is not of the right type.", remedy=f"It is {types}.")
    return dict(request.data.items())


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
