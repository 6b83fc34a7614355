"""From a request to a page of results: understand, look up, score, select, join, explain."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from search.analysis import raw_words, stem
from search.finding.arranging import arranged
from search.finding.channels import Candidates, ClauseChannels, candidates_of, channels_of, hard_scope
from search.finding.explain import highlights_of, reasons_of
from search.finding.likeness import alike, chip_of, moment_of
from search.finding.moments import Moment, follow, join, select
from search.finding.scoring import ScoredRecord, Scorer
from search.finding.terms import QueryTerms, floor_for
from search.ports import Alternative, Lookup, Scope, SearchIndex, TextQuery, WordChannel, WordGroup
from search.query import GAZETTEER_FACETS, Gazetteer, ParsedQuery, build_gazetteer, clean, parse
from search.query.model import SOFT, STRONG, Clause, Cue
from search.query.spelling import Mending, mended_text
from search.types import FACETS, Hit, Record, Results, SearchRequest
from search.vocabulary import is_word

MAX_LIMIT = 200
MAX_SUGGESTIONS = 3
ALWAYS_EXCLUDING = ("asset", "language")
"""Filters that are facts, not a model's opinion."""

MAX_GAZETTEERS = 16
"""Sets of collections whose names are remembered."""

QueryVector = Callable[[str], tuple[np.ndarray | None, str]]
"""A sentence → its vector (float32 of shape (num_dims,), of length one) and no notice, or ``None`` and a notice."""


@dataclass(frozen=True)
class Answer:
    """One clause with its candidates and their scores."""

    clause: Clause
    channels: ClauseChannels
    candidates: Candidates
    scored: list[ScoredRecord]


