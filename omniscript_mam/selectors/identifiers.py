"""Ids as people give them: whole, without hyphens, or only their beginning."""

from __future__ import annotations

import uuid

HEX_DIGITS = 32


def parse_uuid(text: uuid.UUID | str) -> uuid.UUID | None:
    """The id that a text holds, or ``None``."""
    try:
        return uuid.UUID(str(text))
    except ValueError:
        return None


def uuid_range(prefix: str) -> tuple[uuid.UUID, uuid.UUID] | None:
    """The first and the last id that begin with these hexadecimal digits; ``None`` where no id does.

    Every database keeps ids in this order (as numbers, or as text of fixed length), so that a range finds what a prefix means by its index.
    """
    digits = prefix.strip().lower().replace("-", "")
    if not 0 < len(digits) <= HEX_DIGITS or set(digits) - set("0123456789abcdef"):
        return None
    return uuid.UUID(digits.ljust(HEX_DIGITS, "0")), uuid.UUID(digits.ljust(HEX_DIGITS, "f"))
