"""A writer small enough for tests of the machinery: real decoding, no models, the same script every time.

Each segment's draft holds the loudness and brightness of its stretch of film, measured. Every call is written to the file that
OMNISCRIPT_TEST_CALLS names, so that a test can count what was done how often. ``pause_s`` in the options, or
OMNISCRIPT_TEST_PAUSE_S, makes a call last.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from inference.writers.base import Film, Plan, PlannedSegment, Report, no_report
from omniscript_mam.script import Character, Event, Meta, Provenance, Scene, Script


def _note(call: str) -> None:
    if "OMNISCRIPT_TEST_CALLS" in os.environ:
        with Path(os.environ["OMNISCRIPT_TEST_CALLS"]).open("a") as file:
            file.write(f"{call}\n")


class TinyWriter:
    name = "tiny"
    version = "1"

    def plan(self, film: Film, report: Report = no_report) -> Plan:
        _note("plan")
        _pause(film, report)
        length_s = float(film.options.get("segment_s", 10.0))
        starts = list(np.arange(0.0, film.info.duration_s - length_s / 2, length_s)) or [0.0]
        ends = [*starts[1:], film.info.duration_s]
        rows = zip(starts, ends, strict=True)
        return Plan(segments=[PlannedSegment(index=i, start_s=float(a), end_s=float(b)) for i, (a, b) in enumerate(rows)])

    def write(self, film: Film, plan: Plan, index: int, report: Report = no_report) -> str:
        _note(f"write {index}")
        segment = plan.segments[index]
        _pause(film, report)
        sound = film.spool.audio(segment.start_s, segment.end_s)
        light = [float(frame.image.mean()) for frame in film.spool.frames(segment.start_s, segment.end_s, 1.0)]
        loud = float(np.sqrt(np.mean(sound**2))) if len(sound) else 0.0
        return json.dumps({"loud": round(loud, 4), "light": round(float(np.mean(light)), 1) if light else 0.0})

    def merge(self, film: Film, plan: Plan, drafts: Sequence[str], report: Report = no_report) -> Script:
        _note("merge")
        _pause(film, report)
        by = {"action": Provenance(writer=self.name, version=self.version, confidence=1.0)}
        scenes = []
        for segment, draft in zip(plan.segments, drafts, strict=True):
            found = json.loads(draft)
            times = {"start_s": segment.start_s, "end_s": segment.end_s}
            text = f"Segment {segment.index}: loudness {found['loud']}, light {found['light']}"
            event = Event(id=f"event_{segment.index}", character_id="char_001", action=text, provenance=by, **times)
            scenes.append(Scene(id=f"scene_{segment.index}", location="Test card", events=[event], **times))
        people = [Character(id="char_001", name="Bars", named=True)]
        return Script(meta=Meta(title=film.title, duration_s=film.info.duration_s), characters=people, scenes=scenes)


def _pause(film: Film, report: Report) -> None:
    end_s = time.monotonic() + float(film.options.get("pause_s", os.environ.get("OMNISCRIPT_TEST_PAUSE_S", "0")))
    report(0.0, "measuring")
    while time.monotonic() < end_s:
        time.sleep(0.05)
        report(0.5, "measuring")


class BrokenWriter(TinyWriter):
    """Fails in its second segment until the file OMNISCRIPT_TEST_REPAIRED exists."""

    name = "broken"

    def write(self, film: Film, plan: Plan, index: int, report: Report = no_report) -> str:
        if index == 1 and not Path(os.environ["OMNISCRIPT_TEST_REPAIRED"]).exists():
            raise RuntimeError("the model fell over")
        return super().write(film, plan, index, report)
