"""What goes over the wire, stated field by field: the JSON of the API and of ``omniscript … --json``. One module per resource.

A row of a selector may change with the page that shows it; a field here changes only on purpose, because other programs rely on it
(``tests/app/wire.json`` pins every answer). Each module has a ``TypedDict`` per JSON object and a function of the same name
(``job_wire`` makes a ``JobWire``) that takes what selectors and search give. Times are seconds of the film, dates are ``datetime`` and
become ISO 8601 in the encoder, an id is text, and what is not known is ``""`` or ``None``, never left out.

    pages        a page of a list
    assets       an asset in a list, an asset by itself, its subtitle files, an upload
    jobs         a job in a list, a job with its steps and segments
    characters   what a correction answers
    revisions    the history of a script, comparisons, corrections, what a merge would change
    collections  a collection
    writers      a writer
    search       a page of hits, how a query may go on
    saved        saved searches and what is new
"""

from .assets import asset_detail_wire, asset_wire, subtitles_wire, upload_wire
from .characters import correction_wire, undo_wire
from .collections import collection_wire, collections_wire
from .jobs import job_detail_wire, job_wire
from .pages import page_wire
from .revisions import comparison_wire, corrections_wire, history_wire, merge_wire
from .saved import saved_search_detail_wire, saved_search_wire, saved_searches_wire
from .search import completions_wire, search_wire
from .writers import writers_wire

__all__ = [
    "asset_detail_wire",
    "asset_wire",
    "collection_wire",
    "collections_wire",
    "comparison_wire",
    "completions_wire",
    "correction_wire",
    "corrections_wire",
    "history_wire",
    "job_detail_wire",
    "job_wire",
    "merge_wire",
    "page_wire",
    "saved_search_detail_wire",
    "saved_search_wire",
    "saved_searches_wire",
    "search_wire",
    "subtitles_wire",
    "undo_wire",
    "upload_wire",
    "writers_wire",
]
