"""Make what the page shows of a film beside the player: poster, sprite sheet with its WebVTT, waveform."""

from __future__ import annotations

from ..renditions import Maker, make_missing
from ..work import Work


def run(work: Work) -> None:
    """Make poster, sprite sheet and waveform from the spool, unless they are there."""
    from inference.media import make_poster, make_sprites, make_waveform

    makers: dict[str, Maker] = {
        "poster": lambda folder, work, report: make_poster(work.path, work.info, folder, report, work.spool),
        "sprite": lambda folder, work, report: make_sprites(work.path, work.info, folder, report, work.spool),
    }
    if work.info.audio:
        makers["waveform"] = lambda folder, work, report: make_waveform(work.path, work.info, folder, report, work.spool)
    make_missing(work, makers)
