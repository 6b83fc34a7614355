"""The words of search: records in, hits out. Plain data; every store speaks it.

A *record* is one searchable unit projected from a Script (an event, or a scene). A *hit* is a moment: asset, scene, events, start,
end, and why it matched. Times are seconds from the first displayed frame.
"""

from __future__ import annotations

from dataclasses import dataclass, field

TEXT_FIELDS = (
    "dialogue",
    "action",
    "expression",
    "audio_cue",
    "subtext",
    "on_screen_text",
    "character",
    "location",
    "environment",
    "mood",
    "time",
    "type",
    "title",
    "plot",
)
"""Fields searched as text, in the order in which people read them."""

ARRANGEMENTS = ("film", "scene", "spread")
"""Orders of hits other than by rank."""

FACETS = ("character", "interaction", "time", "type", "location", "mood", "language", "kind", "asset")
"""Fields that results are counted over."""


@dataclass(frozen=True)
class Record:
    """One searchable unit. ``id`` is stable over re-indexing: ``{asset}:{revision}:{scene or event id}``.

    Attributes:
        kind: ``event`` or ``scene``; ``window`` and ``named window`` are stretches of a scene that only vectors find.
        text: field name → text, for the fields that have any (:data:`TEXT_FIELDS`).
        confidence: field name → 0..1, where the script states one.
        characters: names (and aliases) of who is in it; a scene has everybody of its events.
        embedding_text: the sentence that is embedded; empty for no vector.
        collection: id of the collection that its asset is in; empty for none. What a person may see is said in collections.
        event_ids: of a scene or a window, its events in the order of time.
        lines: of a scene, all its tokens, packed for ranking (:mod:`search.passages`).
    """

    id: str
    asset_id: str
    revision: int
    kind: str
    scene_id: str
    event_id: str
    start_s: float
    end_s: float
    text: dict[str, str]
    characters: tuple[str, ...] = ()
    facets: dict[str, tuple[str, ...]] = field(default_factory=dict)
    confidence: dict[str, float] = field(default_factory=dict)
    embedding_text: str = ""
    collection: str = ""
    event_ids: tuple[str, ...] = ()
    lines: str = ""

    @property
    def scene_record_id(self) -> str:
        """Id of the record of the scene that this is, or is a part of."""
        return f"{self.asset_id}:{self.revision}:{self.scene_id}"


@dataclass(frozen=True)
class MomentName:
    """A moment by its film and a time in it, in seconds."""

    asset_id: str
    time_s: float


@dataclass(frozen=True)
class SearchRequest:
    """What a person asks.

    Attributes:
        text: the query as typed; may hold "quoted phrases", ``field:value`` and the word "only".
        filters: facet → values chosen on the page; values of one facet are alternatives. What has none of them is left out, and
            counted (:attr:`Results.left_out`).
        soft: if true, filters on generated fields re-rank and explain, like what is typed, and leave nothing out. Asset and language
            filters always exclude.
        asset_ids: only these assets ("search in this film"); ``None`` for all.
        collections: only assets of these collections ("" for those in none): what the person may see. Nothing outside them is found,
            counted, suggested or known by name. ``None`` for all.
        arrange: ``film`` or ``scene`` keeps the moments of one together, ``spread`` takes turns between films; empty: by rank.
        like: moments like this one; with ``text``, those of its moments that are.
        limit: hits of the page, at most 200.
        offset: hits before the page.
    """

    text: str
    filters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    soft: bool = False
    asset_ids: frozenset[str] | None = None
    collections: frozenset[str] | None = None
    arrange: str = ""
    like: MomentName | None = None
    limit: int = 20
    offset: int = 0


@dataclass(frozen=True)
class Reason:
    """Why a hit matched: which field, which words of it, how, and how sure the field's value is.

    ``how``: ``words``, ``phrase``, ``similar`` (a synonym or another spelling), ``name``, ``fuzzy`` (a name typed differently),
    ``meaning``, ``facet``, or ``differs``: the field says something else than was asked for.
    """

    field: str
    how: str
    detail: str = ""
    confidence: float | None = None


@dataclass(frozen=True)
class Highlight:
    """A field's text in pieces; ``True`` marks a matched piece. Plain text: whoever shows it escapes it."""

    field: str
    pieces: tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class Hit:
    """A moment. ``event_ids`` are the matching events of the scene, best first; start and end are those of the best event (or the scene).

    The hit of a query of several steps ("A, then B") has an event for each, in the order asked, and runs from the first to the last.
    """

    asset_id: str
    scene_id: str
    event_ids: tuple[str, ...]
    start_s: float
    end_s: float
    score: float
    reasons: tuple[Reason, ...] = ()
    highlights: tuple[Highlight, ...] = ()


@dataclass(frozen=True)
class Chip:
    """One understood part of the query, shown so that a person can remove it (:func:`search.remove_chip`).

    ``kind`` (character, time, mood, location, type, title, language, interaction, field, level, phrase, relation, text, order, like), the
    words it came from (none of a moment that others are to be like), the value.
    """

    kind: str
    words: str
    value: str
    excludes: bool = False


@dataclass(frozen=True)
class Completion:
    """How a query that is being typed may go on: the whole query, what was put in, and its kind.

    ``kind``: character, location, title, time, mood, interaction or word.
    """

    text: str
    value: str
    kind: str


@dataclass(frozen=True)
class Results:
    """A page of hits. ``total`` counts all hits above the floor; ``relaxed`` says in words what was given up to find any.

    ``suggestions`` are whole queries to try instead ("did you mean"), best first. ``left_out``: moments that fit but for the filters on
    generated fields (which can be wrong); an estimate where there are very many.
    """

    hits: tuple[Hit, ...]
    total: int
    facets: dict[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    chips: tuple[Chip, ...] = ()
    relaxed: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
    left_out: int = 0
    took_ms: float = 0.0
