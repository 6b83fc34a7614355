"""How long a request's body is said to be, in bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

UNKNOWN_LENGTH = "omniscript.length_unknown"
"""Set in a request's environment by a server that passes a chunked body on while it arrives: CONTENT_LENGTH is only a bound then."""


def declared_length(environ: Mapping[str, Any]) -> int:
    """What CONTENT_LENGTH says; 0 where nothing is said that is a number."""
    length = str(environ.get("CONTENT_LENGTH") or "")
    is_said = length.isascii() and length.isdigit() and UNKNOWN_LENGTH not in environ
    return int(length) if is_said and len(length) < 19 else 0
