"""What requests of the API say, checked: parameters and bodies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.request import Request

from omniscript_mam.errors import AppError

MAX_LIMIT = 200


class ParameterError(AppError):
    """A parameter of the request cannot be understood."""

    code = "request.parameter"
    remedy = "See the API's description at /api/v1/."


def whole_number(query: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    """A whole number between ``least`` and ``most``.

    Raises:
        ParameterError
    """
    value = query.get(name, "")
    if not value:
        return default
    if not (value.isascii() and value.isdigit() and least <= int(value[:12]) <= most):
        raise ParameterError(f"“{name}” must be a whole number from {least} to {most}.")
    return int(value)


def body(request: Request, known: Mapping[str, tuple[type, ...]]) -> dict[str, Any]:
    """The request's JSON object (or form); nothing sent is an empty one.

    Raises:
        ParameterError: not an object, an unknown field, or one of another type.
    """
    if not isinstance(request.data, Mapping):
        raise ParameterError("The request is not a JSON object.", remedy=f"Send an object with {', '.join(known)}.")
    for name, value in request.data.items():
        if name not in known:
            raise ParameterError(f"There is no field “{name}” here.", remedy=f"Use: {', '.join(known)}.")
        if not isinstance(value, known[name]) or isinstance(value, bool):
            types = " or ".join("null" if each is type(None) else each.__name__ for each in known[name])
            raise ParameterError(f"“{name}” is not of the right type.", remedy=f"It is {types}.")
    return dict(request.data.items())


def paging(query: Mapping[str, str]) -> tuple[int, int]:
    """``offset`` and ``limit`` of a list."""
    return whole_number(query, "offset", 0, 0, 10_000_000), whole_number(query, "limit", 24, 1, MAX_LIMIT)


def flag(query: Mapping[str, str], name: str) -> bool:
    """True for 1, true, yes, on."""
    return query.get(name, "").lower() in {"1", "true", "yes", "on"}
