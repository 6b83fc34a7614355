"""What the search index has still to learn: the one definition, for the worker, its reaper and verification."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet

from omniscript_mam.models import IndexEntry

_IS_INDEXED = Q(indexed=F("wanted")) & Q(title=F("asset__title"))
_IS_ELSEWHERE = (
    Q(collection__isnull=True, asset__collection__isnull=False)
    | Q(collection__isnull=False, asset__collection__isnull=True)
    | (Q(collection__isnull=False, asset__collection__isnull=False) & ~Q(collection=F("asset__collection")))
)


def pending(generation: str) -> QuerySet[IndexEntry]:
    """The entries whose asset has a script that the index does not hold as it is now.

    That is: another revision, title or collection was indexed, or another release or embedding model did it.

    Args:
        generation: of the index in use (:attr:`search.Searcher.generation`).
    """
    return IndexEntry.objects.filter(wanted__gt=0).filter(~_IS_INDEXED | ~Q(generation=generation) | _IS_ELSEWHERE)
