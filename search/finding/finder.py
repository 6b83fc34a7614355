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
from search.finding.asking import Sentences, question_of, sentences_of, tokens_beside_words
from search.finding.channels import Candidates, ClauseChannels, candidates_of, channels_of, hard_scope
from search.finding.explain import highlights_of, reasons_of
from search.finding.floors import answering
from search.finding.likeness import alike, chip_of, moment_of
from search.finding.moments import Moment, follow, join, select
from search.finding.ranking import NearnessAsked, RankedScenes, anywhere, inside, rank_scenes, reordered
from search.finding.scoring import ScoredRecord, Scorer
from search.finding.terms import QueryTerms, floor_for
from search.ports import Alternative, Lookup, Scope, SearchIndex, TextQuery, WordChannel, WordGroup
from search.query import GAZETTEER_FACETS, Gazetteer, ParsedQuery, build_gazetteer, clean, parse
from search.query.model import SOFT, STRONG, Clause, Cue
from search.query.spelling import Mending, mended_text
from search.ranking import load_model
from search.types import FACETS, Hit, Record, Results, SearchRequest
from search.vocabulary import is_word

MAX_LIMIT = 200
MAX_SUGGESTIONS = 3
ALWAYS_EXCLUDING = ("asset", "language")
"""Filters that are facts, not a model's opinion."""

MAX_GAZETTEERS = 16
"""Sets of collections whose names are remembered."""

QueryVectors = Callable[[Sequence[str]], tuple[dict[str, np.ndarray], str]]
"""Sentences → a vector each (float32 of shape (num_dims,), of length one), as far as they can be had, and a notice if they cannot."""

MAX_WHOLE_SCENES = 200
"""Scenes that answer as a whole and are listed, beyond those with a record that answers by itself."""

MAX_STEP_WORDS = 12
"""A longer query that says "then" or "while" tells a plot, and is looked for as a whole."""


@dataclass(frozen=True)
class Answer:
    """One clause with its candidates and their scores."""

    clause: Clause
    channels: ClauseChannels
    candidates: Candidates
    scored: list[ScoredRecord]
    ranked: RankedScenes | None = None


