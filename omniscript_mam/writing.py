"""What somebody imports who writes a writer of their own (``OMNISCRIPT["WRITERS"]``); these names stay, wherever the code behind them goes.

A writer plans a film into segments, writes each as a draft, and merges the drafts to a script; :class:`Writer` says how.
"""

from inference.writers.base import Film, Plan, PlannedSegment, Report, Writer, no_report

__all__ = ["Film", "Plan", "PlannedSegment", "Report", "Writer", "no_report"]
