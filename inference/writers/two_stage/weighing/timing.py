"""Events whose time says nothing: of no length, and heaped on the last moment of their stretch. Times in seconds of the film."""

from __future__ import annotations

from collections.abc import Sequence

from inference.evidence.spans import Span

from ..drafts import DraftEvent
from .codes import Notes

NO_LENGTH_S = 0.05
"""Shorter than this is no length: times are told to a tenth of a second."""
AT_END_S = 0.3
"""What begins so near the end of its stretch, and has no length, was not placed but piled up there."""
LONGEST_S = 1.0
"""An event of no length is given this, or less where the next one begins."""


def with_length(events: Sequence[DraftEvent], span: Span, notes: Notes) -> list[DraftEvent]:
    """The events with a length each; those without one at the end of ``span`` are left out, with a note that keeps their words."""
    starts = sorted({event.start_s for event in events})
    kept = []
    for event in events:
        if event.end_s - event.start_s >= NO_LENGTH_S:
            kept.append(event)
        elif event.start_s >= span[1] - AT_END_S:
            notes.add("event.at_end", event.start_s, told(event))
        else:
            following_s = next((start_s for start_s in starts if start_s >= event.start_s + NO_LENGTH_S), span[1])
            end_s = min(following_s, event.start_s + LONGEST_S, span[1])
            notes.add("event.no_length", event.start_s, f"now to {end_s:.1f} s: {told(event)}")
            kept.append(event.model_copy(update={"end_s": end_s}))
    return kept


def told(event: DraftEvent) -> str:
    """Everything that an event says, in one line."""
    texts = (event.dialogue and f"“{event.dialogue}”", event.action, event.audio_cue, event.expression, event.subtext)
    return "; ".join(text for text in texts if text)
