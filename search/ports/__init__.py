"""What search asks of its stores, whatever they are made of: the ports.

    lookups.py     what is asked and answered: scopes, text queries, channels, matches, counts, term statistics
    stores.py      :class:`WordStore`, :class:`VectorStore`, :class:`RecordStore`
    index.py       :class:`SearchIndex`: one of each, written together
    lifecycle.py   :class:`IndexLifecycle`: open, build beside and switch, erase

A store finds candidates; it knows nothing of queries as people type them, of fusion or of moments. All text reaches it as tokens of
:mod:`search.analysis`, so that every store finds the same words. Only what every make has is asked for: terms, prefixes, phrases,
boolean combination, facet filters, nearest vectors with the same filters, term statistics. A store may be at the other end of a network,
so everything that one query asks of it fits into one call of each method.
"""

from .index import SearchIndex
from .lifecycle import IndexLifecycle
from .lookups import (
    MAX_EDIT_DISTANCE,
    Alternative,
    Counts,
    Holding,
    Lookup,
    Match,
    NearToken,
    Phrase,
    Scope,
    TermStatistics,
    TextQuery,
    VectorChannel,
    WordChannel,
    WordGroup,
)
from .stores import RecordStore, Store, VectorStore, WordStore

__all__ = [
    "MAX_EDIT_DISTANCE",
    "Alternative",
    "Counts",
    "Holding",
    "IndexLifecycle",
    "Lookup",
    "Match",
    "NearToken",
    "Phrase",
    "RecordStore",
    "Scope",
    "SearchIndex",
    "Store",
    "TermStatistics",
    "TextQuery",
    "VectorChannel",
    "VectorStore",
    "WordChannel",
    "WordGroup",
    "WordStore",
]