class Finder:
    """Answers requests. Thread-safe: what it keeps are the gazetteers of the index's version.

    A request asks the word store for the statistics of its words (:class:`search.finding.terms.QueryTerms`), then each store once for
    everything that its clauses look for, then the record store once for all candidates; where more match than were scored, the word
    store counts them.
    """

    def __init__(
        self, stores: SearchIndex, query_vector: QueryVector, floor: float, *, use_words: bool = True, use_vectors: bool = True
    ) -> None:
        """A finder over open stores.

        Args:
            stores: the index.
            query_vector: embeds a clause.
            floor: the embedding model's cosine under which texts are unrelated.
            use_words: false leaves the word channels out, to measure vectors alone.
            use_vectors: false leaves the vectors out, to measure words alone.
        """
        self.stores, self.query_vector, self.floor = stores, query_vector, floor
        self.use_words, self.use_vectors = use_words, use_vectors
        self._gazetteers: tuple[str, dict[frozenset[str] | None, Gazetteer]] = ("", {})
        self._lock = threading.Lock()

    def find(self, request: SearchRequest) -> Results:
        """The page of results for a request.

        Raises:
            SearchIndexError: the index cannot be used.
        """
        started_s = time.perf_counter()
        if request.like is not None:
            return replace(self._alike(request), took_ms=_ms_since(started_s))
        results = self._find(request)
        left_out = max(0, self._find(_without_opinions(request)).total - results.total) if _filters_by_opinion(request) else 0
        return replace(results, left_out=left_out, took_ms=_ms_since(started_s))

    def _alike(self, request: SearchRequest) -> Results:
        """Moments like the one that is named; of those that answer the text, if there is one."""
        assert request.like is not None
        moment = moment_of(self.stores, request.like, request.collections)
        if moment is None:
            return Results((), 0, notices=("The moment that others should be like is not in the index.",))
        required = tuple((facet, frozenset(values)) for facet, values in request.filters.items() if values and facet in FACETS)
        hits = alike(
            self.stores, moment, Scope(collections=request.collections, asset_ids=request.asset_ids, required=required), self.floor
        )
        found = self._find(replace(request, like=None, offset=0, limit=MAX_LIMIT)) if request.text.strip() else None
        if found is not None:
            answers = {(hit.asset_id, hit.scene_id): hit for hit in found.hits}
            hits = [answers[key] for hit in hits if (key := (hit.asset_id, hit.scene_id)) in answers]
        offset, limit = max(0, request.offset), max(0, min(request.limit, MAX_LIMIT))
        facets = {"asset": _ordered(Counter(hit.asset_id for hit in hits))} if hits else {}
        chips = (chip_of(moment), *(found.chips if found else ()))
        return Results(tuple(hits[offset : offset + limit]), len(hits), facets, chips, notices=found.notices if found else ())

    def _find(self, request: SearchRequest) -> Results:
        gazetteer = self.gazetteer(request.collections)
        text = clean(request.text)[0]
        terms = QueryTerms(self.stores.words, text, request.collections, gazetteer)
        parsed, scope = _with_filters(parse(request.text, gazetteer, terms.has), request)
        notices = list(parsed.notices)
        if not parsed.clauses:
            notices.append("Type what happens, who is there, or a line of dialogue.")
            return Results((), 0, chips=parsed.chips, notices=tuple(notices))
        answers = self._answers(parsed, terms, scope, notices)
        moments, relaxed = self._moments(parsed, answers)
        relaxed += _absent(answers)
        total, facets = self._counts(parsed, scope, answers, moments, notices)
        suggestions = self._suggestions(text, answers, request.collections)
        if not moments:
            notices.append("Nothing in the archive matches this.")
        offset, limit = max(0, request.offset), max(0, min(request.limit, MAX_LIMIT))
        hits = tuple(self._hit(moment, parsed) for moment in arranged(moments, request.arrange)[offset : offset + limit])
        return Results(hits, total, facets, parsed.chips, tuple(relaxed), tuple(dict.fromkeys(notices)), suggestions)

    def gazetteer(self, collections: frozenset[str] | None) -> Gazetteer:
        """Names, places and titles of the index as it is now, as far as these collections have them."""
        version = self.stores.words.version
        with self._lock:
            if self._gazetteers[0] != version or len(self._gazetteers[1]) >= MAX_GAZETTEERS:
                self._gazetteers = (version, {})
            by_collections = self._gazetteers[1]
            if collections not in by_collections:
                by_collections[collections] = build_gazetteer(self.stores.words.values(GAZETTEER_FACETS, collections=collections))
            return by_collections[collections]

    def _answers(self, parsed: ParsedQuery, terms: QueryTerms, scope: Scope, notices: list[str]) -> list[Answer]:
        """Look everything up for all clauses at once, and score what comes."""
        expanded = terms.expand([clause.words for clause in parsed.clauses])
        vectors = [self._vector(clause, notices) for clause in parsed.clauses]
        asked = [
            channels_of(clause, words, hard_scope(scope, clause), vector, use_words=self.use_words)
            for clause, words, vector in zip(parsed.clauses, expanded, vectors, strict=True)
        ]
        word_channels = tuple(channel for channels in asked for _, channel in channels.words)
        vector_channels = tuple(channel for channels in asked for channel in channels.vectors)
        by_words, by_vectors = map(iter, self.stores.find(Lookup(word_channels, vector_channels)))
        candidates = [
            candidates_of(clause, channels, list(islice(by_words, len(channels.words))), list(islice(by_vectors, len(channels.vectors))))
            for clause, channels in zip(parsed.clauses, asked, strict=True)
        ]
        ids = list(dict.fromkeys(key for clause_candidates in candidates for key in clause_candidates.ids))
        records = self.stores.records.records(ids, collections=scope.collections) if ids else {}
        return [
            Answer(clause, channels, its_own, _scored(clause, its_own, records))
            for clause, channels, its_own in zip(parsed.clauses, asked, candidates, strict=True)
        ]

    def _vector(self, clause: Clause, notices: list[str]) -> np.ndarray | None:
        """The clause's vector, float32 of shape (num_dims,), if it is wanted and can be had."""
        if not (self.use_vectors and clause.words and clause.sentence):
            return None
        vector, notice = self.query_vector(clause.sentence)
        notices += [notice] if notice else []
        return vector

    def _moments(self, parsed: ParsedQuery, answers: Sequence[Answer]) -> tuple[list[Moment], list[str]]:
        chosen = [select(answer.clause, answer.scored, floor_for(self.floor, answer.candidates.words)) for answer in answers]
        relaxed = list(dict.fromkeys(message for _, messages in chosen for message in messages))
        if len(chosen) == 1:
            return join(chosen[0][0], parsed.level), relaxed
        return follow(parsed, [scored for scored, _ in chosen]), relaxed

    def _counts(
        self, parsed: ParsedQuery, scope: Scope, answers: Sequence[Answer], moments: list[Moment], notices: list[str]
    ) -> tuple[int, dict[str, tuple[tuple[str, int], ...]]]:
        """Total and facet counts: of the moments, or by the word store when there are more matches than were scored."""
        if len(answers) > 1 or parsed.level == "line" or not (moments and answers[0].candidates.is_capped):
            return len(moments), _facets(moments)
        clause, query = answers[0].clause, replace(answers[0].channels.query, boosts=())
        wanted = hard_scope(scope, clause)
        asked = [cue for cue in clause.cues if not cue.excludes and (cue.strength == STRONG or not clause.words)]
        pairs = [("about_character" if cue.facet == "character" else cue.facet, cue.accepts) for cue in asked]
        minimum = max(1, -(-len(query.groups) // 2)) if query.groups else 0
        counted = self.stores.words.count(replace(query, minimum=minimum), replace(wanted, required=(*wanted.required, *pairs)), FACETS)
        if counted.num_scenes <= len(moments):
            return len(moments), _facets(moments)
        notices.append(f"About {counted.num_scenes} moments match; the best {len(moments)} are listed. Add words to narrow the search.")
        return counted.num_scenes, {facet: _ordered(Counter(values)) for facet, values in counted.facets.items() if values}

    def _suggestions(self, text: str, answers: Sequence[Answer], collections: frozenset[str] | None) -> tuple[str, ...]:
        """The query with every misspelt word mended, and then with what else one of them may be."""
        words = [word for answer in answers for word in answer.candidates.words if word.mendings]
        if not words:
            return ()
        misspelt = [(word.word.typed or word.word.words, [self._written(other, collections) for other in word.mendings]) for word in words]
        best = [(typed, meant[0]) for typed, meant in misspelt]
        others = [[(typed, other), *(pair for pair in best if pair[0] != typed)] for typed, meant in misspelt for other in meant[1:]]
        return tuple(dict.fromkeys(mended_text(text, pairs) for pairs in (best, *others)))[:MAX_SUGGESTIONS]

    def _written(self, mending: Mending, collections: frozenset[str] | None) -> str:
        """The word as people read it: a token that is no word of the language is looked up in a record that has it."""
        if mending.is_name or is_word(mending.word):
            return mending.word
        asked = WordChannel(TextQuery((WordGroup((Alternative(mending.token),)),)), Scope(collections=collections), 1)
        matches = self.stores.words.find([asked])[0]
        record = next(iter(self.stores.records.records([match.record_id for match in matches], collections=collections).values()), None)
        texts = record.text.values() if record else ()
        return next((word for text in texts for word in raw_words(text) if stem(word) == mending.token), mending.word)

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


def _filters_by_opinion(request: SearchRequest) -> bool:
    return not request.soft and any(
        values and facet in FACETS and facet not in ALWAYS_EXCLUDING for facet, values in request.filters.items()
    )


def _without_opinions(request: SearchRequest) -> SearchRequest:
    """The same question with only those filters that are facts, and no hits: for its total."""
    facts = {facet: values for facet, values in request.filters.items() if facet in ALWAYS_EXCLUDING}
    return replace(request, filters=facts, limit=0)


def _with_filters(parsed: ParsedQuery, request: SearchRequest) -> tuple[ParsedQuery, Scope]:
    """Filters chosen on the page exclude; opinions are cues, like what was typed, where the person wants that."""
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
    return replace(parsed, clauses=clauses), Scope(collections=request.collections, asset_ids=request.asset_ids, required=tuple(required))


def _scored(clause: Clause, candidates: Candidates, records: Mapping[str, Record]) -> list[ScoredRecord]:
    scorer = Scorer(clause, candidates)
    return [scorer.score(records[key]) for key in candidates.ids if key in records]


def _absent(answers: Sequence[Answer]) -> list[str]:
    absent = [word for answer in answers for word in answer.candidates.words if word.is_absent and not word.word.is_cue]
    words = dict.fromkeys(expanded.word.words for expanded in absent)
    return [f"No script has “{word}”." for word in words]


def _facets(moments: Sequence[Moment]) -> dict[str, tuple[tuple[str, int], ...]]:
    """Value → number of moments with a matching record that has it."""
    counts: dict[str, Counter[str]] = {facet: Counter() for facet in FACETS}
    for moment in moments:
        for facet, counter in counts.items():
            counter.update({value for scored in moment.scored_records for value in scored.record.facets.get(facet, ())})
    return {facet: _ordered(counter) for facet, counter in counts.items() if counter}


def _ordered(counter: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counter.items(), key=lambda item: (-item[1], item[0])))


def _ms_since(started_s: float) -> float:
    return round(1000.0 * (time.perf_counter() - started_s), 3)
