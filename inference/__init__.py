"""Footage in, Script out. The façade: :func:`write_script` for the whole, and the steps for callers that keep their own checkpoints.

Importing this loads no model and no heavy library; writers load theirs when they are asked to work.
"""

from __future__ import annotations

from inference.pipeline import check_plan, input_hash, make_plan, merge, open_film, survey, write_script, write_segment
from inference.writers import Film, Plan, PlannedSegment, Writer, writer

__all__ = [
    "Film",
    "Plan",
    "PlannedSegment",
    "Writer",
    "check_plan",
    "input_hash",
    "make_plan",
    "merge",
    "open_film",
    "survey",
    "write_script",
    "write_segment",
    "writer",
]
