"""One run of long_video.py in a process of its own: writes one film's script and prints what it cost as a line of JSON.

    python benchmarks/long_video_run.py FILM WORKDIR MODEL LOG --strategy tsg

Every question is noted in LOG before it is asked ("asked") and after it is answered ("answered"), flushed to disk each time, so that a
count survives kill -9. A model with random weights has nothing to say and says it at any length, in circles; so the grammar of every
answer is narrowed: ``--events-per-min`` events for each minute of clip, no more and no fewer; only the fields that must be there, lines,
actions and expressions; texts of one length, too short for a circle within a text and long enough that events that repeat each other are
none; no thinking. A run in which the lite writer had to step in fails.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from inference.engines.base import OnText, OnWait, Reply, Request, Usage, ignore_text, ignore_wait
from inference.engines.local.loading import load
from inference.engines.local.local_engine import LocalEngine
from inference.errors import WriterError
from inference.pipeline import draft_note, write_script
from inference.writers.base import Film
from inference.writers.two_stage import TwoStageWriter

TEXT_CHARS = 10
"""Length of every text of an answer."""
SEGMENT_S = 60.0
"""Longest window and segment: with the usual 300 s a film of 5 minutes has two windows and one of 10 three, which hides the slope."""


class Refused(Exception):
    """The model cannot take the question. Not a WriterError, for which the lite writer would step in and be measured instead."""


class Noted(LocalEngine):
    """The local engine, with a note of every question and its cost."""

    def __init__(self, film: Film, log: Path, events_per_min: float) -> None:
        super().__init__(film.options)
        self.log, self.events_per_min = log, events_per_min

    def generate(self, requests: Sequence[Request], on_text: OnText = ignore_text, on_wait: OnWait = ignore_wait) -> list[Reply]:
        """As the local engine, with narrower answers."""
        narrow = [replace(each, schema=self._narrowed(each), thinking=False) for each in requests]
        for request in requests:
            self._note("asked", request, {})
        try:
            replies = super().generate(narrow, on_text, on_wait)
        except WriterError as error:
            raise Refused(str(error)) from error
        for request, reply in zip(requests, replies, strict=True):
            self._note("answered", request, {"finish": reply.finish, **_counts(reply.usage)})
        return replies

    def _narrowed(self, request: Request) -> dict[str, Any]:
        minutes = 0.0 if request.clip is None else request.clip.duration_s / 60
        counts = {"scenes": 1, "segments": 1, "events": math.ceil(minutes * self.events_per_min)}

        def narrowed(part: Any, name: str = "") -> Any:
            if not isinstance(part, dict):
                return part
            made = {key: narrowed(value, key if key != "items" else "") for key, value in part.items()}
            if part.get("type") == "array":
                made |= {"minItems": counts.get(name, 0), "maxItems": counts.get(name, 0)}
            elif isinstance(part.get("maxLength"), int):
                made |= {"minLength": TEXT_CHARS, "maxLength": TEXT_CHARS}
            elif isinstance(part.get("properties"), dict):
                kept = {*part.get("required", ()), "dialogue", "action", "expression"}
                made["properties"] = {key: value for key, value in made["properties"].items() if key in kept}
                made["required"] = list(made["properties"])
            return made

        return dict(narrowed(request.schema))

    def _note(self, what: str, request: Request, more: dict[str, object]) -> None:
        with self.log.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"what": what, "purpose": request.purpose, "key": request.key, **more}) + "\n")
            file.flush()
            os.fsync(file.fileno())


def main() -> None:
    """Write the script, then print the seconds of each stage and what the process used."""
    parser = argparse.ArgumentParser()
    for name in ("film", "workdir", "model", "log"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--strategy", choices=["tsg", "lce"], default="tsg")
    parser.add_argument("--events-per-min", type=float, default=1.0)
    arguments = parser.parse_args()
    options = {"model_path": str(arguments.model), "strategy": arguments.strategy, "hints": False, "segment_s": SEGMENT_S}
    writer = TwoStageWriter("omniscript", lambda film: Noted(film, arguments.log, arguments.events_per_min))
    marks: dict[str, tuple[float, float]] = {}

    def report(share: float, message: str) -> None:
        marks.setdefault(message.partition(":")[0], (time.monotonic(), _cpu_s()))

    load(LocalEngine(options).model_options)
    loaded = time.monotonic(), _cpu_s()
    script = write_script(arguments.film, workdir=arguments.workdir, writer=writer, options=options, report=report)
    ended = time.monotonic(), _cpu_s()
    faults = [note.fault for path in arguments.workdir.glob("*/*/draft-*.json") if (note := draft_note(path.read_text())).fault]
    if faults:
        raise Refused(faults[0])
    planned = marks.get("plan", ended)
    print(
        json.dumps(
            {
                "survey_s": planned[0] - loaded[0],
                "model_wall_s": ended[0] - planned[0],
                "model_cpu_s": ended[1] - planned[1],
                "num_scenes": len(script.scenes),
                "num_events": sum(1 for _ in script.events()),
            }
        )
    )


def _counts(usage: Usage) -> dict[str, object]:
    return {"num_prompt_tokens": usage.num_prompt_tokens, "num_new_tokens": usage.num_new_tokens, "seconds": usage.seconds}


def _cpu_s() -> float:
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in both)


if __name__ == "__main__":
    main()
