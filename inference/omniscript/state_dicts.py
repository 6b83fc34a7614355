"""Weights by another name: from the names of the authors' release to ours, by rules in one file (``authors_mapping.json``).

Every name of the release is either renamed, ignored on purpose, or reported; nothing is dropped in silence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from inference.errors import WeightsError

AUTHORS_MAPPING = Path(__file__).with_name("authors_mapping.json")


@dataclass
class Renamed:
    """``names``: ours → theirs. ``ignored``: of no use here. ``unmapped``: no rule knows them."""

    names: dict[str, str] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    unmapped: list[str] = field(default_factory=list)


class NameMapping:
    """Regular expressions, tried in order; each has to match a whole name."""

    def __init__(self, rules: Iterable[tuple[str, str]], ignored: Iterable[str] = ()) -> None:
        self._rules = [(re.compile(pattern), name) for pattern, name in rules]
        self._ignored = [re.compile(pattern) for pattern in ignored]

    @classmethod
    def read(cls, path: Path = AUTHORS_MAPPING) -> NameMapping:
        """Read a mapping file.

        Raises:
            WeightsError: it is not a mapping file; says where.
        """
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            return cls([(rule["pattern"], rule["name"]) for rule in data["rules"]], data.get("ignored", []))
        except (OSError, ValueError, KeyError, TypeError, re.error) as error:
            raise WeightsError(f"{path.name} is no mapping of names: {error}.", remedy="Compare it with the one that ships.") from error

    def rename(self, names: Iterable[str]) -> Renamed:
        """Sort names into renamed, ignored and unmapped.

        Raises:
            WeightsError: two of their weights would become one of ours.
        """
        renamed = Renamed()
        for theirs in names:
            ours = self._ours(theirs)
            if ours in renamed.names:
                raise WeightsError(
                    f"Both {renamed.names[ours]!r} and {theirs!r} would become {ours!r}.",
                    remedy="Make the rules of the mapping stricter.",
                )
            if ours is not None:
                renamed.names[ours] = theirs
            elif any(pattern.fullmatch(theirs) for pattern in self._ignored):
                renamed.ignored.append(theirs)
            else:
                renamed.unmapped.append(theirs)
        return renamed

    def _ours(self, theirs: str) -> str | None:
        for pattern, name in self._rules:
            if matched := pattern.fullmatch(theirs):
                return matched.expand(name)
        return None
