"""Moments like a moment: by the vector of what is said and done in it, or by its rarest words where there are no vectors.

A moment is named by its film and a time in it. Its own scene is left out; each other scene is found once, at the event that is most alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from search.analysis import tokens
from search.ports import Alternative, Scope, SearchIndex, TextQuery, VectorChannel, WordChannel, WordGroup
from search.types import Chip, Highlight, Hit, MomentName, Reason, Record

NUM_ALIKE = 150
NUM_RARE_WORDS = 12
MIN_SHARED = 2
"""Of the rarest words, as many must be shared where words stand for vectors."""

SHOWN = ("dialogue", "action", "audio_cue", "on_screen_text", "location")
MAX_SHOWN_CHARS = 240


def moment_of(stores: SearchIndex, name: MomentName, collections: frozenset[str] | None) -> Record | None:
    """The event at (or next to) a time of a film; ``None`` where there is none in view.

    Args:
        stores: the index.
        name: the film and the time.
        collections: what the person may see.
    """
    held = stores.records.of_asset(name.asset_id)
    events = [record for record in held if record.kind == "event" and (collections is None or record.collection in collections)]
    return min(events, key=lambda record: (_distance_s(record, name.time_s), -record.start_s), default=None)


def alike(stores: SearchIndex, moment: Record, scope: Scope, floor: float) -> list[Hit]:
    """Moments like one, the likest first, at most :data:`NUM_ALIKE`.

    Args:
        stores: the index.
        moment: an event's record.
        scope: where to look.
        floor: the embedding model's cosine under which texts are unrelated.
    """
    where = replace(scope, kinds=frozenset({"event"}))
    known = stores.vectors.known_vectors([moment.embedding_text]) if moment.embedding_text else {}
    if known:
        [matches] = stores.vectors.find([VectorChannel(known[moment.embedding_text], where, NUM_ALIKE)])
        matches = [match for match in matches if match.score >= floor]
    else:
        [matches] = stores.words.find([WordChannel(_rarest(stores, moment, scope), where, NUM_ALIKE)])
    records = stores.records.records([match.record_id for match in matches], collections=scope.collections) if matches else {}
    best: dict[tuple[str, str], Hit] = {}
    for match in matches:
        record = records.get(match.record_id)
        if record is None or (record.asset_id, record.scene_id) == (moment.asset_id, moment.scene_id):
            continue
        best.setdefault((record.asset_id, record.scene_id), _hit(record, match.score, bool(known)))
    return list(best.values())


def chip_of(moment: Record) -> Chip:
    """What the person asked for, to show; it has no words of the query."""
    said = next((moment.text[name] for name in SHOWN if name in moment.text), moment.text.get("title", ""))
    return Chip("like", "", said if len(said) <= 80 else f"{said[:79]}…")


def _rarest(stores: SearchIndex, moment: Record, scope: Scope) -> TextQuery:
    own = list(dict.fromkeys(tokens(moment.embedding_text)))
    known = stores.words.terms(own, collections=scope.collections).frequencies
    rare = sorted((token for token in own if known[token] > 1), key=lambda token: (known[token], token))[:NUM_RARE_WORDS]
    groups = tuple(WordGroup((Alternative(token),)) for token in rare)
    return TextQuery(groups, minimum=MIN_SHARED) if len(groups) >= MIN_SHARED else TextQuery((WordGroup((Alternative("\0"),)),))


def _hit(record: Record, score: float, is_meant: bool) -> Hit:
    field = next((name for name in SHOWN if name in record.text), "")
    shown: Sequence[Highlight] = (Highlight(field, ((record.text[field][:MAX_SHOWN_CHARS], False),)),) if field else ()
    reason = Reason("meaning", "meaning", f"{score:.2f}") if is_meant else Reason("dialogue", "similar", "")
    ids = (record.event_id,) if record.event_id else ()
    return Hit(record.asset_id, record.scene_id, ids, record.start_s, record.end_s, round(score, 6), (reason,), tuple(shown))


def _distance_s(record: Record, time_s: float) -> float:
    return max(0.0, record.start_s - time_s, time_s - record.end_s)
