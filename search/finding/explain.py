"""Why a moment was found: reasons, and highlighted text. Plain data; whoever shows it escapes it."""

from __future__ import annotations

from search.analysis import analyse, analyse_query
from search.fields import CONTEXT_FIELDS
from search.finding.moments import Moment
from search.finding.scoring import ScoredRecord
from search.lexicon import INTERACTION_VERBS
from search.query.model import Clause, Cue
from search.types import TEXT_FIELDS, Highlight, Reason, Record

MAX_HIGHLIGHT_CHARS = 240
MAX_HIGHLIGHTS = 4


def reasons_of(moment: Moment, clauses: tuple[Clause, ...], floor: float) -> tuple[Reason, ...]:
    """Every reason, of the best record for one clause, of each step's record for several."""
    pairs = zip(moment.scored_records, clauses, strict=False) if len(clauses) > 1 else [(moment.best, clauses[0])] if clauses else []
    reasons: list[Reason] = []
    for scored, clause in pairs:
        reasons += _cue_reasons(scored)
        reasons += _word_reasons(scored, clause)
        if scored.cosine >= floor and clause.words:
            reasons.append(Reason("meaning", "meaning", f"{scored.cosine:.2f}"))
    return tuple(dict.fromkeys(reasons))


def _cue_reasons(scored: ScoredRecord) -> list[Reason]:
    reasons = []
    for cue, presence in scored.presence.items():
        confidence = scored.record.confidence.get(cue.facet)
        if cue.facet == "character" and presence > 0.0:
            reasons.append(Reason("character", "fuzzy" if cue.is_guess else "name", _name_detail(scored.record, cue), confidence))
        elif presence > 0.0 and cue.facet == "interaction":
            passing = [each.split("\t") for each in scored.record.facets.get("interaction_of", ())]
            told = [f"{one} {INTERACTION_VERBS[kind]} {other}" for one, kind, other in passing if kind in cue.accepts]
            told = told or sorted(cue.accepts)
            reasons.append(Reason(cue.facet, "facet", ", ".join(told), confidence))
        elif presence > 0.0:
            values = sorted(cue.accepts.intersection(scored.record.facets.get(cue.facet, ())))
            reasons.append(Reason(cue.facet, "facet", ", ".join(values), confidence))
        elif presence < 0.0:
            reasons.append(Reason(cue.facet, "differs", ", ".join(scored.record.facets[cue.facet]), confidence))
    return reasons


def _name_detail(record: Record, cue: Cue) -> str:
    own = cue.accepts.intersection(record.facets.get("character", ()))
    if own:
        return sorted(own)[0]
    near = cue.accepts.intersection(record.facets.get("near_character", ()))
    return f"{sorted(near)[0]}, next to it" if near else f"{cue.value}, in the scene"


def _word_reasons(scored: ScoredRecord, clause: Clause) -> list[Reason]:
    reasons = []
    record = scored.record
    for phrase in clause.phrases:
        if scored.has_phrases:
            field = next((name for name in TEXT_FIELDS if _spans(record.text.get(name, ""), set(), [list(phrase.tokens)])), "dialogue")
            reasons.append(Reason(field, "phrase", phrase.words.strip('"“”'), record.confidence.get(field)))
    if scored.is_exact and not clause.phrases:
        reasons.append(Reason("dialogue" if "dialogue" in record.text else "action", "phrase", clause.text.strip()))
    wanted = {word.token for word in clause.words}
    by_field: dict[str, list[str]] = {}
    for token, field in scored.token_fields.items():
        by_field.setdefault(_field_of(record, token, field), []).append(token)
    for field, matched_tokens in by_field.items():
        shown = ", ".join(dict.fromkeys(_as_written(record.text.get(field, ""), token) for token in matched_tokens))
        how = "words" if wanted.intersection(matched_tokens) else "similar"
        reasons.append(Reason(field, how, shown, record.confidence.get(field)))
    return reasons


def _field_of(record: Record, token: str, field: str) -> str:
    if field != "context":
        return field
    return next((name for name in CONTEXT_FIELDS if any(t.text == token for t in analyse(record.text.get(name, "")))), "location")


def _as_written(text: str, token: str) -> str:
    return next((text[known.start : known.end].lower() for known in analyse(text) if known.text.startswith(token)), token)


def highlights_of(moment: Moment, clauses: tuple[Clause, ...]) -> tuple[Highlight, ...]:
    """The fields of the moment's best records that hold matched words, those words marked; the line itself if none is."""
    shown = moment.scored_records[: len(clauses)] if len(clauses) > 1 else moment.scored_records[:1]
    highlights: list[Highlight] = []
    for scored, clause in zip(shown, clauses, strict=False):
        wanted = set(scored.token_fields) | {token.text for cue in clause.names for token in analyse(cue.words)}
        runs = [list(phrase.tokens) for phrase in clause.phrases]
        if scored.is_exact:
            runs.append([token.text for token in analyse_query(clause.text)])
        record = scored.record
        for name in TEXT_FIELDS:
            text = record.text.get(name, "")
            spans = _spans(text, wanted, runs) if text else []
            if spans and name not in ("title", "character"):
                highlights.append(Highlight(name, _pieces(text, spans)))
    if not highlights:
        record = moment.best.record
        name = next((name for name in ("dialogue", "action", "audio_cue", "on_screen_text", "location") if name in record.text), "")
        highlights = [Highlight(name, ((record.text[name][:MAX_HIGHLIGHT_CHARS], False),))] if name else []
    return tuple(dict.fromkeys(highlights))[:MAX_HIGHLIGHTS]


def _spans(text: str, wanted: set[str], runs: list[list[str]]) -> list[tuple[int, int]]:
    """Character ranges of matched words and phrases, merged, in order."""
    known = analyse(text)
    spans = [(token.start, token.end) for token in known if token.text in wanted]
    for run in runs:
        for at in range(len(known) - len(run) + 1):
            if [token.text for token in known[at : at + len(run)]] == run:
                spans.append((known[at].start, known[at + len(run) - 1].end))
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _pieces(text: str, spans: list[tuple[int, int]]) -> tuple[tuple[str, bool], ...]:
    """The text cut at the spans; a long text is cut down to a window around the first of them."""
    start = 0
    if len(text) > MAX_HIGHLIGHT_CHARS and spans[0][0] > MAX_HIGHLIGHT_CHARS // 2:
        start = spans[0][0] - MAX_HIGHLIGHT_CHARS // 3
        start = text.find(" ", start, spans[0][0]) + 1 or start
    end = min(len(text), start + MAX_HIGHLIGHT_CHARS)
    pieces: list[tuple[str, bool]] = [("…", False)] if start else []
    for first, last in spans:
        if first >= end or last <= start:
            continue
        pieces += [(text[start:first], False), (text[first : min(last, end)], True)]
        start = min(last, end)
    pieces += [(text[start:end], False), ("…" if end < len(text) else "", False)]
    return tuple(piece for piece in pieces if piece[0])
