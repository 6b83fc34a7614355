"""Everything that changes the archive. Services take and return models or plain values, raise errors of :mod:`omniscript_mam.errors`,
and know nothing of requests.

    jobs/        the work on a film: ask for it, claim it, do its steps, write its segments
    archive/     files, renditions, scripts, corrections, collections
    search/      bring the index to what the database says
    publishing   send the message that wakes a worker
    writers      which writers there are, opened once per process

A room uses those below it in this list and never one above.

Whatever a door calls takes a :class:`~omniscript_mam.viewer.Viewer` first and begins with its ``require``. The inside of a running job
(leases, steps, segments, workers, reaping), messages and writers take none: they work as the system, on rows that somebody with the right
to it asked for. ``tests/architecture/test_viewers.py`` names these modules and holds all others to the rule.
"""
