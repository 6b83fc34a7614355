"""A writer of the newsroom's own, as small as one can be: one event a segment, without any model. Tests use it, for it takes no time."""

import json
from collections.abc import Sequence

from omniscript_mam.script import Character, Event, Meta, Provenance, Scene, Script
from omniscript_mam.writing import Film, Plan, PlannedSegment, Report, no_report


class StillWriter:
    """Writes that somebody reads the news, every five seconds."""

    name = "still"
    version = "1"

    def plan(self, film: Film, report: Report = no_report) -> Plan:
        """Segments of five seconds."""
        end_s = film.info.duration_s
        starts = [float(start) for start in range(0, max(1, int(end_s)), 5)]
        ends = [*starts[1:], end_s]
        return Plan(segments=[PlannedSegment(index=i, start_s=a, end_s=b) for i, (a, b) in enumerate(zip(starts, ends, strict=True))])

    def write(self, film: Film, plan: Plan, index: int, report: Report = no_report) -> str:
        """The line of a segment."""
        return json.dumps({"line": f"And now item number {index + 1}."})

    def merge(self, film: Film, plan: Plan, drafts: Sequence[str], report: Report = no_report) -> Script:
        """One scene a segment."""
        by = {"dialogue": Provenance(writer=self.name, version=self.version)}
        scenes = []
        for segment, draft in zip(plan.segments, drafts, strict=True):
            times = {"start_s": segment.start_s, "end_s": segment.end_s}
            line = json.loads(draft)["line"]
            event = Event(id=f"event_{segment.index}", character_id="char_001", dialogue=line, provenance=by, **times)
            scenes.append(Scene(id=f"scene_{segment.index}", location="News studio", events=[event], **times))
        presenter = Character(id="char_001", name="Presenter", named=True)
        return Script(meta=Meta(title=film.title, duration_s=film.info.duration_s), characters=[presenter], scenes=scenes)
