"""Words by reading every record.

BM25 as Robertson and Zaragoza (2009), k1 = 1.2, b = 0.75, over two bags of tokens per record (its own and its context's), as the
embedded store scores.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence

from rapidfuzz.distance import OSA

from search.fields import BAGS
from search.ports import (
    MAX_EDIT_DISTANCE,
    Alternative,
    Counts,
    Match,
    NearToken,
    Scope,
    TermStatistics,
    TextQuery,
    WordChannel,
    WordGroup,
)
from search.stores.memory.contents import Entry, MemoryStore
from search.types import Record

K1, B = 1.2, 0.75


class MemoryWordStore(MemoryStore):
    """See :class:`search.ports.WordStore`."""

    def replace(self, asset_id: str, revision: int, records: Sequence[Record]) -> None:
        """See :class:`search.ports.WordStore`."""
        self._put(asset_id, revision, [Entry.of(record) for record in records])

    def find(self, channels: Sequence[WordChannel]) -> list[list[Match]]:
        """See :class:`search.ports.WordStore`."""
        entries = self._entries()
        return [_find(entries, channel) for channel in channels]

    def count(self, query: TextQuery, scope: Scope, facets: Sequence[str]) -> Counts:
        """See :class:`search.ports.WordStore`; exact."""
        scenes: set[tuple[str, str]] = set()
        by_value: dict[str, dict[str, set[tuple[str, str]]]] = {facet: {} for facet in facets}
        for entry in self._entries():
            if not (entry.is_in(scope) and _matches(entry, query)):
                continue
            scene = (entry.record.asset_id, entry.record.scene_id)
            scenes.add(scene)
            for facet in facets:
                for value in entry.record.facets.get(facet, ()):
                    by_value[facet].setdefault(value, set()).add(scene)
        return Counts(len(scenes), {facet: {value: len(having) for value, having in values.items()} for facet, values in by_value.items()})

    def terms(
        self, tokens: Sequence[str], *, near_of: Collection[str] = (), num_near: int = 5, collections: frozenset[str] | None = None
    ) -> TermStatistics:
        """See :class:`search.ports.WordStore`."""
        entries = [entry for entry in self._entries(collections) if entry.record.kind in Scope().kinds]
        scenes = [entry for entry in entries if entry.record.kind == "scene"]
        known, of_scenes = (
            Counter(token for entry in some for token in {*entry.tokens["own"], *entry.tokens["context"]}) for some in (entries, scenes)
        )
        near = {token: _near(token, known, num_near) for token in near_of if not known[token]}
        return TermStatistics(
            len(entries), {token: known[token] for token in tokens}, near, len(scenes), {token: of_scenes[token] for token in tokens}
        )

    def values(self, facets: Sequence[str], *, collections: frozenset[str] | None = None) -> dict[str, dict[str, int]]:
        """See :class:`search.ports.WordStore`."""
        answer: dict[str, dict[str, int]] = {}
        for facet in facets:
            counts = {kind: Counter[str]() for kind in ("event", "scene")}
            for entry in self._entries(collections):
                if entry.record.kind in counts:
                    counts[entry.record.kind].update(entry.record.facets.get(facet, ()))
            merged = {**counts["scene"], **counts["event"]}
            answer[facet] = dict(sorted(merged.items(), key=lambda item: (-item[1], item[0])))
        return answer


def _find(entries: list[Entry], channel: WordChannel) -> list[Match]:
    matching = [entry for entry in entries if entry.is_in(channel.scope) and _matches(entry, channel.query)]
    scored = [Match(entry.record.id, _score(entry, channel.query, entries), entry.record.scene_record_id) for entry in matching]
    return sorted(scored, key=lambda match: (-match.score, match.record_id))[: channel.limit]


def _near(token: str, known: Counter[str], limit: int) -> tuple[NearToken, ...]:
    near = sorted((OSA.distance(token, other), -count, other) for other, count in known.items() if other != token)
    return tuple(NearToken(other, distance, -count) for distance, count, other in near if distance <= MAX_EDIT_DISTANCE)[:limit]


def _matches(entry: Entry, query: TextQuery) -> bool:
    if not all(entry.has_phrase(phrase) for phrase in query.phrases):
        return False
    return sum(_has_word(entry, group) for group in query.groups) >= min(query.minimum, len(query.groups))


def _has_word(entry: Entry, group: WordGroup) -> bool:
    names = group.fields or tuple(BAGS)
    return any(_frequency(entry.tokens[name], alternative) for name in names for alternative in group.alternatives)


def _frequency(known: list[str], alternative: Alternative) -> int:
    if alternative.is_prefix:
        return sum(token.startswith(alternative.token) for token in known)
    return known.count(alternative.token)


def _score(entry: Entry, query: TextQuery, entries: list[Entry]) -> float:
    """Sum over groups of the best alternative in the best place, plus phrases as their words."""
    groups = [
        *query.groups,
        *query.boosts,
        *(WordGroup((Alternative(token),), phrase.fields) for phrase in query.phrases for token in phrase.tokens),
    ]
    return sum(_group_score(entry, group, entries) for group in groups)


def _group_score(entry: Entry, group: WordGroup, entries: list[Entry]) -> float:
    places = {name: 1.0 for name in group.fields} or {bag: weight for bag, (_, weight) in BAGS.items()}
    best = 0.0
    for name, place_weight in places.items():
        average = sum(len(other.tokens[name]) for other in entries) / max(1, len(entries)) or 1.0
        for alternative in group.alternatives:
            frequency = _frequency(entry.tokens[name], alternative)
            if not frequency:
                continue
            holders = sum(bool(_frequency(other.tokens[name], alternative)) for other in entries)
            idf = math.log(1 + (len(entries) - holders + 0.5) / (holders + 0.5))
            norm = K1 * (1 - B + B * len(entry.tokens[name]) / average)
            best = max(best, place_weight * alternative.weight * idf * frequency * (K1 + 1) / (frequency + norm))
    return best
