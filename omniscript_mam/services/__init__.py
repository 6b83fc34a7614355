"""Everything that changes the archive. Services take and return models or plain values, raise errors of :mod:`omniscript_mam.errors`,
and know nothing of requests.

    jobs/        the work on a film: ask for it, claim it, do its steps, write its segments
    archive/     files, renditions, scripts, corrections, collections
    search/      bring the index to what the database says
    publishing   send the message that wakes a worker
    writers      which writers there are, opened once per process

A room uses those below it in this list and never one above.
"""
