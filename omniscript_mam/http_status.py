"""The one table of the HTTP status that says the same as an error: of the app, and of the packages it stands on.

Keyed by ``code``, which is part of the wire format; an error without a line of its own takes the line of its nearest base class, so a
subclass is listed only where it differs. 4xx is for what the caller can put right by asking otherwise; what is wrong on our side (a
damaged index, missing weights, a bad setting, a stored document that cannot be read) is 5xx, and 503 where a remedy run here makes the
same request work.
"""

from __future__ import annotations

from omniscript_mam.errors import is_full_disk

UNEXPECTED = 500

STATUS = {
    # the app
    "setting": 500,
    "forbidden": 403,
    "not_found": 404,
    "conflict": 409,
    "collection": 400,
    "character": 400,
    "upload": 400,
    "upload.too_large": 413,
    "upload.not_media": 415,
    "upload.not_here": 400,
    "upload.body_too_large": 413,
    "upload.storage_full": 507,
    "job.lease_lost": 409,
    "broker": 503,
    "index.renewing": 503,
    "read_only": 503,
    "database": 503,
    "port": 500,
    "open": 500,
    "ingest": 500,
    "request": 400,
    "request.origin": 403,
    # the Script document: what is stored was checked when it was stored, so a caller's document is meant
    "script.invalid": 422,
    "script.version": 422,
    "script.timing": 400,
    # the exporters
    "export.format": 400,
    # inference
    "media": 422,
    "media.spool": 500,
    "weights": 503,
    "program.missing": 503,
    "process": 500,
    "writer": 502,
    "writer.endpoint": 500,
    "cancelled": 409,
    # search: a query is never an error, so it is the index or the model of vectors
    "index": 503,
    "record": 500,
    "embedding": 503,
    # eval
    "eval.units": 422,
    "eval.scores": 422,
    "eval.dataset": 422,
    "eval.judge": 502,
    "eval.judge.answer": 502,
    "eval.judge.setting": 500,
    "world": 500,
    "world.story": 400,
    "world.voice": 503,
    "world.font": 503,
}
"""Code of an error → HTTP status."""


def status_of(error: BaseException) -> int:
    """The HTTP status of any error; 500 for one that nobody foresaw."""
    if is_full_disk(error):
        return STATUS["upload.storage_full"]
    own = getattr(error, "code", None)
    codes = [own, *(base.__dict__.get("code") for base in type(error).__mro__)]
    return next((STATUS[code] for code in codes if isinstance(code, str) and code in STATUS), UNEXPECTED)
