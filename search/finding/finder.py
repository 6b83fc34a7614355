"""From a request to a page of results: understand, gather, judge, select, join, explain."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from search.analysis import stem
from search.finding.channels import Candidates, floor_for, gather, hard_scope, text_query
from search.finding.explain import highlights_of, reasons_of
from search.finding.moments import Moment, follow, join, select
from search.finding.scoring import ScoredRecord, Scorer
from search.ports import Indexer, Scope
from search.query import Gazetteer, ParsedQuery, build_gazetteer, nearest_names, parse
from search.query.model import SOFT, STRONG, Clause, Cue
from search.types import FACETS, Hit, Results, SearchRequest

MAX_LIMIT = 200
ALWAYS_EXCLUDING = ("asset", "language")
"""Filters that are facts, not a model's opinion."""

QueryVector = Callable[[str], tuple[np.ndarray | None, str]]


class Finder:
    """Answers requests. Thread-safe: what it keeps is a gazetteer per version of the index.

    ``use_words`` and ``use_vectors`` switch the channels, to measure each alone.
    """

    def __init__(
        self, indexer: Indexer, query_vector: QueryVector, floor: float, *, use_words: bool = True, use_vectors: bool = True
    ) -> None:
        self.indexer, self.query_vector, self.floor = indexer, query_vector, floor
        self.use_words, self.use_vectors = use_words, use_vectors
        self._gazetteer: tuple[str, Gazetteer] = ("", Gazetteer())
        self._lock = threading.Lock()

    def find(self, request: SearchRequest) -> Results:
        """The page of results for a request."""
        started_s = time.perf_counter()
        gazetteer = self.gazetteer()
        parsed = parse(request.text, gazetteer, lambda word: self.indexer.frequency(stem(word)) > 0)
        parsed, scope = _with_filters(parsed, request)
        notices = list(parsed.notices)
        if not parsed.clauses:
            notices.append("Type what happens, who is there, or a line of dialogue.")
            return Results((), 0, chips=parsed.chips, notices=tuple(notices), took_ms=_ms_since(started_s))
        found = [self._judge(clause, scope, notices) for clause in parsed.clauses]
        moments, relaxed = self._moments(parsed, found)
        relaxed += _absent(found)
        total, facets = self._counts(parsed, scope, found, moments, notices)
        suggestions = () if moments and not relaxed else self._suggestions(request.text, parsed, found, gazetteer)
        if not moments:
            notices.append("Nothing in the archive matches this.")
        offset, limit = max(0, request.offset), max(0, min(request.limit, MAX_LIMIT))
        hits = tuple(self._hit(moment, parsed) for moment in moments[offset : offset + limit])
        return Results(hits, total, facets, parsed.chips, tuple(relaxed), tuple(dict.fromkeys(notices)), suggestions, _ms_since(started_s))

    def gazetteer(self) -> Gazetteer:
        """Names, places and titles of the index as it is now."""
        version = self.indexer.version
        with self._lock:
            if self._gazetteer[0] != version:
                self._gazetteer = (version, build_gazetteer(self.indexer))
            return self._gazetteer[1]

    def _judge(self, clause: Clause, scope: Scope, notices: list[str]) -> tuple[Candidates, list[ScoredRecord]]:
        vector = None
        if self.use_vectors and clause.words and clause.sentence:
            vector, notice = self.query_vector(clause.sentence)
            notices += [notice] if notice else []
        candidates = gather(self.indexer, clause, hard_scope(scope, clause), vector, use_words=self.use_words)
        judge = Scorer(clause, candidates)
        records = self.indexer.records(candidates.ids)
        return candidates, [judge.judge(records[key]) for key in candidates.ids if key in records]

    def _moments(self, parsed: ParsedQuery, found: Sequence[tuple[Candidates, list[ScoredRecord]]]) -> tuple[list[Moment], list[str]]:
        chosen = [
            select(clause, judged, floor_for(self.floor, candidates.words))
            for clause, (candidates, judged) in zip(parsed.clauses, found, strict=True)
        ]
        relaxed = list(dict.fromkeys(message for _, messages in chosen for message in messages))
        if len(chosen) == 1:
            return join(chosen[0][0], parsed.level), relaxed
        return follow(parsed, [judged for judged, _ in chosen]), relaxed

    def _counts(
        self,
        parsed: ParsedQuery,
        scope: Scope,
        found: Sequence[tuple[Candidates, list[ScoredRecord]]],
        moments: list[Moment],
        notices: list[str],
    ) -> tuple[int, dict[str, tuple[tuple[str, int], ...]]]:
        """Total and facet counts: of the moments, or by the engine when there are more matches than were judged."""
        if len(parsed.clauses) > 1 or parsed.level == "line" or not (moments and found[0][0].is_capped):
            return len(moments), _facets(moments)
        clause, candidates = parsed.clauses[0], found[0][0]
        query = replace(text_query(clause, candidates.words), boosts=())
        wanted = hard_scope(scope, clause)
        asked = [part for part in clause.cues if not part.excludes and (part.strength == STRONG or not clause.words)]
        pairs = [("about_character" if part.facet == "character" else part.facet, part.accepts) for part in asked]
        minimum = max(1, -(-len(query.groups) // 2)) if query.groups else 0
        counted = self.indexer.count(replace(query, minimum=minimum), replace(wanted, required=(*wanted.required, *pairs)), FACETS)
        if counted.num_scenes <= len(moments):
            return len(moments), _facets(moments)
        notices.append(f"About {counted.num_scenes} moments match; the best {len(moments)} are listed. Add words to narrow the search.")
        return counted.num_scenes, {facet: _ordered(Counter(values)) for facet, values in counted.facets.items() if values}

    def _suggestions(
        self, text: str, parsed: ParsedQuery, found: Sequence[tuple[Candidates, list[ScoredRecord]]], gazetteer: Gazetteer
    ) -> tuple[str, ...]:
        """Whole queries with a word that no record has replaced by the nearest name or word that one has."""
        tried: list[str] = []
        for candidates, _ in found:
            for expanded in candidates.words:
                if not (expanded.is_absent or expanded.is_misspelt):
                    continue
                word = expanded.word.words
                near = nearest_names(word, gazetteer, 2) + self.indexer.near_tokens(expanded.word.token, 2, 2)
                tried += [text.replace(word, other, 1) for other in near if other.casefold() != word.casefold()]
        return tuple(dict.fromkeys(tried))[:3]

    def _hit(self, moment: Moment, parsed: ParsedQuery) -> Hit:
        return Hit(
            asset_id=moment.asset_id,
            scene_id=moment.scene_id,
            event_ids=moment.event_ids,
            start_s=moment.start_s,
            end_s=moment.end_s,
            score=moment.score,
            reasons=reasons_of(moment, parsed.clauses, self.floor),
            highlights=highlights_of(moment, parsed.clauses),
        )


def _with_filters(parsed: ParsedQuery, request: SearchRequest) -> tuple[ParsedQuery, Scope]:
    """Filters chosen on the page: facts exclude, opinions are cues like what was typed, unless the person wants them to exclude."""
    required, cues = [], []
    for facet, values in request.filters.items():
        if not values or facet not in FACETS:
            continue
        if facet in ALWAYS_EXCLUDING or not request.soft:
            required.append((facet, frozenset(values)))
        else:
            cues.append(Cue(facet, "", ", ".join(values), frozenset(values), STRONG if facet == "character" else SOFT))
    clauses = parsed.clauses
    if not clauses and (cues or required):
        clauses = (Clause(text=""),)
    clauses = tuple(replace(clause, cues=(*clause.cues, *cues)) for clause in clauses)
    return replace(parsed, clauses=clauses), Scope(asset_ids=request.asset_ids, required=tuple(required))


def _absent(found: Sequence[tuple[Candidates, list[ScoredRecord]]]) -> list[str]:
    words = dict.fromkeys(expanded.word.words for candidates, _ in found for expanded in candidates.words if expanded.is_absent)
    return [f"No script has “{word}”." for word in words]


def _facets(moments: Sequence[Moment]) -> dict[str, tuple[tuple[str, int], ...]]:
    """Value → number of moments with a matching record that has it."""
    counts: dict[str, Counter[str]] = {facet: Counter() for facet in FACETS}
    for moment in moments:
        for facet, counter in counts.items():
            counter.update({value for found in moment.scored for value in found.record.facets.get(facet, ())})
    return {facet: _ordered(counter) for facet, counter in counts.items() if counter}


def _ordered(counter: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counter.items(), key=lambda item: (-item[1], item[0])))


def _ms_since(started_s: float) -> float:
    return round(1000.0 * (time.perf_counter() - started_s), 3)