class Finder:
    """Answers requests. Thread-safe: what it keeps are the gazetteers of the index's version.

    A request asks the word store for the statistics of its words (:class:`search.finding.terms.QueryTerms`), then each store once for
    everything that its clauses look for, then the record store once for all candidates; where more match than were scored, the word
    store counts them.
    """

    def __init__(
        self,
        stores: SearchIndex,
        query_vectors: QueryVectors,
        floor: float,
        model_id: str = "",
        *,
        use_words: bool = True,
        use_vectors: bool = True,
        use_model: bool = True,
    ) -> None:
        """A finder over open stores.

        Args:
            stores: the index.
            query_vectors: embeds the sentences of a query.
            floor: the embedding model's cosine under which texts are unrelated.
            model_id: the embedding model's name, by which the weights of ranking are chosen; empty for none.
            use_words: false leaves the word channels out, to measure vectors alone.
            use_vectors: false leaves the vectors out, to measure words alone.
            use_model: false ranks moments by their best record, to measure what the model gives.
        """
        self.stores, self.query_vectors, self.floor = stores, query_vectors, floor
        self.use_words, self.use_vectors, self.use_model = use_words, use_vectors, use_model and use_words
        self.models = {True: load_model(model_id), False: load_model("")}
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
        terms, parsed, scope = self._understood(request)
        notices = list(parsed.notices)
        if not parsed.clauses:
            notices.append("Type what happens, who is there, or a line of dialogue.")
            return Results((), 0, chips=parsed.chips, notices=tuple(notices))
        answers = self._answers(parsed, terms, scope, notices)
        moments, relaxed = self._moments(parsed, answers)
        relaxed += _absent(answers)
        total, facets = self._counts(parsed, scope, answers, moments, notices)
        suggestions = self._suggestions(clean(request.text)[0], answers, request.collections)
        if not moments:
            notices.append("Nothing in the archive matches this.")
        offset, limit = max(0, request.offset), max(0, min(request.limit, MAX_LIMIT))
        shown = self._with_lines(arranged(moments, request.arrange)[offset : offset + limit], answers[0], scope)
        hits = tuple(self._hit(moment, parsed) for moment in shown)
        return Results(hits, total, facets, parsed.chips, tuple(relaxed), tuple(dict.fromkeys(notices)), suggestions)

    def judged(self, request: SearchRequest) -> RankedScenes | None:
        """Every candidate scene of a request with its evidence and score; ``None`` where the model does not rank.

        What the weights are fitted on, and what ``omniscript search --explain`` prints.
        """
        terms, parsed, scope = self._understood(request)
        answers = self._answers(parsed, terms, scope, []) if parsed.clauses else []
        return answers[0].ranked if answers else None

    def _understood(self, request: SearchRequest) -> tuple[QueryTerms, ParsedQuery, Scope]:
        gazetteer = self.gazetteer(request.collections)
        terms = QueryTerms(self.stores.words, clean(request.text)[0], request.collections, gazetteer)
        parsed = parse(request.text, gazetteer, terms.has)
        if len(parsed.clauses) > 1 and len(request.text.split()) > MAX_STEP_WORDS:
            parsed = parse(request.text, gazetteer, terms.has, in_steps=False)
        return terms, *_with_filters(parsed, request)

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
        beside = tokens_beside_words(parsed.clauses) if any(clause.words for clause in parsed.clauses) else ()
        expanded = terms.expand([clause.words for clause in parsed.clauses], beside)
        sentences = [sentences_of(clause) for clause in parsed.clauses]
        vectors = self._vectors(parsed.clauses, sentences, notices)
        scopes = [hard_scope(scope, clause) for clause in parsed.clauses]
        asked = [
            channels_of(clause, words, where, vectors.get(clause.sentence), use_words=self.use_words)
            for clause, words, where in zip(parsed.clauses, expanded, scopes, strict=True)
        ]
        is_ranked = self.use_model and len(parsed.clauses) == 1 and parsed.level != "line" and bool(parsed.clauses[0].words)
        near = anywhere(vectors, sentences[0], scopes[0]) if is_ranked else NearnessAsked()
        word_channels = tuple(channel for channels in asked for _, channel in channels.words)
        vector_channels = tuple(channel for channels in asked for channel in channels.vectors)
        words_found, vectors_found = self.stores.find(Lookup(word_channels, (*vector_channels, *near.channels)))
        by_words, by_vectors = iter(words_found), iter(vectors_found)
        candidates = [
            candidates_of(clause, channels, list(islice(by_words, len(channels.words))), list(islice(by_vectors, len(channels.vectors))))
            for clause, channels in zip(parsed.clauses, asked, strict=True)
        ]
        scenes = dict.fromkeys(match.scene for matches in (*words_found, *vectors_found) for match in matches) if is_ranked else {}
        ids = list(dict.fromkeys([*(key for of_clause in candidates for key in of_clause.ids), *sorted(scenes)]))
        records = self.stores.records.records(ids, collections=scope.collections) if ids else {}
        answers = [
            Answer(clause, channels, its_own, _scored(clause, its_own, records))
            for clause, channels, its_own in zip(parsed.clauses, asked, candidates, strict=True)
        ]
        if is_ranked:
            of_scenes = [records[key] for key in sorted(scenes) if key in records]
            answers[0] = replace(answers[0], ranked=self._ranked(answers[0], of_scenes, terms, vectors, sentences[0], scopes[0]))
        return answers

    def _ranked(
        self,
        answer: Answer,
        records: Sequence[Record],
        terms: QueryTerms,
        vectors: Mapping[str, np.ndarray],
        sentences: Sentences,
        scope: Scope,
    ) -> RankedScenes | None:
        """All evidence of these scenes, weighed."""
        if not records:
            return None
        near = inside(vectors, sentences, scope, [record.id for record in records])
        found = self.stores.vectors.find(near.channels) if near.channels else []
        question = question_of(answer.clause, answer.candidates.words, terms)
        best: dict[str, float] = {}
        for scored in answer.scored:
            key = scored.record.scene_record_id
            best[key] = max(scored.score, best.get(key, 0.0))
        return rank_scenes(answer.clause, question, records, near, found, self.models[bool(near.channels)], best, terms.num_scenes)

    def _vectors(self, clauses: Sequence[Clause], sentences: Sequence[Sentences], notices: list[str]) -> dict[str, np.ndarray]:
        """The vectors of the clauses' sentences, if they are wanted and can be had."""
        wanted = [text for clause, its_own in zip(clauses, sentences, strict=True) if clause.words for text in its_own.all]
        if not (self.use_vectors and wanted):
            return {}
        vectors, notice = self.query_vectors(wanted if len(clauses) == 1 else [clause.sentence for clause in clauses])
        notices += [notice] if notice else []
        return vectors

    def _moments(self, parsed: ParsedQuery, answers: Sequence[Answer]) -> tuple[list[Moment], list[str]]:
        chosen = [select(answer.clause, answer.scored, floor_for(self.floor, answer.candidates.words)) for answer in answers]
        relaxed = list(dict.fromkeys(message for _, messages in chosen for message in messages))
        if len(chosen) == 1:
            moments = join(chosen[0][0], parsed.level)
            return (moments, relaxed) if answers[0].ranked is None else self._by_evidence(answers[0], moments, relaxed)
        return follow(parsed, [scored for scored, _ in chosen]), relaxed

    def _by_evidence(self, answer: Answer, moments: list[Moment], relaxed: list[str]) -> tuple[list[Moment], list[str]]:
        """The moments of records that answer by themselves and of scenes that answer as a whole, by all evidence."""
        assert answer.ranked is not None
        ranked, words = answer.ranked, answer.candidates.words
        wholes = answering(answer.clause, ranked, words, self.floor)
        if wholes and relaxed:  # what was given up to find records is there in the scenes
            moments, relaxed = [moment for moment in moments if moment.best.record.scene_record_id in set(wholes)], []
        known = {moment.best.record.scene_record_id for moment in moments}
        scorer = Scorer(answer.clause, answer.candidates)
        records = ranked.table.scenes.records
        added = [scorer.score(records[ranked.places[scene]]) for scene in wholes[:MAX_WHOLE_SCENES] if scene not in known]
        return reordered([*moments, *join(added, "moment")], ranked), relaxed

    def _with_lines(self, moments: Sequence[Moment], answer: Answer, scope: Scope) -> list[Moment]:
        """Moments that only their scene speaks for begin at its nearest line."""
        lines = answer.ranked.nearest_lines if answer.ranked is not None else {}
        wanted = {moment: lines[key] for moment in moments if not moment.event_ids and (key := moment.best.record.id) in lines}
        records = self.stores.records.records(list(wanted.values()), collections=scope.collections) if wanted else {}
        scorer = Scorer(answer.clause, answer.candidates)
        return [
            moment.led_by(scorer.score(record)) if (record := records.get(wanted.get(moment, ""))) and record.event_id else moment
            for moment in moments
        ]

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
