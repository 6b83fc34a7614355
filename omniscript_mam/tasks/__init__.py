"""The Celery tasks and the reaper, thin over the services. Any Celery application runs them: ours, or that of the site we are added to.

jobs     omniscript.ingest, omniscript.segments, omniscript.index; messages in a broker carry these names, so they never change
reaper   a thread of every worker that wakes what fell asleep
"""

from . import jobs, reaper

__all__ = ["jobs", "reaper"]
