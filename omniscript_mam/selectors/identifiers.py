"""Ids as people give them: whole, without hyphens, or only their beginning; and moments by an id and a time."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from search import MomentName

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


def named_moment(text: str) -> MomentName | None:
    """A moment as an address has it, ``{asset}@{seconds}``; ``None`` for anything else."""
    from search import MomentName

    match = re.fullmatch(r"([0-9a-fA-F-]{32,36})@(\d{1,7}(?:\.\d{1,6})?)", text)
    identifier = parse_uuid(match[1]) if match else None
    return MomentName(str(identifier), float(match[2])) if match and identifier else None
