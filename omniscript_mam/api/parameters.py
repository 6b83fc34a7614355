"""Query parameters of the API, checked."""

from __future__ import annotations

from collections.abc import Mapping

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


def paging(query: Mapping[str, str]) -> tuple[int, int]:
    """``offset`` and ``limit`` of a list."""
    return whole_number(query, "offset", 0, 0, 10_000_000), whole_number(query, "limit", 24, 1, MAX_LIMIT)


def flag(query: Mapping[str, str], name: str) -> bool:
    """True for 1, true, yes, on."""
    return query.get(name, "").lower() in {"1", "true", "yes", "on"}
