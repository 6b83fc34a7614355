"""What every writer says of a film as a whole: title, languages, rate, and one sentence that an archivist can check at a glance.

Contents: :func:`film_meta`, :func:`title_card` (the film's own title, where a card shows it), :func:`largest`, :func:`describe_film`,
:func:`listed`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from inference.evidence.observed import TextSpan
from inference.film import Film
from inference.media.frame_rates import constant_rate
from omniscript_mam.script import Character, Meta, Provenance, Scene


def film_meta(
    film: Film, *, description: str, languages: list[str], card: TextSpan | None, by: Provenance, notes: Sequence[str] = ()
) -> Meta:
    """What every writer says of a film as a whole.

    Args:
        card: the title card, taken where nobody gave a title.
        by: who says it. notes: what was left out or is doubtful, besides what the probe says of the file.
    """
    video = film.info.video
    rate = ""
    if video is not None and video.frame_rate > 0:  # frames of a variable rate are counted as the proxy shows them
        rate = str(constant_rate(video.frame_rate) if video.is_variable else video.frame_rate)
    provenance = {"description": by.model_copy(update={"evidence": "counted"})}
    if languages:
        provenance["languages"] = by.model_copy(update={"confidence": 0.8, "evidence": "vote over the film"})
    title = film.title
    if not title and card is not None:
        title = " ".join(card.text.split())
        provenance["title"] = by.model_copy(update={"confidence": 0.5, "evidence": f"title card at {card.start_s:.1f} s"})
    return Meta(
        title=title[:500],
        description=description,
        duration_s=film.info.duration_s,
        frame_rate=rate,
        start_timecode=film.info.start_timecode,
        languages=languages,
        notes=[note[:500] for note in dict.fromkeys((*film.info.notes, *film.spool.notes(), *notes))],
        provenance=provenance,
    )


def title_card(texts: list[TextSpan], duration_s: float) -> TextSpan | None:
    """The film's own title, where a card shows it: large, short, in the first fifth, and nobody's name or notice."""
    notices = re.compile(
        r"present|produc|direct|studio|pictures|films?\b|copyright|©|\d{4}|rated|www|\.com|\.org|foundation|\bby\b", re.IGNORECASE
    )
    fit = [
        text
        for text in texts
        if text.role == "title"
        and text.start_s < max(20.0, 0.2 * duration_s)
        and text.confidence >= 0.8
        and 2 <= len(text.text.split()) + (len(text.text) > 3) <= 7
        and not notices.search(text.text)
    ]
    return largest(fit)


def largest(cards: Sequence[TextSpan]) -> TextSpan | None:
    """The card with the largest letters, the first of several."""
    return max(cards, key=lambda text: (text.box[3], -text.start_s), default=None)


def describe_film(scenes: Sequence[Scene], characters: Sequence[Character], duration_s: float, languages: Sequence[str]) -> str:
    """One sentence that an archivist can check at a glance."""
    minutes, seconds = divmod(round(duration_s), 60)
    num_lines = sum(bool(e.dialogue) for s in scenes for e in s.events)
    parts = [f"{minutes}:{seconds:02d} min", f"{len(scenes)} scene{'s' if len(scenes) != 1 else ''}"]
    if num_lines:
        spoken = f" ({', '.join(languages)})" if languages else ""
        parts.append(f"{num_lines} line{'s' if num_lines != 1 else ''} of dialogue{spoken}")
    named = [c.name for c in characters if c.named]
    if named:
        parts.append(f"with {listed(named[:6], len(named))}")
    return ", ".join(parts) + "."


def listed(items: Sequence[str], total: int) -> str:
    """Items in a sentence ("a, b and c"); where there are more in all, how many more."""
    if len(items) < total:
        return f"{', '.join(items)} and {total - len(items)} more"
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
