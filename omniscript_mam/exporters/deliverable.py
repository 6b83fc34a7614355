"""What is exported: a script with everything that a format needs to know of its film, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from omniscript_mam.script import Script, TimeRange, TimingError, parse_frame_rate


@dataclass(frozen=True)
class Deliverable:
    """One script, ready to be written in any format. Nothing of it is changed by an exporter.

    Attributes:
        script: times in seconds from the first displayed frame.
        title: what the film is called in the catalogue; "" leaves it to the script.
        source_name: the file that an editing system links to, as it was delivered.
        frame_rate: frames per second, exact; ``None`` where there are no frames.
        start_timecode: SMPTE label of the first frame, with ``;`` before the frames for drop-frame; "" starts at zero.
        ranges: the stretches that are wanted, in seconds; empty for the whole film.
    """

    script: Script
    title: str = ""
    source_name: str = ""
    frame_rate: Fraction | None = None
    start_timecode: str = ""
    ranges: tuple[TimeRange, ...] = ()

    @classmethod
    def of(cls, script: Script, *, title: str = "", source_name: str = "", ranges: tuple[TimeRange, ...] = ()) -> Deliverable:
        """A deliverable whose clock is the one that the script states; none where it states none that is legal."""
        try:
            frame_rate = parse_frame_rate(script.meta.frame_rate) if script.meta.frame_rate else None
        except TimingError:
            frame_rate = None
        return cls(script, title, source_name, frame_rate, script.meta.start_timecode if frame_rate else "", ranges)

    @property
    def heading(self) -> str:
        """What to write above the script: the catalogue's title, else the script's own, else the source's name."""
        return self.title or self.script.meta.title or self.source_name

    def wanted(self) -> Script:
        """The script, or what of it touches the ranges. Times stay those of the whole film; people stay all of them."""
        if not self.ranges:
            return self.script
        return self.script.model_copy(
            update={
                "plot": [segment for segment in self.script.plot if self._is_wanted(segment)],
                "scenes": [
                    scene.model_copy(
                        update={
                            "events": [event for event in scene.events if self._is_wanted(event)],
                            "interactions": [each for each in scene.interactions if self._is_wanted(each)],
                        }
                    )
                    for scene in self.script.scenes
                    if self._is_wanted(scene)
                ],
                "high_points": [point for point in self.script.high_points if self._is_wanted(point)],
            }
        )

    def _is_wanted(self, part: TimeRange) -> bool:
        """True if a part shares some time with a range; a point in time does if it lies in one."""
        return any(part.start_s < wanted.end_s and max(part.end_s, part.start_s + 1e-9) > wanted.start_s for wanted in self.ranges)
